resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = [for x in [true] : x]
  }
}
variable "v" {
  nullable    = [for x in [true] : x]
  description = [for x in [true] : x]
}
output "o" {
  value     = 1
  sensitive = [for x in [true] : x]
}
provider "terraform" {
  alias = [for x in [true] : x]
}
