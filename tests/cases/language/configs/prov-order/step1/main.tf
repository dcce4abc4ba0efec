resource "terraform_data" "a" {
  input = "alpha"
  provisioner "local-exec" {
    command = "echo \"one $WHO\" >> log.txt"
    environment = {
      WHO = self.input
    }
  }
  provisioner "local-exec" {
    command     = "pwd > here.txt; echo two >> ../log.txt"
    working_dir = "sub"
  }
  provisioner "local-exec" {
    command    = "exit 3"
    on_failure = continue
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone ${self.input} >> log.txt"
  }
}
