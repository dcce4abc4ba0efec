# Roles of IAM in the cluster's aws-auth, and what they may do. EKS makes aws-auth itself only where nothing but that decides; of
# what is in it, only what is written here is ours.

resource "kubernetes_config_map_v1" "aws_auth" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
}

resource "kubernetes_config_map_v1_data" "aws_auth" {
  metadata {
    name      = kubernetes_config_map_v1.aws_auth.metadata[0].name
    namespace = kubernetes_config_map_v1.aws_auth.metadata[0].namespace
  }

  data = {
    mapRoles = yamlencode([{
      rolearn  = var.deployer_role
      username = "deployer:{{SessionName}}"
      groups   = ["tidepool:deployers"]
    }])
  }
}

resource "kubernetes_cluster_role_v1" "custom_resources" {
  metadata {
    name   = "tidepool-custom-resources"
    labels = { "rbac.authorization.k8s.io/aggregate-to-view" = "true" }
  }

  rule {
    api_groups = ["cert-manager.io", "external-secrets.io", "helm.toolkit.fluxcd.io"]
    resources  = ["*"]
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_cluster_role_binding_v1" "viewers" {
  metadata {
    name = "tidepool-viewers"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role_v1.custom_resources.metadata[0].name
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "tidepool:viewers"
  }
}

resource "kubernetes_role_v1" "deployer" {
  for_each = var.environments

  metadata {
    name      = "deployer"
    namespace = kubernetes_namespace_v1.this[each.key].metadata[0].name
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "list", "watch", "patch"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods", "pods/log"]
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_role_binding_v1" "deployer" {
  for_each = var.environments

  metadata {
    name      = "deployer"
    namespace = kubernetes_role_v1.deployer[each.key].metadata[0].namespace
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.deployer[each.key].metadata[0].name
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "tidepool:deployers"
  }
}
