variable "pass" {
  type      = string
  ephemeral = true
  default   = "hush"
}

locals {
  shout = upper(var.pass)
}

module "m" {
  source = "./m"
  pass   = local.shout
}

output "kept" {
  value = ephemeralasnull(local.shout)
}

output "size" {
  value = module.m.known
}
