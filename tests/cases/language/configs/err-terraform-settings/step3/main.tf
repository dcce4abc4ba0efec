terraform {
  backend "etcd" {}
}
