resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = "tr${"ue"}"
  }
}
variable "v" {
  nullable    = "tr${"ue"}"
  description = "tr${"ue"}"
}
output "o" {
  value     = 1
  sensitive = "tr${"ue"}"
}
provider "terraform" {
  alias = "tr${"ue"}"
}
