variable "who" {
  default = "first"
}

resource "terraform_data" "x" {
  input = "over ${var.who}"
}
