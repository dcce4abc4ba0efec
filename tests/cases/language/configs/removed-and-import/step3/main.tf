import {
  for_each = { one = "id-1", two = "id-2" }
  to       = terraform_data.y[each.key]
  id       = each.value
}
resource "terraform_data" "y" {
  for_each = toset(["one", "two"])
}
