resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = foo
  }
}
variable "v" {
  nullable    = foo
  description = foo
}
output "o" {
  value     = 1
  sensitive = foo
}
provider "terraform" {
  alias = foo
}
