terraform {
  required_providers {
    a = { source = "ho st/a/b" }
    b = { source = "localhost/a/b" }
    c = { source = "A_b/c" }
    d = { (foo) = 1 }
  }
}
