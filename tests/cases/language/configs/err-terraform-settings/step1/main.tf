terraform {
  backend "local" {
    path = ""
  }
}
