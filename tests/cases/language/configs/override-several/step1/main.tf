variable "who" {
  type        = string
  default     = "base"
  description = "from the base"
}

locals {
  a = 1
  b = 2
}

resource "terraform_data" "x" {
  input            = "base ${var.who}"
  triggers_replace = local.a
  lifecycle {
    create_before_destroy = true
  }
}

output "o" {
  value       = local.b
  description = "kept"
}
