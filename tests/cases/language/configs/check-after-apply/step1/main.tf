resource "terraform_data" "door" {
  input = "open"
}

check "doors" {
  assert {
    condition     = terraform_data.door.output == "closed"
    error_message = "The door is ${terraform_data.door.output}."
  }
  assert {
    condition     = terraform_data.door.input != null
    error_message = "There is no door."
  }
}

output "door" {
  value = terraform_data.door.input
  precondition {
    condition     = length(terraform_data.door.id) > 3
    error_message = "The door has no number."
  }
}
