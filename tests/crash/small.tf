# Every type of the AWS provider once or twice, and as little else as they need.

provider "aws" {
  region = "us-west-2"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = false
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "main" {
  for_each          = { "us-west-2a" = "10.0.0.0/24", "us-west-2b" = "10.0.1.0/24" }
  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value
  availability_zone = each.key
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "nat" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.main["us-west-2a"].id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

# The other subnet stays private: Fargate wants one.
resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main["us-west-2a"].id
  route_table_id = aws_route_table.main.id
}

resource "aws_security_group" "main" {
  name   = "crash"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "main" {
  security_group_id = aws_security_group.main.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "main" {
  security_group_id = aws_security_group.main.id
  cidr_ipv4         = "10.1.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_vpc_peering_connection" "main" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
}

resource "aws_vpc_peering_connection_accepter" "main" {
  vpc_peering_connection_id = aws_vpc_peering_connection.main.id
  auto_accept               = true
}

resource "aws_vpc_peering_connection_options" "main" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.main.id
  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_iam_role" "main" {
  for_each = toset(["eks", "ec2", "eks-fargate-pods", "pods.eks"])
  name     = "crash-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"], Principal = { Service = "${each.key}.amazonaws.com" } }]
  })
}

resource "aws_iam_policy" "main" {
  name   = "crash"
  policy = local.policy
}

locals {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_iam_role_policy" "main" {
  name   = "crash"
  role   = aws_iam_role.main["ec2"].name
  policy = local.policy
}

resource "aws_iam_role_policy_attachment" "main" {
  role       = aws_iam_role.main["ec2"].name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_instance_profile" "main" {
  name = "crash"
  role = aws_iam_role.main["ec2"].name
}

resource "aws_iam_openid_connect_provider" "main" {
  url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_eks_cluster" "main" {
  name     = "crash"
  role_arn = aws_iam_role.main["eks"].arn
  vpc_config {
    subnet_ids = [for subnet in aws_subnet.main : subnet.id]
  }
  access_config {
    authentication_mode = "API"
  }
}

resource "aws_eks_access_entry" "main" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_iam_role.main["eks"].arn
}

resource "aws_eks_access_policy_association" "main" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_eks_access_entry.main.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_pod_identity_association" "main" {
  cluster_name    = aws_eks_cluster.main.name
  namespace       = "default"
  service_account = "crash"
  role_arn        = aws_iam_role.main["pods.eks"].arn
}

resource "aws_eks_addon" "main" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "vpc-cni"
}

resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "crash"
  node_role_arn   = aws_iam_role.main["ec2"].arn
  subnet_ids      = [for subnet in aws_subnet.main : subnet.id]
  scaling_config {
    desired_size = 1
    min_size     = 1
    max_size     = 1
  }
}

resource "aws_eks_fargate_profile" "main" {
  cluster_name           = aws_eks_cluster.main.name
  fargate_profile_name   = "crash"
  pod_execution_role_arn = aws_iam_role.main["eks-fargate-pods"].arn
  subnet_ids             = [aws_subnet.main["us-west-2b"].id]
  depends_on             = [aws_route_table_association.main]
  selector {
    namespace = "default"
  }
}

resource "random_password" "main" {
  length = 20
}

resource "aws_secretsmanager_secret" "main" {
  name                    = "crash"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "main" {
  secret_id     = aws_secretsmanager_secret.main.id
  secret_string = random_password.main.result
}
