variable "pass" {
  ephemeral = true
  default   = "hush"
}

output "leak" {
  value = var.pass
}

resource "terraform_data" "x" {
  input = "x${var.pass}"
}
