resource "terraform_data" "old" {
  input = "kept"
}
resource "terraform_data" "plain" {
  input = "plain"
}
