terraform {
  required_providers "x" {}
}
