# What the external-secrets service loads into the cluster: one secret a CLUSTER/ENVIRONMENT/NAME, each a JSON object.

locals {
  # SECRET/PROPERTY for each property that is drawn at random.
  random_properties = toset(flatten([for name, secret in var.secrets : [for property in secret.random : "${name}/${property}"]]))
}

resource "random_password" "secret" {
  for_each = local.random_properties

  length  = 32
  special = false
}

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.cluster_name}/${each.key}"
  description             = "Secret ${basename(each.key)} of ${dirname(each.key)}"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = var.secrets

  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string = jsonencode(merge(
    each.value.given,
    { for property in each.value.random : property => random_password.secret["${each.key}/${property}"].result },
  ))
}
