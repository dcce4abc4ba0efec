# Who may use the Kubernetes API. Each of these roles can be taken on by everybody in the account who is allowed to, and is let in
# by an access entry; whoever made the cluster, and its nodes, EKS lets in itself.

locals {
  operators = {
    admin  = "AmazonEKSClusterAdminPolicy"
    viewer = "AmazonEKSViewPolicy"
  }
}

data "aws_iam_policy_document" "assume_by_account" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }
}

resource "aws_iam_role" "operator" {
  for_each = local.operators

  name               = "${var.cluster_name}-${each.key}"
  description        = "Operators of ${var.cluster_name}: ${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume_by_account.json
}

resource "aws_eks_access_entry" "operator" {
  for_each = local.operators

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = aws_iam_role.operator[each.key].arn
  kubernetes_groups = ["tidepool:${each.key}s"]
}

resource "aws_eks_access_policy_association" "operator" {
  for_each = local.operators

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.operator[each.key].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/${each.value}"

  access_scope {
    type = "cluster"
  }
}
