resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = var.a && local.b
  }
}
variable "v" {
  nullable    = var.a && local.b
  description = var.a && local.b
}
output "o" {
  value     = 1
  sensitive = var.a && local.b
}
provider "terraform" {
  alias = var.a && local.b
}
