variable "a" {
  type    = object({ a = optional(list(string), var.x), b = optional(bool, upper("x")) })
  default = {}
}
