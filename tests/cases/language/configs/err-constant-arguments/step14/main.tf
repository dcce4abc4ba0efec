terraform {
  required_version = 1 + "x"
  required_providers {
    terraform = {
      source = "terraform.io/builtin/${"terraform"}"
      version = 1 + "x"
    }
  }
}
