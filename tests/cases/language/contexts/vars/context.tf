terraform {
  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}

variable "region" {
  type    = string
  default = "eu-north-1"
}

variable "ports" {
  type    = list(number)
  default = [443, 80, 22]
}

variable "owners" {
  type    = map(string)
  default = { web = "ann", db = "bo" }
}

variable "pools" {
  type = list(object({
    name = string
    size = optional(number, 3)
    taints = optional(set(string), [])
    disk = optional(object({ gib = number, kind = optional(string, "ssd") }))
  }))
}

variable "token" {
  type      = string
  sensitive = true
  default   = "s3cr3t"
}

variable "nothing" {
  type    = string
  default = null
}

locals {
  unknown_text = terraform_data.later.id
  greeting     = "hello ${var.region}"
}

resource "terraform_data" "later" {
  input = { size = 3, names = ["x", "y"] }
}

resource "terraform_data" "many" {
  count = 2
}

resource "terraform_data" "keyed" {
  for_each = toset(["north", "south"])
  input    = each.key
}
