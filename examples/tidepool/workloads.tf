# What runs on the cluster, which is made in the same apply: while that is planned, nobody knows yet where the cluster will be.

provider "kubernetes" {
  host                   = aws_eks_cluster.this.endpoint
  cluster_ca_certificate = base64decode(aws_eks_cluster.this.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1"
    command     = "aws"
    args        = ["eks", "get-token", "--cluster-name", aws_eks_cluster.this.name, "--region", var.region]
  }
}

provider "helm" {
  kubernetes = {
    host                   = aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(aws_eks_cluster.this.certificate_authority[0].data)

    exec = {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", aws_eks_cluster.this.name, "--region", var.region]
    }
  }
}

module "workloads" {
  source = "./modules/workloads"

  cluster_name  = aws_eks_cluster.this.name
  region        = var.region
  environments  = var.environments
  image_tag     = var.image_tag
  secrets       = { for name, secret in var.secrets : name => setunion(keys(secret.given), secret.random) }
  account_roles = { for account, role in aws_iam_role.service_account : account => role.arn }
  deployer_role = aws_iam_role.deployer.arn
  metrics_token = random_password.secret["datadog/datadog/token"].result

  # There must be nodes to run on; and while all that is made here is being deleted, its roles must still be allowed to remove what it
  # made, and the network be there.
  depends_on = [aws_eks_node_group.this, aws_eks_addon.this, aws_iam_role_policy.service_account, module.network]
}

# Who rolls out new builds is mapped the old way, by the cluster's own aws-auth: it may do that in the environments, and nothing else.

resource "aws_iam_role" "deployer" {
  name               = "${var.cluster_name}-deployer"
  description        = "Rolls out new builds on ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.assume_by_account.json
}
