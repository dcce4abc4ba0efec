# The nodes are in the public subnets, so the route to the databases stands in the public table.

locals {
  # Two ranges overlap exactly when they are one and the same at the shorter of their two prefixes.
  shorter_prefix   = min([for cidr in [var.vpc_cidr, var.database_cidr] : tonumber(split("/", cidr)[1])]...)
  at_that_prefix   = [for cidr in [var.vpc_cidr, var.database_cidr] : cidrsubnet("${cidrhost(cidr, 0)}/${local.shorter_prefix}", 0, 0)]
  networks_overlap = local.at_that_prefix[0] == local.at_that_prefix[1]
}

resource "aws_vpc_peering_connection" "database" {
  vpc_id      = module.network.vpc_id
  peer_vpc_id = aws_vpc.database.id

  tags = { Name = "${var.cluster_name}-database" }

  lifecycle {
    precondition {
      condition     = !local.networks_overlap
      error_message = "The cluster's ${var.vpc_cidr} and the databases' ${var.database_cidr} overlap, and VPCs that overlap cannot be peered. Choose another vpc_cidr."
    }
  }
}

resource "aws_vpc_peering_connection_accepter" "database" {
  vpc_peering_connection_id = aws_vpc_peering_connection.database.id
  auto_accept               = true # both sides are in this account

  tags = { Name = "${var.cluster_name}-database" }
}

resource "aws_vpc_peering_connection_options" "database" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.database.id

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_route" "to_database" {
  route_table_id            = module.network.public_route_table_id
  destination_cidr_block    = var.database_cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.database.id
}

resource "aws_route" "from_database" {
  route_table_id            = aws_route_table.database.id
  destination_cidr_block    = var.vpc_cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.database.id
}
