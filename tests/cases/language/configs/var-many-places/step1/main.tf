variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "d" { default = "default" }
variable "e" { default = "default" }
variable "f" {
  type    = list(object({ n = number, on = optional(bool, true) }))
  default = []
}
output "all" { value = [var.a, var.b, var.c, var.d, var.e] }
output "f" { value = var.f }
