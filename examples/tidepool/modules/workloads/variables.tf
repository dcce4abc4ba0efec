variable "cluster_name" {
  description = "The cluster; secrets in AWS begin with its name."
  type        = string
}

variable "region" {
  description = "Where its secrets are."
  type        = string
}

variable "environments" {
  description = "Environments, each in a namespace of its own."
  type        = set(string)
}

variable "image_tag" {
  description = "Which build of its services each environment runs."
  type        = string
}

variable "secrets" {
  description = "Properties of each secret, by NAMESPACE/NAME."
  type        = map(set(string))
}

variable "account_roles" {
  description = "The role of each service account, by NAMESPACE/NAME."
  type        = map(string)
}

variable "deployer_role" {
  description = "The role that rolls out new builds."
  type        = string
}

variable "metrics_token" {
  description = "As whom metrics are sent."
  type        = string
  sensitive   = true
}
