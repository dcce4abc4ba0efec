resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = null
  }
}
variable "v" {
  nullable    = null
  description = null
}
output "o" {
  value     = 1
  sensitive = null
}
provider "terraform" {
  alias = null
}
