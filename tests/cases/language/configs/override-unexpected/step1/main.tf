resource "terraform_data" "a" {
  input  = "x"
  before = 1
}

data "terraform_remote_state" "r" {
  backend = "local"
  config  = { path = "other.tfstate" }
}
