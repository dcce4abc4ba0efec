module "site" {
  source   = "./site"
  for_each = { north = 2, south = 1 }
  label    = each.key
  racks    = each.value
}

output "racks" {
  value = { for name, site in module.site : name => site.rack_labels }
}

output "one" {
  value = module.site["north"].first_id
}
