# The smallest whole world: a name, a greeting made from it, and a file that holds the greeting. No cloud.

variable "greeting" {
  type    = string
  default = "Hello"
}

resource "random_pet" "name" {}

resource "terraform_data" "greeting" {
  input = "${var.greeting}, ${title(random_pet.name.id)}!"
}

resource "local_file" "greeting" {
  filename = "${path.module}/greeting.txt"
  content  = "${terraform_data.greeting.output}\n"
}

output "greeting" {
  value = terraform_data.greeting.output
}
