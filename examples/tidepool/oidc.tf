# Lets service accounts of the cluster take IAM roles.

locals {
  issuer      = aws_eks_cluster.this.identity[0].oidc[0].issuer
  issuer_name = trimprefix(local.issuer, "https://")
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url            = local.issuer
  client_id_list = ["sts.amazonaws.com"]
}
