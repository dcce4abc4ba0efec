resource "terraform_data" "a" {
  depends_on = ["terraform_data.b"]
  lifecycle {
    ignore_changes = ["input"]
  }
}
resource "terraform_data" "b" {}
