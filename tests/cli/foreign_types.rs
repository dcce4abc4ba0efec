//! Types and providers that are not built in, and versions of providers that are.

use crate::test_env::TestEnv;

fn main(count: u8, rest: &str) -> String {
    format!(
        r#"
provider "acme" {{
  token = local.token
}}

locals {{
  token = "t"
  ids   = acme_thing.a[*].id
  first = try(acme_thing.a[0].id, "none")
}}

resource "acme_thing" "a" {{
  count = {count}
  name  = local.token
  dynamic "part" {{
    for_each = [local.token]
    content {{
      id = part.value
    }}
  }}
}}

data "acme_other" "b" {{
  count = 0
  id    = acme_thing.a[0].id
}}

resource "terraform_data" "c" {{
  input = local.first
}}
{rest}"#
    )
}

#[test]
fn they_are_a_mistake_only_where_they_are_planned() {
    let env = TestEnv::new("foreign-types");
    env.write("main.tf", &main(0, ""));
    env.levee(["validate"]).refused().says("Missing required provider").says("hashicorp/acme").says("levee init");
    env.levee(["init"]).ok().says("hashicorp/acme is not built in");
    let told = env.levee(["validate"]).ok().says("acme_thing").says("data.acme_other");
    assert_eq!(told.flat().matches("Types that are not built in").count(), 1, "{told}");
    let planned = env.levee(["plan"]).ok().says("1 to add").says("\"none\"");
    assert_eq!(planned.flat().matches("Types that are not built in").count(), 1, "{planned}");
    env.write("main.tf", &main(1, ""));
    env.levee(["validate"]).ok();
    env.levee(["plan"]).refused().says("This resource type is not built in").says("acme_thing.a[0]").says("main.tf line 12");
    env.write("main.tf", &main(0, "resource \"acme_thing\" \"d\" {\n  count = 0\n  name  = local.nowhere\n}\n"));
    env.levee(["validate"]).refused().says("nowhere");
}

#[test]
fn versions_are_held_against_those_that_are_followed() {
    let env = TestEnv::new("provider-versions");
    let required = |version: &str| {
        let text = format!(
            "terraform {{\n  required_providers {{\n    null = {{\n      source  = \"registry.opentofu.org/hashicorp/null\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
        );
        format!("{text}\nresource \"null_resource\" \"a\" {{\n}}\n")
    };
    env.write("main.tf", &required(">= 3.0"));
    env.levee(["init"]).ok().hides("Provider of another version");
    env.levee(["plan"]).ok().says("1 to add");
    env.levee(["providers"]).ok().says("provider[registry.opentofu.org/hashicorp/null] >= 3.0.0");
    env.write("main.tf", &required("~> 99.0"));
    env.levee(["init"]).ok().says("Provider of another version");
    env.write("main.tf", &required("newest"));
    env.levee(["init"]).refused().says("Invalid version constraint").says("main.tf line 5");
}
