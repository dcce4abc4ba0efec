variable "a" {
  type    = map(list(number))
  default = { a = ["x"] }
}
