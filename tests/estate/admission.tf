# A cluster without nodes, and everybody who asks something of it.

variable "who" {
  type    = string
  default = "editor"
}

variable "level" {
  type    = string
  default = "1"
}

variable "balanced" {
  type    = bool
  default = true
}

provider "aws" {
  region = "us-west-2"
}

data "aws_caller_identity" "current" {}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
  availability_zone = ["us-west-2a", "us-west-2b"][count.index]
}

resource "aws_iam_role" "cluster" {
  name = "cluster"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }]
  })
}

resource "aws_eks_cluster" "this" {
  name     = "admission"
  role_arn = aws_iam_role.cluster.arn
  vpc_config {
    subnet_ids = aws_subnet.this[*].id
  }
  access_config {
    authentication_mode = "API"
  }
}

resource "aws_iam_role" "people" {
  for_each = toset(["editor", "viewer", "stranger"])
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = data.aws_caller_identity.current.account_id } }]
  })
}

resource "aws_eks_access_entry" "people" {
  for_each      = toset(["editor", "viewer"])
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.people[each.key].arn
}

resource "aws_eks_access_policy_association" "people" {
  for_each      = { editor = "AmazonEKSEditPolicy", viewer = "AmazonEKSViewPolicy" }
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.people[each.key].principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/${each.value}"
  access_scope {
    type = "cluster"
  }
}

locals {
  host      = aws_eks_cluster.this.endpoint
  authority = base64decode(aws_eks_cluster.this.certificate_authority[0].data)
  command   = ["eks", "get-token", "--cluster-name", aws_eks_cluster.this.name]
}

# Whoever made the cluster, by a command that is not there: levee makes its tokens.
provider "kubernetes" {
  host                   = local.host
  cluster_ca_certificate = local.authority
  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = local.command
  }
}

data "aws_eks_cluster_auth" "this" {
  name = aws_eks_cluster.this.name
}

provider "kubernetes" {
  alias                  = "data"
  host                   = local.host
  cluster_ca_certificate = local.authority
  token                  = data.aws_eks_cluster_auth.this.token
}

ephemeral "aws_eks_cluster_auth" "this" {
  name = aws_eks_cluster.this.name
}

provider "kubernetes" {
  alias                  = "ephemeral"
  host                   = local.host
  cluster_ca_certificate = local.authority
  token                  = ephemeral.aws_eks_cluster_auth.this.token
}

# Somebody else.
provider "kubernetes" {
  alias                  = "role"
  host                   = local.host
  cluster_ca_certificate = local.authority
  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(local.command, ["--role-arn", aws_iam_role.people[var.who].arn])
  }
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = "admission"
  }
  depends_on = [aws_eks_access_policy_association.people]
}

resource "kubernetes_config_map_v1" "data" {
  provider = kubernetes.data
  metadata {
    name      = "data"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
}

resource "kubernetes_config_map_v1" "ephemeral" {
  provider = kubernetes.ephemeral
  metadata {
    name      = "ephemeral"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
}

resource "kubernetes_config_map_v1" "role" {
  provider = kubernetes.role
  metadata {
    name      = "role"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data = { level = var.level }
}

# Makes a group and interfaces in the subnets, which hold these as long as it is there.
resource "kubernetes_service_v1" "this" {
  count = var.balanced ? 1 : 0
  metadata {
    name      = "balanced"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    type     = "LoadBalancer"
    selector = { app = "none" }
    port {
      port = 443
    }
  }
}
