variable "size" {
  type = number
  validation {
    condition     = var.size > 0 && var.size <= 10
    error_message = "The size is from 1 to 10, not ${var.size}."
  }
  validation {
    condition     = var.size % 2 == 0 || var.odd
    error_message = "An odd size needs odd = true."
  }
}

variable "odd" {
  type    = bool
  default = false
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "short"
  validation {
    condition     = length(var.secret) > 8
    error_message = "The secret is too short."
  }
}

output "size" {
  value = var.size
}
