//! Any text as an expression: parsed, printed, and evaluated with values known, unknown and secret, by itself and for an
//! argument that takes a type.
#![no_main]

use levee_fuzz::{laws, validate};
use libfuzzer_sys::fuzz_target;

const AROUND: &str = r#"
variable "list" { default = ["a", "b"] }
variable "map" { default = { k = 1 } }
variable "secret" {
  default   = "s"
  sensitive = true
}
resource "terraform_data" "later" { input = var.list }
resource "terraform_data" "many" { count = 2 }
module "m" { source = "./m" }
variable "typed" {
  type    = list(object({ a = optional(string, "x") }))
  default = []
}
"#;

fuzz_target!(|text: &str| {
    laws::of_an_expression(text);
    let name = "x";
    let probe = format!("{AROUND}\nlocals {{\n  {name} = {text}\n}}\noutput \"o\" {{\n  value = local.{name}\n}}\n");
    validate("main.tf", probe.as_bytes());
});
