resource "terraform_data" "a" {
  provisioner "local-exec" {
    command    = "true"
    when       = "de stroy"
    on_failure = "conti${"nue"}"
  }
}
