module "network" {
  source = "./modules/network"

  name  = var.cluster_name
  cidr  = var.vpc_cidr
  zones = var.zones

  public_subnet_tags  = merge(local.cluster_tag, { "kubernetes.io/role/elb" = "1" })
  private_subnet_tags = merge(local.cluster_tag, { "kubernetes.io/role/internal-elb" = "1" })
}
