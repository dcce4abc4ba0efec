terraform {
  required_version = ">= 99"
}

resource "terraform_data" "a" {
  inputt = 1
  lifecycle {
    ignore_changes = [nothing]
    prevent_destroy = var.x
  }
}

resource "terraform_data" "a" {
}

variable "typed" {
  type    = strng
  default = 1
}

output "o" {
}

output "p" {
  value = terraform_data.b.id
}

data "x" {
}

locals {
  one = local.two
  two = local.one
}

unknown "thing" {
}
