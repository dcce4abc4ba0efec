terraform {
  language = "x"
  provider_meta "a" {}
  provider_meta "a" {}
  dynamic "backend" {
    for_each = [1]
    content {}
  }
}
