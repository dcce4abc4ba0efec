# The control plane

data "aws_iam_policy_document" "assume_by_service" {
  for_each = toset(["ec2", "eks"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "cluster" {
  name               = "${var.cluster_name}-cluster"
  assume_role_policy = data.aws_iam_policy_document.assume_by_service["eks"].json
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each = toset(["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"])

  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

resource "aws_eks_cluster" "this" {
  name     = var.cluster_name
  version  = var.cluster_version
  role_arn = aws_iam_role.cluster.arn

  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  vpc_config {
    subnet_ids              = concat(values(module.network.public_subnet_ids), values(module.network.private_subnet_ids))
    endpoint_private_access = true
    endpoint_public_access  = true
  }

  access_config {
    authentication_mode = "API_AND_CONFIG_MAP"
  }

  # While the cluster is being deleted, its role must still be allowed to remove what it made.
  depends_on = [aws_iam_role_policy_attachment.cluster]
}

# The nodes

resource "aws_iam_role" "node" {
  name               = "${var.cluster_name}-node"
  assume_role_policy = data.aws_iam_policy_document.assume_by_service["ec2"].json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

# What add-ons may do that run on the nodes without a service account of their own.

locals {
  node_addons = {
    autoscaler = local.permissions.autoscaling
    dns        = local.permissions.dns
  }
}

data "aws_iam_policy_document" "node_addon" {
  for_each = local.node_addons

  dynamic "statement" {
    for_each = each.value

    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_policy" "node_addon" {
  for_each = local.node_addons

  name        = "${var.cluster_name}-node-${each.key}"
  description = "Add-on ${each.key} on the nodes of ${var.cluster_name}"
  policy      = data.aws_iam_policy_document.node_addon[each.key].json
}

resource "aws_iam_role_policy_attachment" "node_addon" {
  for_each = local.node_addons

  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.node_addon[each.key].arn
}

resource "aws_eks_node_group" "this" {
  for_each = var.node_groups

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  version         = aws_eks_cluster.this.version
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = values(module.network.public_subnet_ids)
  instance_types  = [each.value.instance_type]

  scaling_config {
    desired_size = each.value.desired_capacity
    min_size     = each.value.min_size
    max_size     = each.value.max_size
  }

  update_config {
    max_unavailable = 1
  }

  tags = {
    "k8s.io/cluster-autoscaler/enabled"             = "true"
    "k8s.io/cluster-autoscaler/${var.cluster_name}" = "true"
  }

  # Nodes that come up before their role may do anything never join.
  depends_on = [aws_iam_role_policy_attachment.node]
}
