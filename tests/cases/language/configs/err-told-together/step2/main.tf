resource "terraform_data" "a" {
  inputt = terraform_data.nope
  input  = var.missing
}

output "p" {
  value = terraform_data.a.idd
}

module "m" {
  source = "./none"
}
