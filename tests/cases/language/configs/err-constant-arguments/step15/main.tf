terraform {
  required_version = var.x
  required_providers {
    terraform = {
      source = "terraform.io/builtin/${"terraform"}"
      version = var.x
    }
  }
}
