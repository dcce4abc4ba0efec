variable "name" {
  description = "What the names of all parts begin with."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC. Each subnet gets an eighth of them."
  type        = string
}

variable "zones" {
  description = "Availability zones, each with a public and a private subnet. Public subnets get the first eighths."
  type        = list(string)
}

variable "public_subnet_tags" {
  description = "Tags of public subnets."
  type        = map(string)
  default     = {}
}

variable "private_subnet_tags" {
  description = "Tags of private subnets."
  type        = map(string)
  default     = {}
}
