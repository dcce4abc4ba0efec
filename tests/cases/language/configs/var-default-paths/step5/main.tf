variable "a" {
  type    = object({ a = string, a = string })
  default = {}
}
