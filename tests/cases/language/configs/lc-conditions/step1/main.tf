variable "v" {
  default = "a"
}
resource "terraform_data" "base" {
  input = var.v
  lifecycle {
    postcondition {
      condition     = self.output != "bad"
      error_message = "${self.output} is bad."
    }
  }
}
resource "terraform_data" "next" {
  input = { x = var.v, y = "fixed" }
  lifecycle {
    ignore_changes       = [input.x]
    replace_triggered_by = [terraform_data.base]
    precondition {
      condition     = terraform_data.base.input != "worse"
      error_message = "Not on this base."
    }
  }
}
