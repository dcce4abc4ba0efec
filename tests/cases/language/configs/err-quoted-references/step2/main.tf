resource "terraform_data" "a" {
  depends_on = ["terraform_data.b.id"]
  lifecycle {
    ignore_changes = ["a b"]
  }
}
resource "terraform_data" "b" {}
