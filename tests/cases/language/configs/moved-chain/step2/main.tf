module "m" {
  source = "./m"
}
moved {
  from = terraform_data.old
  to   = module.m.terraform_data.new["a"]
}
resource "terraform_data" "plain" {
  count = 1
  input = "plain"
}
