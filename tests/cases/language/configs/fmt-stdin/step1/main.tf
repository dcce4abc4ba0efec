variable "a" {
type=string
   default =   "x"
}
resource "terraform_data"   "x"{
  input={a=1,bb  = 2
    ccc=[1,2,
3]}
  # comment
  triggers_replace    ="${var.a}"
}
