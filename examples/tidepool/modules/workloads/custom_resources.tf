# Kinds that Kubernetes does not have of itself, much shorter than their makers have them, and their objects.

resource "kubernetes_manifest" "kind" {
  for_each = fileset("${path.module}/crds", "*.yaml")

  manifest = yamldecode(file("${path.module}/crds/${each.key}"))
}

# The external-secrets service copies secrets of AWS into the cluster, and keeps them as they are there.

resource "kubernetes_manifest" "secret_store" {
  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ClusterSecretStore"
    metadata   = { name = "aws" }
    spec = {
      provider = {
        aws = {
          service = "SecretsManager"
          region  = var.region
          auth    = { jwt = { serviceAccountRef = { name = "external-secrets", namespace = "external-secrets" } } }
        }
      }
    }
  }

  depends_on = [kubernetes_manifest.kind, kubernetes_service_account_v1.this]
}

resource "kubernetes_manifest" "external_secret" {
  for_each = var.secrets

  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata = {
      name      = basename(each.key)
      namespace = kubernetes_namespace_v1.this[dirname(each.key)].metadata[0].name
    }
    spec = {
      refreshInterval = "1h"
      secretStoreRef  = { kind = "ClusterSecretStore", name = kubernetes_manifest.secret_store.manifest.metadata.name }
      target          = { name = basename(each.key) }
      data = [for property in each.value : {
        secretKey = property
        remoteRef = { key = "${var.cluster_name}/${each.key}", property = property }
      }]
    }
  }
}

resource "kubernetes_manifest" "certificate" {
  for_each = var.environments

  manifest = {
    apiVersion = "cert-manager.io/v1"
    kind       = "Certificate"
    metadata = {
      name      = "api"
      namespace = kubernetes_namespace_v1.this[each.key].metadata[0].name
    }
    spec = {
      secretName = "api-tls"
      dnsNames   = ["${each.key}.tidepool.test", "*.${each.key}.tidepool.test"]
      issuerRef  = { kind = "ClusterIssuer", name = "letsencrypt" }
    }
  }

  depends_on = [kubernetes_manifest.kind]
}

# What Flux installs for us, from charts of others.

locals {
  flux_releases = {
    "external-dns/external-dns"         = { chart = "external-dns", version = "1.19.0" }
    "external-secrets/external-secrets" = { chart = "external-secrets", version = "1.1.0" }
  }
}

resource "kubernetes_manifest" "flux_release" {
  for_each = local.flux_releases

  manifest = {
    apiVersion = "helm.toolkit.fluxcd.io/v2"
    kind       = "HelmRelease"
    metadata = {
      name      = basename(each.key)
      namespace = kubernetes_namespace_v1.this[dirname(each.key)].metadata[0].name
    }
    spec = {
      interval = "10m"
      chart = {
        spec = {
          chart     = each.value.chart
          version   = each.value.version
          sourceRef = { kind = "HelmRepository", name = each.value.chart }
        }
      }
      values = { serviceAccount = { create = false, name = basename(each.key) } }
    }
  }

  depends_on = [kubernetes_manifest.kind, kubernetes_service_account_v1.this]
}
