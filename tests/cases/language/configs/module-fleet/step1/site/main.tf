variable "label" {
  type = string
}

variable "racks" {
  type    = number
  default = 1
}

module "rack" {
  source = "./rack"
  count  = var.racks
  label  = "${var.label}-${count.index}"
}

output "rack_labels" {
  value = module.rack[*].label
}

output "first_id" {
  value = module.rack[0].id
}
