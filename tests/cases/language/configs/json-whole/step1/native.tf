locals {
  native = terraform_data.pair[*].input
}
