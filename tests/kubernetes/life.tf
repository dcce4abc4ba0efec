resource "kubernetes_namespace" "this" {
  metadata {
    name   = "life"
    labels = { team = "sea" }
  }
}

locals {
  ns = kubernetes_namespace.this.metadata[0].name
}

resource "kubernetes_config_map_v1" "this" {
  metadata {
    name      = "settings"
    namespace = local.ns
  }
  data        = { level = "LEVEL" }
  binary_data = { bin = base64encode("two") }
}

resource "kubernetes_secret" "this" {
  metadata {
    name      = "keys"
    namespace = local.ns
  }
  data        = { pw = "hush-LEVEL" }
  binary_data = { bin = base64encode("three") }
}

resource "kubernetes_service_account_v1" "this" {
  metadata {
    generate_name = "web-"
    namespace     = local.ns
    annotations   = { "eks.amazonaws.com/role-arn" = "arn:aws:iam::123456789012:role/web" }
  }
  image_pull_secret { name = "pull" }
}

resource "kubernetes_role" "this" {
  metadata {
    name      = "look"
    namespace = local.ns
  }
  rule {
    api_groups = ["", "apps"]
    resources  = ["pods"]
    verbs      = ["get", "LEVEL"]
  }
}

resource "kubernetes_role_binding" "this" {
  metadata {
    name      = "look"
    namespace = local.ns
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role.this.metadata[0].name
  }
  subject {
    kind = "User"
    name = "jo"
  }
  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.this.metadata[0].name
    namespace = local.ns
  }
}

resource "kubernetes_cluster_role_v1" "this" {
  metadata { name = "life:look" }
  rule {
    api_groups = [""]
    resources  = ["nodes"]
    verbs      = ["get", "LEVEL"]
  }
}

resource "kubernetes_cluster_role_binding_v1" "this" {
  metadata { name = "life:look" }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role_v1.this.metadata[0].name
  }
  subject {
    kind = "Group"
    name = "sailors"
  }
}

resource "kubernetes_service" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
  }
  spec {
    selector = { app = "web", level = "LEVEL" }
    port {
      name        = "http"
      port        = 80
      target_port = "http"
    }
    port {
      name        = "admin"
      port        = 81
      target_port = 8081
    }
  }
}

resource "kubernetes_deployment" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
  }
  spec {
    replicas = 2
    selector {
      match_labels = { app = "web" }
    }
    strategy {
      type = "RollingUpdate"
      rolling_update { max_unavailable = "50%" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        service_account_name = kubernetes_service_account_v1.this.metadata[0].name
        init_container {
          name    = "prepare"
          image   = "registry.test/prepare:1"
          command = ["true"]
        }
        container {
          name  = "web"
          image = "registry.test/web:LEVEL"
          port {
            name           = "http"
            container_port = 8080
          }
          env {
            name  = "LEVEL"
            value = "LEVEL"
          }
          env {
            name = "PW"
            value_from {
              secret_key_ref {
                name = kubernetes_secret.this.metadata[0].name
                key  = "pw"
              }
            }
          }
          resources {
            requests = { cpu = "1000m", memory = "64Mi" }
            limits   = { memory = "1024Mi" }
          }
          readiness_probe {
            http_get {
              path = "/ready"
              port = "http"
            }
          }
          security_context {
            run_as_user     = "1000"
            run_as_non_root = true
            capabilities { drop = ["ALL"] }
          }
          volume_mount {
            name       = "settings"
            mount_path = "/etc/web"
          }
          volume_mount {
            name       = "scratch"
            mount_path = "/tmp"
          }
        }
        toleration {
          key      = "spot"
          operator = "Exists"
        }
        affinity {
          pod_anti_affinity {
            preferred_during_scheduling_ignored_during_execution {
              weight = 1
              pod_affinity_term {
                topology_key = "kubernetes.io/hostname"
                label_selector {
                  match_labels = { app = "web" }
                }
              }
            }
          }
        }
        volume {
          name = "settings"
          config_map {
            name         = kubernetes_config_map_v1.this.metadata[0].name
            default_mode = "0440"
          }
        }
        volume {
          name = "scratch"
          empty_dir {}
        }
      }
    }
  }
}

resource "kubernetes_stateful_set_v1" "this" {
  metadata {
    name      = "db"
    namespace = local.ns
  }
  spec {
    service_name = "db"
    replicas     = 1
    selector {
      match_labels = { app = "db" }
    }
    update_strategy {
      type = "RollingUpdate"
      rolling_update { partition = 0 }
    }
    template {
      metadata {
        labels = { app = "db" }
      }
      spec {
        container {
          name  = "db"
          image = "registry.test/db:LEVEL"
        }
      }
    }
  }
}

resource "kubernetes_daemonset" "this" {
  metadata {
    name      = "log"
    namespace = local.ns
  }
  spec {
    selector {
      match_labels = { app = "log" }
    }
    template {
      metadata {
        labels = { app = "log" }
      }
      spec {
        container {
          name  = "log"
          image = "registry.test/log:LEVEL"
        }
      }
    }
  }
}

resource "kubernetes_job" "this" {
  metadata {
    name      = "migrate"
    namespace = local.ns
  }
  spec {
    backoff_limit = 2
    template {
      metadata {}
      spec {
        restart_policy = "Never"
        container {
          name    = "migrate"
          image   = "registry.test/migrate:1"
          command = ["migrate", "up"]
        }
      }
    }
  }
}

resource "kubernetes_cron_job_v1" "this" {
  metadata {
    name      = "tidy"
    namespace = local.ns
  }
  spec {
    schedule = "0 LEVEL * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            restart_policy = "OnFailure"
            container {
              name  = "tidy"
              image = "registry.test/tidy:1"
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_storage_class_v1" "this" {
  metadata { name = "life-slow" }
  storage_provisioner    = "nobody.test/slow"
  volume_binding_mode    = "WaitForFirstConsumer"
  allow_volume_expansion = LEVEL == 2
  parameters             = { type = "tape" }
}

resource "kubernetes_persistent_volume_claim_v1" "this" {
  metadata {
    name      = "tape"
    namespace = local.ns
    labels    = { level = "LEVEL" }
  }
  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = kubernetes_storage_class_v1.this.metadata[0].name
    resources {
      requests = { storage = "1024Mi" }
    }
  }
  wait_until_bound = false
}

resource "kubernetes_ingress_v1" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
  }
  spec {
    ingress_class_name = "none"
    rule {
      host = "LEVEL.example.com"
      http {
        path {
          path      = "/"
          path_type = "Prefix"
          backend {
            service {
              name = kubernetes_service.this.metadata[0].name
              port { number = 80 }
            }
          }
        }
      }
    }
    tls {
      hosts       = ["LEVEL.example.com"]
      secret_name = "tls"
    }
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "this" {
  metadata {
    name      = "db"
    namespace = local.ns
  }
  spec {
    min_replicas = 1
    max_replicas = 3 + LEVEL
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "StatefulSet"
      name        = kubernetes_stateful_set_v1.this.metadata[0].name
    }
    metric {
      type = "Resource"
      resource {
        name = "cpu"
        target {
          type                = "Utilization"
          average_utilization = 80
        }
      }
    }
    behavior {
      scale_down {
        stabilization_window_seconds = 60
        select_policy                = "Min"
        policy {
          period_seconds = 60
          type           = "Pods"
          value          = 1
        }
      }
    }
  }
}

resource "kubernetes_pod_disruption_budget_v1" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
    labels    = { level = "LEVEL" }
  }
  spec {
    max_unavailable = "20%"
    selector {
      match_labels = { app = "web" }
    }
  }
}

resource "kubernetes_network_policy_v1" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
  }
  spec {
    pod_selector {}
    policy_types = ["Ingress"]
    ingress {
      ports {
        port     = "808LEVEL"
        protocol = "TCP"
      }
      from {
        namespace_selector {
          match_labels = { team = "sea" }
        }
      }
    }
  }
}

resource "kubernetes_limit_range_v1" "this" {
  metadata {
    name      = "limits"
    namespace = local.ns
  }
  spec {
    limit {
      type = "PersistentVolumeClaim"
      max  = { storage = "LEVEL0Gi" }
    }
  }
}

resource "kubernetes_resource_quota_v1" "this" {
  metadata {
    name      = "quota"
    namespace = local.ns
  }
  spec {
    hard = { pods = "4LEVEL" }
  }
}

resource "kubernetes_priority_class_v1" "this" {
  metadata { name = "life-first" }
  value       = 1000
  description = "level LEVEL"
}

resource "kubernetes_replication_controller" "this" {
  metadata {
    name      = "old"
    namespace = local.ns
  }
  spec {
    selector = { app = "old" }
    template {
      metadata {
        labels = { app = "old", level = "LEVEL" }
      }
      spec {
        container {
          name  = "old"
          image = "registry.test/old:LEVEL"
        }
      }
    }
  }
}

resource "kubernetes_cron_job" "zoneless" {
  metadata {
    name      = "zoneless"
    namespace = local.ns
  }
  spec {
    schedule = "LEVEL * * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            restart_policy = "Never"
            container {
              name  = "it"
              image = "registry.test/it:1"
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_endpoint_slice_v1" "this" {
  metadata {
    name      = "slice"
    namespace = local.ns
  }
  address_type = "IPv4"
  endpoint {
    addresses = ["10.0.0.LEVEL"]
    condition { ready = true }
  }
  port {
    name         = "http"
    app_protocol = "http"
    port         = "80"
  }
}

resource "kubernetes_validating_webhook_configuration_v1" "this" {
  metadata { name = "life-look" }
  webhook {
    name                      = "look.life.test"
    admission_review_versions = ["v1"]
    side_effects              = "None"
    failure_policy            = "Ignore"
    timeout_seconds           = LEVEL
    client_config {
      service {
        name      = "look"
        namespace = local.ns
      }
    }
    namespace_selector {
      match_labels = { none = "such" }
    }
    rule {
      api_groups   = ["apps"]
      api_versions = ["v1"]
      operations   = ["CREATE"]
      resources    = ["deployments"]
    }
  }
}

resource "kubernetes_mutating_webhook_configuration" "this" {
  metadata { name = "life-change" }
  webhook {
    name                      = "change.life.test"
    admission_review_versions = ["v1"]
    side_effects              = "None"
    failure_policy            = "Ignore"
    timeout_seconds           = LEVEL
    client_config { url = "https://127.0.0.1:1/change" }
    object_selector {
      match_labels = { none = "such" }
    }
    rule {
      api_groups   = ["apps"]
      api_versions = ["v1"]
      operations   = ["CREATE"]
      resources    = ["deployments"]
      scope        = "Namespaced"
    }
  }
}

data "kubernetes_mutating_webhook_configuration_v1" "this" {
  metadata { name = kubernetes_mutating_webhook_configuration.this.metadata[0].name }
}

output "scope" {
  value = data.kubernetes_mutating_webhook_configuration_v1.this.webhook[0].rule[0].scope
}
