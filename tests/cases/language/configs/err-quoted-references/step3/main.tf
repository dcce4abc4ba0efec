resource "terraform_data" "a" {
  depends_on = ["1x"]
  lifecycle {
    ignore_changes = ["input["]
  }
}
resource "terraform_data" "b" {}
