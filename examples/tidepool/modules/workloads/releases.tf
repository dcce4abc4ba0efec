# What Helm installs, from charts of our own.

locals {
  charts = "${path.module}/../../charts"

  # What it is reached by, and whether it acts as a role of IAM.
  services = {
    blob       = { path = "/v1/blobs", replicas = 1, account = true }
    blip       = { path = "/", replicas = 2 }
    hydrophone = { path = "/confirm", replicas = 1, account = true }
    image      = { path = "/v1/images", replicas = 1, account = true }
    jellyfish  = { path = "/jellyfish", replicas = 1, account = true }
    shoreline  = { path = "/auth", replicas = 2 }
  }
}

# Brings the kind of virtual host that the environments have one of, and a load balancer of AWS.

resource "helm_release" "gateway" {
  name      = "gateway"
  namespace = kubernetes_namespace_v1.this["gateway"].metadata[0].name
  chart     = "${local.charts}/gateway"

  values = [yamlencode({
    loadBalancer = { "service.beta.kubernetes.io/aws-load-balancer-type" = "nlb" }
  })]
}

# With a job before each roll-out and one after it.

resource "helm_release" "environment" {
  for_each = var.environments

  name      = "tidepool"
  namespace = kubernetes_namespace_v1.this[each.key].metadata[0].name
  chart     = "${local.charts}/tidepool"

  values = [yamlencode({
    host     = "${each.key}.tidepool.test"
    services = local.services
  })]

  set = [{ name = "tag", value = var.image_tag }]

  depends_on = [helm_release.gateway, kubernetes_config_map_v1.environment, kubernetes_service_account_v1.this]
}

# Of a chart that depends on another.

resource "helm_release" "monitoring" {
  name      = "monitoring"
  namespace = kubernetes_namespace_v1.this["datadog"].metadata[0].name
  chart     = "${local.charts}/monitoring"

  values        = [yamlencode({ agent = { cluster = var.cluster_name } })]
  set_sensitive = [{ name = "agent.token", value = var.metrics_token }]
}
