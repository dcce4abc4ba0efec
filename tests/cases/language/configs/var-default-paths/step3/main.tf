variable "a" {
  type    = list(object({ a = optional(number, "x") }))
  default = []
}
