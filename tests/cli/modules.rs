//! Modules: called once, called for each key, and called by each other.

use crate::test_env::TestEnv;

const NETWORK: &str = r#"
variable "size" {
  type = number
}

resource "terraform_data" "host" {
  count = var.size
  input = "${path.module}/${count.index}"
}

output "hosts" {
  value = terraform_data.host[*].output
}
"#;

fn main(calls: &str) -> String {
    format!(
        "locals {{\n  sizes = {{ {calls} }}\n}}\n\nmodule \"net\" {{\n  source   = \"./net\"\n  for_each = local.sizes\n  size     = each.value\n}}\n\n\
         output \"hosts\" {{\n  value = {{ for key, net in module.net : key => length(net.hosts) }}\n}}\n"
    )
}

#[test]
fn one_call_for_each_key() {
    let env = TestEnv::new("modules");
    env.write("net/main.tf", NETWORK);
    env.write("main.tf", &main("a = 2, b = 1"));
    env.levee(["plan"]).refused().says("Module not installed");
    env.levee(["init"]).ok().says("- net in net");
    env.levee(["apply", "-auto-approve"]).ok().says("3 added");
    let addresses = [
        "module.net[\"a\"].terraform_data.host[0]",
        "module.net[\"a\"].terraform_data.host[1]",
        "module.net[\"b\"].terraform_data.host[0]",
    ];
    env.holds(&addresses);
    assert_eq!(env.levee(["output", "-json", "hosts"]).ok().json(), serde_json::json!({ "a": 2, "b": 1 }));
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.write("main.tf", &main("b = 2"));
    env.levee(["plan"]).ok().says("1 to add, 0 to change, 2 to destroy");
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["state", "list", "module.net[\"b\"]"]).ok().says("module.net[\"b\"].terraform_data.host[1]");
    env.levee(["destroy", "-auto-approve", "-target=module.net[\"b\"].terraform_data.host[0]"]).ok().says("1 destroyed");
    env.levee(["apply", "-auto-approve", "-target=module.net"]).ok().says("1 added");
    env.write("main.tf", "");
    env.levee(["apply", "-auto-approve"]).ok().says("2 destroyed");
    env.holds(&[]);
}

#[test]
fn mistakes_in_a_call_are_told_where_they_are() {
    let env = TestEnv::new("module-mistakes");
    env.write("net/main.tf", NETWORK);
    let call = |rest: &str| format!("module \"net\" {{\n  source = \"./net\"\n{rest}}}\n");
    env.write("main.tf", &call(""));
    env.levee(["init"]).ok();
    env.levee(["validate"]).refused().says("size").says("main.tf line 1");
    env.write("main.tf", &call("  size = 1\n  width = 2\n"));
    env.levee(["validate"]).refused().says("width").says("main.tf line 4");
    env.write("main.tf", &format!("{}output \"a\" {{\n  value = module.net.none\n}}\n", call("  size = 1\n")));
    env.levee(["validate"]).refused().says("none").says("main.tf line 6");
    env.write("main.tf", &call("  size = \"many\"\n"));
    env.levee(["plan"]).refused().says("size").says("main.tf line 3");
    env.write("main.tf", "module \"net\" {\n  source = \"./none\"\n}\n");
    env.levee(["init"]).refused().says("none").says("main.tf:1");
    env.levee(["validate"]).refused().says("Module source has changed").says("main.tf line 2");
    env.write("net/main.tf", "resource \"terraform_data\" \"a\" {\n  input = var.none\n}\n");
    env.write("main.tf", &call(""));
    env.levee(["validate"]).refused().says("net/main.tf line 2");
}
