resource "terraform_data" "a" {
  depends_on = [foo]
  lifecycle {
    ignore_changes = [true]
  }
}
resource "terraform_data" "b" {}
