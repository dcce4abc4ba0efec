resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = !true
  }
}
variable "v" {
  nullable    = !true
  description = !true
}
output "o" {
  value     = 1
  sensitive = !true
}
provider "terraform" {
  alias = !true
}
