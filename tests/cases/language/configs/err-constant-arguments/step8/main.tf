resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = 1 + "x"
  }
}
variable "v" {
  nullable    = 1 + "x"
  description = 1 + "x"
}
output "o" {
  value     = 1
  sensitive = 1 + "x"
}
provider "terraform" {
  alias = 1 + "x"
}
