variable "cluster_name" {
  description = "Name of the cluster; every other name begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}$", var.cluster_name))
    error_message = "The name of a cluster is made of lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "cluster_version" {
  description = "Kubernetes version of the control plane and the nodes."
  type        = string
}

variable "region" {
  description = "AWS region of the whole estate."
  type        = string
}

variable "zones" {
  description = "Availability zones, in the order in which they get their address ranges."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4
    error_message = "EKS wants at least two zones, and a /16 cut into /19 has room for four."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the cluster's VPC, a /16."
  type        = string

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "The VPC of the cluster needs an IPv4 range of the form A.B.0.0/16."
  }
}

variable "database_cidr" {
  description = "Addresses of the VPC in which the databases are. It must not overlap with the cluster's."
  type        = string

  validation {
    condition     = can(cidrhost(var.database_cidr, 0))
    error_message = "The VPC of the databases needs an IPv4 range."
  }
}

variable "node_groups" {
  description = "Groups of worker nodes."
  type = map(object({
    instance_type    = string
    desired_capacity = number
    min_size         = number
    max_size         = number
  }))

  validation {
    condition     = alltrue([for g in var.node_groups : g.min_size <= g.desired_capacity && g.desired_capacity <= g.max_size])
    error_message = "The desired capacity of a node group lies between its smallest and its largest size."
  }
}

variable "environments" {
  description = "Environments that run in the cluster, each in a namespace of its own."
  type        = set(string)
}

variable "secrets" {
  description = "Secrets by ENVIRONMENT/NAME: properties that are given, and properties that are drawn at random."
  type = map(object({
    given  = optional(map(string), {})
    random = set(string)
  }))
}

variable "secret_recovery_days" {
  description = "How long a deleted secret can be brought back. With 0 its name is free again at once."
  type        = number
  default     = 7
}

variable "addons" {
  description = "Add-ons of EKS, in the version that EKS chooses for the cluster's."
  type        = set(string)
}

variable "image_tag" {
  description = "Which build of its services each environment runs."
  type        = string
}
