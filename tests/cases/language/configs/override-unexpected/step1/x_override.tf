resource "terraform_data" "a" {
  input = "y"
  after = 1
  block {}
}
