data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  tags = {
    cluster      = var.cluster_name
    "managed-by" = "levee"
  }

  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id

  # How load balancer controllers and the autoscaler find what belongs to the cluster.
  cluster_tag = { "kubernetes.io/cluster/${var.cluster_name}" = "shared" }
}
