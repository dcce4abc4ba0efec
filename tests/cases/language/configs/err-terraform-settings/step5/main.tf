terraform {
  cloud {}
  backend "local" {}
  cloud {}
}
