terraform {
  required_version = null
  required_providers {
    terraform = {
      source = "terraform.io/builtin/${"terraform"}"
      version = null
    }
  }
}
