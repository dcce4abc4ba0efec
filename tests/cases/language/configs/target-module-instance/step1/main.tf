module "m" {
  source = "./m"
  count  = 3
  i      = count.index
}

resource "terraform_data" "a" {
  count = 3
  input = count.index
}

output "all" {
  value = terraform_data.a[*].input
}
