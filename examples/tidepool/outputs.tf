output "cluster_endpoint" {
  description = "Where the cluster's API answers."
  value       = aws_eks_cluster.this.endpoint
}

output "cluster_issuer" {
  description = "Issuer of the tokens of service accounts."
  value       = local.issuer
}

output "kubeconfig_command" {
  description = "Writes an entry for the cluster into the kubeconfig."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${aws_eks_cluster.this.name}"
}

output "vpc_id" {
  description = "VPC of the cluster."
  value       = module.network.vpc_id
}

output "public_subnet_ids" {
  description = "Subnets of the nodes, by zone."
  value       = module.network.public_subnet_ids
}

output "peering_connection_id" {
  description = "The connection to the databases."
  value       = aws_vpc_peering_connection.database.id
}

output "role_arns" {
  description = "Role of each service account, for its annotation eks.amazonaws.com/role-arn."
  value       = { for account, role in aws_iam_role.service_account : account => role.arn }
}

output "secret_names" {
  description = "Secrets to be loaded into the cluster."
  value       = [for secret in aws_secretsmanager_secret.this : secret.name]
}
