resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = 1 == 1
  }
}
variable "v" {
  nullable    = 1 == 1
  description = 1 == 1
}
output "o" {
  value     = 1
  sensitive = 1 == 1
}
provider "terraform" {
  alias = 1 == 1
}
