variable "vpc_id" {
  type = string
}

resource "aws_security_group" "closed" {
  name   = "closed"
  vpc_id = var.vpc_id

  ingress {
    description = "SSH from inside"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}
