variable "pass" {
  ephemeral = true
}

output "pass" {
  value     = var.pass
  ephemeral = true
}

output "known" {
  value = 1
}
