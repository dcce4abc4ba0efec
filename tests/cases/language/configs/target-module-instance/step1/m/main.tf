variable "i" {}

resource "terraform_data" "a" {
  count = 2
  input = "${var.i}-${count.index}"
}

output "o" {
  value = terraform_data.a[0].input
  precondition {
    condition     = terraform_data.a[1].input != "1-1"
    error_message = "never"
  }
}

check "c" {
  assert {
    condition     = terraform_data.a[0].input != "1-0"
    error_message = "not looked at"
  }
}
