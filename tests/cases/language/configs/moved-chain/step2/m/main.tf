resource "terraform_data" "new" {
  for_each = toset(["a", "b"])
  input    = "kept"
}
