resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = true ? false : true
  }
}
variable "v" {
  nullable    = true ? false : true
  description = true ? false : true
}
output "o" {
  value     = 1
  sensitive = true ? false : true
}
provider "terraform" {
  alias = true ? false : true
}
