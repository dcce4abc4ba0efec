resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = {a = true}.a
  }
}
variable "v" {
  nullable    = {a = true}.a
  description = {a = true}.a
}
output "o" {
  value     = 1
  sensitive = {a = true}.a
}
provider "terraform" {
  alias = {a = true}.a
}
