variable "n" {
  type    = number
  default = 4
}
resource "terraform_data" "x" {
  input = { a = [1, 2], b = "text" }
}
