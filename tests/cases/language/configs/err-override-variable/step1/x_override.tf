variable "v" {
  nosuch = 1
}
