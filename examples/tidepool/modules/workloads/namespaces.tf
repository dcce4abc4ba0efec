# One namespace an environment, and one for each of the services that they share.

locals {
  service_accounts = { for account, role in var.account_roles : account => { namespace = dirname(account), name = basename(account), role = role } }

  namespaces = setsubtract(
    setunion(var.environments, [for account in local.service_accounts : account.namespace], [for secret in keys(var.secrets) : dirname(secret)], ["gateway"]),
    ["kube-system"], # is there
  )
}

resource "kubernetes_namespace_v1" "this" {
  for_each = local.namespaces

  metadata {
    name   = each.key
    labels = { "tidepool.org/environment" = tostring(contains(var.environments, each.key)) }
  }
}

# Pods of these accounts act as roles of IAM: EKS exchanges the account's token for the role's credentials.

resource "kubernetes_service_account_v1" "this" {
  for_each = local.service_accounts

  metadata {
    name        = each.value.name
    namespace   = each.value.namespace
    annotations = { "eks.amazonaws.com/role-arn" = each.value.role }
  }

  depends_on = [kubernetes_namespace_v1.this]
}

resource "kubernetes_config_map_v1" "environment" {
  for_each = var.environments

  metadata {
    name      = "environment"
    namespace = kubernetes_namespace_v1.this[each.key].metadata[0].name
  }

  data = {
    ENVIRONMENT = each.key
    CLUSTER     = var.cluster_name
    REGION      = var.region
  }
}
