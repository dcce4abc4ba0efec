import {
  to = terraform_data.generated
  id = "abc"
}

import {
  for_each = toset([terraform_data.generated.id])
  to       = terraform_data.b[each.key]
  id       = each.key
}

resource "terraform_data" "b" {
  for_each = toset(["abc"])
}
