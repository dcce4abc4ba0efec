resource "terraform_data" "x" {
  for_each = {}
  input = count.index
}
