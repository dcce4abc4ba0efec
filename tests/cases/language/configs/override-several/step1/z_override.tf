locals {
  b = 20
}

variable "who" {
  default = "last"
}

output "o" {
  sensitive = true
}
