resource "terraform_data" "a" {
  depends_on = ["a."]
  lifecycle {
    ignore_changes = ["in${"put"}"]
  }
}
resource "terraform_data" "b" {}
