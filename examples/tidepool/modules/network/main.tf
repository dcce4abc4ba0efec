data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  public  = { for i, zone in var.zones : zone => cidrsubnet(var.cidr, 3, i) }
  private = { for i, zone in var.zones : zone => cidrsubnet(var.cidr, 3, i + length(var.zones)) }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = "${var.name}/VPC" }

  lifecycle {
    precondition {
      condition     = length(setsubtract(var.zones, data.aws_availability_zones.available.names)) == 0
      error_message = "Not all of ${join(", ", var.zones)} are zones of this region; it has ${join(", ", data.aws_availability_zones.available.names)}."
    }
  }
}

resource "aws_subnet" "public" {
  for_each = local.public

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = true

  tags = merge(var.public_subnet_tags, { Name = "${var.name}/public/${each.key}" })
}

resource "aws_subnet" "private" {
  for_each = local.private

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = merge(var.private_subnet_tags, { Name = "${var.name}/private/${each.key}" })
}

# The way out of public subnets: one table for all of them.

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}/InternetGateway" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}/PublicRouteTable" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = local.public

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

# The way out of private subnets: a table for each zone, so that a zone can get a gateway of its own later; one gateway
# for all of them is enough for a cluster of tests.

resource "aws_eip" "nat" {
  domain = "vpc"

  tags = { Name = "${var.name}/NATIP" }
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public[var.zones[0]].id

  tags = { Name = "${var.name}/NATGateway" }

  # Its address is public only while the VPC has an internet gateway; nothing in its arguments says so.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "private" {
  for_each = local.private

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}/PrivateRouteTable/${each.key}" }
}

resource "aws_route" "nat" {
  for_each = local.private

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}

resource "aws_route_table_association" "private" {
  for_each = local.private

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}
