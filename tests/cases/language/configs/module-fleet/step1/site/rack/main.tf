variable "label" {}

resource "terraform_data" "this" {
  input            = { label = var.label, from = basename(path.module) }
  triggers_replace = [var.label]
}

output "label" {
  value = terraform_data.this.input.label
}

output "id" {
  value = terraform_data.this.id
}
