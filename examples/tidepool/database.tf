# The VPC of the databases: no way in or out but the peering.

locals {
  database_subnets = { for i, zone in var.zones : zone => cidrsubnet(var.database_cidr, 3, i) }
  mongo_port       = 27017
}

resource "aws_vpc" "database" {
  cidr_block           = var.database_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = "${var.cluster_name}/database/VPC" }
}

resource "aws_subnet" "database" {
  for_each = local.database_subnets

  vpc_id            = aws_vpc.database.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.cluster_name}/database/${each.key}" }
}

resource "aws_route_table" "database" {
  vpc_id = aws_vpc.database.id

  tags = { Name = "${var.cluster_name}/database/RouteTable" }
}

resource "aws_route_table_association" "database" {
  for_each = local.database_subnets

  subnet_id      = aws_subnet.database[each.key].id
  route_table_id = aws_route_table.database.id
}

resource "aws_security_group" "mongo" {
  name        = "${var.cluster_name}-mongo"
  description = "MongoDB, reached from the cluster"
  vpc_id      = aws_vpc.database.id

  tags = { Name = "${var.cluster_name}/database/mongo" }
}

resource "aws_vpc_security_group_ingress_rule" "mongo" {
  security_group_id = aws_security_group.mongo.id
  description       = "MongoDB from the cluster"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = local.mongo_port
  to_port           = local.mongo_port
}

resource "aws_vpc_security_group_egress_rule" "mongo" {
  security_group_id = aws_security_group.mongo.id
  description       = "Replication between members"
  cidr_ipv4         = var.database_cidr
  ip_protocol       = "tcp"
  from_port         = local.mongo_port
  to_port           = local.mongo_port
}
