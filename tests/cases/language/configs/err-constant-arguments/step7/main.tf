resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = upper(var.x)
  }
}
variable "v" {
  nullable    = upper(var.x)
  description = upper(var.x)
}
output "o" {
  value     = 1
  sensitive = upper(var.x)
}
provider "terraform" {
  alias = upper(var.x)
}
