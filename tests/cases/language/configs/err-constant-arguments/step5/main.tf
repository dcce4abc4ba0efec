resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = [true][0]
  }
}
variable "v" {
  nullable    = [true][0]
  description = [true][0]
}
output "o" {
  value     = 1
  sensitive = [true][0]
}
provider "terraform" {
  alias = [true][0]
}
