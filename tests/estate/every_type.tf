# Every resource type of the provider, in four stages: nothing (0), as it is at first (1), with changes in place (2), and with
# changes that need new objects (3).

variable "stage" {
  type = number
}

# A secret that is deleted keeps its name for a while.
variable "round" {
  type    = number
  default = 1
}

variable "cluster_version" {
  type    = string
  default = "1.30"
}

provider "aws" {
  region = "us-west-2"
}

locals {
  n    = var.stage == 0 ? 0 : 1
  b    = var.stage == 2
  c    = var.stage == 3
  tags = { t = local.b ? "2" : "1" }
  trust = {
    for service in ["ec2", "eks", "eks-fargate-pods", "pods.eks"] : service => jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"], Principal = { Service = "${service}.amazonaws.com" } }]
    })
  }
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = local.b ? "s3:*" : "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_vpc" "a" {
  count                = local.n
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = local.b
  tags                 = merge(local.tags, { Name = "a" })
}

resource "aws_vpc" "peer" {
  count      = local.n
  cidr_block = local.c ? "10.8.0.0/16" : "10.9.0.0/16"
  tags       = { Name = "peer" }
}

resource "aws_subnet" "a" {
  count                   = 3 * local.n
  vpc_id                  = aws_vpc.a[0].id
  cidr_block              = cidrsubnet(aws_vpc.a[0].cidr_block, 8, (local.c ? 10 : 0) + count.index)
  availability_zone       = ["us-west-2a", "us-west-2b", "us-west-2c"][count.index]
  map_public_ip_on_launch = local.b
  tags                    = merge(local.tags, { Name = "subnet-${count.index}" })
}

resource "aws_internet_gateway" "a" {
  count  = local.n
  vpc_id = aws_vpc.a[0].id
  tags   = merge(local.tags, { Name = "igw" })
}

resource "aws_eip" "a" {
  count  = local.n
  domain = "vpc"
  tags   = merge(local.tags, { Name = "eip" })
}

resource "aws_nat_gateway" "a" {
  count         = local.n
  allocation_id = aws_eip.a[0].id
  subnet_id     = aws_subnet.a[local.c ? 1 : 0].id
  tags          = merge(local.tags, { Name = "nat" })
}

resource "aws_route_table" "a" {
  count  = local.n
  vpc_id = aws_vpc.a[0].id
  tags   = merge(local.tags, { Name = "table" })
}

resource "aws_route" "a" {
  count                  = local.n
  route_table_id         = aws_route_table.a[0].id
  destination_cidr_block = local.c ? "10.77.0.0/16" : "0.0.0.0/0"
  gateway_id             = local.b ? null : aws_internet_gateway.a[0].id
  nat_gateway_id         = local.b ? aws_nat_gateway.a[0].id : null
}

resource "aws_route_table_association" "a" {
  count          = local.n
  subnet_id      = aws_subnet.a[local.c ? 1 : 0].id
  route_table_id = aws_route_table.a[0].id
}

resource "aws_security_group" "a" {
  count       = local.n
  name        = "group"
  description = local.c ? "other" : "one"
  vpc_id      = aws_vpc.a[0].id
  tags        = merge(local.tags, { Name = "group" })
}

resource "aws_vpc_security_group_ingress_rule" "a" {
  count             = local.n
  security_group_id = aws_security_group.a[0].id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = local.b ? 80 : 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "a" {
  count             = local.n
  security_group_id = aws_security_group.a[0].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  description       = local.b ? "b" : "a"
}

resource "aws_vpc_peering_connection" "a" {
  count       = local.n
  vpc_id      = aws_vpc.a[0].id
  peer_vpc_id = aws_vpc.peer[0].id
  tags        = merge(local.tags, { Name = "peering" })
}

resource "aws_vpc_peering_connection_accepter" "a" {
  count                     = local.n
  vpc_peering_connection_id = aws_vpc_peering_connection.a[0].id
  auto_accept               = true
  tags                      = merge(local.tags, { Name = "peering" }) # both sides are one object here, with the same tags
}

resource "aws_vpc_peering_connection_options" "a" {
  count                     = local.n
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.a[0].id
  requester {
    allow_remote_vpc_dns_resolution = local.b
  }
  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_iam_role" "a" {
  for_each           = local.n == 0 ? {} : local.trust
  name               = "role-${each.key}${local.c ? "-c" : ""}"
  description        = local.b ? "b" : "a"
  assume_role_policy = each.value
  tags               = local.tags
}

resource "aws_iam_role_policy" "a" {
  count  = local.n
  name   = local.c ? "inline-c" : "inline"
  role   = aws_iam_role.a["ec2"].id
  policy = local.policy
}

resource "aws_iam_policy" "a" {
  count  = local.n
  name   = local.c ? "policy-c" : "policy"
  policy = local.policy
  tags   = local.tags
}

resource "aws_iam_role_policy_attachment" "a" {
  count      = local.n
  role       = aws_iam_role.a["ec2"].name
  policy_arn = aws_iam_policy.a[0].arn
}

resource "aws_iam_instance_profile" "a" {
  count = local.n
  name  = local.c ? "profile-c" : "profile"
  role  = aws_iam_role.a["ec2"].name
  tags  = local.tags
}

resource "aws_iam_openid_connect_provider" "a" {
  count           = local.n
  url             = "https://oidc.example.com/${local.c ? "c" : "a"}"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = [local.b ? "9e99a48a9960b14926bb7f3b02e22da2b0ab7280" : "990f4193972f2becf12ddeda5237f9c952f20d9e"]
  tags            = local.tags
}

resource "aws_secretsmanager_secret" "a" {
  count                   = local.n
  name                    = "secret-${var.round}${local.c ? "-c" : ""}"
  description             = local.b ? "b" : "a"
  recovery_window_in_days = 7
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "a" {
  count         = local.n
  secret_id     = aws_secretsmanager_secret.a[0].id
  secret_string = jsonencode({ v = local.b ? 2 : 1 })
}

resource "aws_eks_cluster" "a" {
  count    = local.n
  name     = local.c ? "cluster-c" : "cluster"
  version  = var.cluster_version
  role_arn = aws_iam_role.a["eks"].arn
  tags     = local.tags

  enabled_cluster_log_types = local.b ? ["api", "audit"] : ["api"]

  vpc_config {
    subnet_ids = aws_subnet.a[*].id
  }

  access_config {
    authentication_mode = "API_AND_CONFIG_MAP"
  }
}

resource "aws_eks_access_entry" "a" {
  count             = local.n
  cluster_name      = aws_eks_cluster.a[0].name
  principal_arn     = aws_iam_role.a[local.c ? "eks" : "eks-fargate-pods"].arn
  kubernetes_groups = local.b ? ["readers", "writers"] : ["readers"]
  user_name         = "somebody"
  tags              = local.tags
}

resource "aws_eks_access_policy_association" "a" {
  count         = local.n
  cluster_name  = aws_eks_cluster.a[0].name
  principal_arn = aws_eks_access_entry.a[0].principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type       = local.b ? "cluster" : "namespace"
    namespaces = local.b ? null : ["default"]
  }
}

resource "aws_eks_pod_identity_association" "a" {
  count                = local.n
  cluster_name         = aws_eks_cluster.a[0].name
  namespace            = "default"
  service_account      = local.c ? "account-c" : "account"
  role_arn             = aws_iam_role.a["pods.eks"].arn
  disable_session_tags = local.b
  tags                 = merge(local.tags, { Name = "identity" })
}

resource "aws_eks_addon" "a" {
  count                       = local.n
  cluster_name                = aws_eks_cluster.a[0].name
  addon_name                  = local.c ? "kube-proxy" : "vpc-cni"
  addon_version               = local.b ? "v1.21.3-eksbuild.3" : null
  configuration_values        = jsonencode({ level = local.b ? 2 : 1 })
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = local.tags

  dynamic "pod_identity_association" {
    for_each = local.c ? [] : ["aws-node"]

    content {
      role_arn        = aws_iam_role.a["pods.eks"].arn
      service_account = pod_identity_association.value
    }
  }
}

resource "aws_eks_node_group" "a" {
  count           = local.n
  cluster_name    = aws_eks_cluster.a[0].name
  node_group_name = local.c ? "nodes-c" : "nodes"
  node_role_arn   = aws_iam_role.a["ec2"].arn
  subnet_ids      = aws_subnet.a[*].id
  tags            = local.tags

  scaling_config {
    desired_size = 1
    min_size     = 1
    max_size     = local.b ? 3 : 2
  }
}

resource "aws_eks_fargate_profile" "a" {
  count                  = local.n
  cluster_name           = aws_eks_cluster.a[0].name
  fargate_profile_name   = local.c ? "fargate-c" : "fargate"
  pod_execution_role_arn = aws_iam_role.a["eks-fargate-pods"].arn
  subnet_ids             = [aws_subnet.a[2].id] # no route leads from it to the internet gateway
  tags                   = local.tags

  selector {
    namespace = "default"
  }
}
