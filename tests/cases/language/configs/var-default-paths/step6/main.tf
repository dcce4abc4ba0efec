variable "a" {
  type    = list("string")
  default = []
}
