resource "terraform_data" "a" {
  provisioner "local-exec" {
    command    = "true"
    when       = "never"
    on_failure = "conti${"nue"}"
  }
}
