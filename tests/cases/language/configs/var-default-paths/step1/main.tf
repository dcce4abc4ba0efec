variable "a" {
  type    = object({ a = number })
  default = { a = "x" }
}
