# One role for each service account that talks to AWS, with what that account may do and no more.

locals {
  permissions = {
    autoscaling = [{
      actions = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeTags",
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
      ]
      resources = ["*"]
    }]

    dns = [
      {
        actions   = ["route53:ChangeResourceRecordSets"]
        resources = ["arn:${local.partition}:route53:::hostedzone/*"]
      },
      {
        actions = [
          "route53:GetChange",
          "route53:ListHostedZones",
          "route53:ListHostedZonesByName",
          "route53:ListResourceRecordSets",
        ]
        resources = ["*"]
      },
    ]

    logs = [{
      actions = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
      ]
      resources = ["arn:${local.partition}:logs:*:*:*"]
    }]

    secrets = [{
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["arn:${local.partition}:secretsmanager:${var.region}:${local.account_id}:secret:${var.cluster_name}/*"]
    }]
  }

  # By NAMESPACE/NAME.
  shared_service_accounts = {
    "kube-system/cluster-autoscaler"    = { usage = "cluster-ops", statements = local.permissions.autoscaling }
    "certmanager/certmanager"           = { usage = "certificate-management", statements = local.permissions.dns }
    "amazon-cloudwatch/cloudwatch"      = { usage = "cloudwatch-logging", statements = local.permissions.logs }
    "external-dns/external-dns"         = { usage = "DNS-alias-creation", statements = local.permissions.dns }
    "external-secrets/external-secrets" = { usage = "secrets-management", statements = local.permissions.secrets }
  }

  # What is listed is the bucket, what is read and written are the objects in it.
  buckets = {
    for environment in var.environments : environment => {
      for kind in ["asset", "data"] : kind => "arn:${local.partition}:s3:::tidepool-${var.cluster_name}-${environment}-${kind}"
    }
  }

  environment_service_accounts = merge([
    for environment, bucket in local.buckets : merge(
      {
        for service in ["blob", "image", "jellyfish"] : "${environment}/${service}" => {
          usage = "${service}-service"
          statements = [
            { actions = ["s3:ListBucket"], resources = [bucket.data] },
            { actions = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], resources = ["${bucket.data}/*"] },
          ]
        }
      },
      {
        "${environment}/hydrophone" = {
          usage = "hydrophone-service"
          statements = [
            { actions = ["s3:ListBucket"], resources = [bucket.asset] },
            { actions = ["s3:GetObject"], resources = ["${bucket.asset}/*"] },
            { actions = ["ses:*"], resources = ["*"] },
          ]
        }
      },
    )
  ]...)

  service_accounts = merge(local.shared_service_accounts, local.environment_service_accounts)
}

data "aws_iam_policy_document" "assume_by_service_account" {
  for_each = local.service_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer_name}:sub"
      values   = ["system:serviceaccount:${replace(each.key, "/", ":")}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer_name}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "service_account" {
  for_each = local.service_accounts

  dynamic "statement" {
    for_each = each.value.statements

    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_role" "service_account" {
  for_each = local.service_accounts

  name               = "${var.cluster_name}-${replace(each.key, "/", "-")}"
  description        = "Service account ${each.key} of ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.assume_by_service_account[each.key].json

  tags = { "aws-usage" = each.value.usage }
}

resource "aws_iam_role_policy" "service_account" {
  for_each = local.service_accounts

  name   = each.value.usage
  role   = aws_iam_role.service_account[each.key].name
  policy = data.aws_iam_policy_document.service_account[each.key].json
}
