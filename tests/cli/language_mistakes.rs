//! Configurations that are wrong: what is said, and where.

use crate::test_env::TestEnv;

/// A valid configuration is applied, a wrong file is added: every verb refuses, says this, and names file and line.
#[track_caller]
fn refused(wrong: &str, place: &str, parts: &[&str]) {
    let env = TestEnv::new("mistake");
    env.write("main.tf", "resource \"terraform_data\" \"a\" {\n  input = \"kept\"\n}\n");
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("wrong.tf", wrong);
    for args in [&["validate"][..], &["plan"], &["apply", "-auto-approve"]] {
        let mut out = env.run(env.command(args)).refused().says(place);
        for part in parts {
            out = out.says(part);
        }
    }
    env.holds(&["terraform_data.a"]);
    std::fs::remove_file(env.path("wrong.tf")).expect("it is there");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn a_syntax_error() {
    refused("resource \"terraform_data\" \"b\" {\n  input = [1, 2\n}\n", "wrong.tf line", &[]);
    refused("locals {\n  a = \n}\n", "wrong.tf line 2", &[]);
    refused("locals {\n  a = \"${1\"\n}\n", "wrong.tf line 2", &[]);
    refused("locals {\n", "wrong.tf line", &[]);
}

#[test]
fn a_cycle_names_its_members() {
    let wrong = "resource \"terraform_data\" \"b\" {\n  input = terraform_data.c.id\n}\n\nresource \"terraform_data\" \"c\" {\n  input = local.d\n}\n\nlocals {\n  d = terraform_data.b.id\n}\n";
    refused(wrong, "wrong.tf line", &["terraform_data.b", "terraform_data.c", "local.d"]);
    refused("locals {\n  a = local.a\n}\n", "wrong.tf line", &["local.a"]);
}

#[test]
fn a_wrong_type() {
    refused("resource \"time_sleep\" \"b\" {\n  create_duration = [1]\n}\n", "wrong.tf line 2", &["create_duration", "string"]);
    refused("resource \"random_password\" \"b\" {\n  length = \"long\"\n}\n", "wrong.tf line 2", &["length", "number"]);
    refused("locals {\n  a = 1 + \"x\"\n}\n\noutput \"a\" {\n  value = local.a\n}\n", "wrong.tf line 2", &["number"]);
    refused("output \"a\" {\n  value = upper([])\n}\n", "wrong.tf line 2", &["upper"]);
}

#[test]
fn an_unknown_attribute() {
    refused("resource \"random_password\" \"b\" {\n  length = 1\n  lenght = 1\n}\n", "wrong.tf line 3", &["lenght"]);
    refused("output \"x\" {\n  value = terraform_data.a.none\n}\n", "wrong.tf line 2", &["none"]);
    refused("resource \"random_password\" \"b\" {\n}\n", "wrong.tf line 1", &["length"]);
    refused("resource \"random_password\" \"b\" {\n  length = 1\n  result = \"x\"\n}\n", "wrong.tf line 3", &["result"]);
}

#[test]
fn an_unsupported_block() {
    refused("resource \"random_password\" \"b\" {\n  length = 1\n  tuning {\n  }\n}\n", "wrong.tf line 3", &["tuning"]);
    refused("resources \"random_password\" \"b\" {\n}\n", "wrong.tf line 1", &["resources"]);
}

#[test]
fn a_place_for_the_state_that_is_not_ours() {
    for (block, said) in [("cloud", "cloud"), ("backend \"s3\"", "backends other than")] {
        let env = TestEnv::new("place");
        env.write("main.tf", &format!("terraform {{\n  {block} {{\n  }}\n}}\n"));
        env.levee(["validate"]).ok();
        env.levee(["init", "-backend=false"]).ok();
        env.levee(["init"]).refused().says(said).says("main.tf line 2");
        env.levee(["plan"]).refused().says(said).says("main.tf line 2");
    }
}

#[test]
fn an_unknown_type_or_provider() {
    refused("resource \"terraform_date\" \"b\" {\n}\n", "wrong.tf line 1", &["terraform_date"]);
    refused("data \"terraform_files\" \"b\" {\n}\n", "wrong.tf line 1", &["terraform_files"]);
}

#[test]
fn a_reference_to_nothing() {
    refused("output \"x\" {\n  value = var.none\n}\n", "wrong.tf line 2", &["none"]);
    refused("output \"x\" {\n  value = terraform_data.none.id\n}\n", "wrong.tf line 2", &["terraform_data.none"]);
    refused("output \"x\" {\n  value = frobnicate(1)\n}\n", "wrong.tf line 2", &["frobnicate"]);
    refused("output \"x\" {\n  value = each.key\n}\n", "wrong.tf line 2", &["each"]);
    refused("output \"x\" {\n  value = terraform_data.a[0].id\n}\n", "wrong.tf line 2", &["terraform_data.a"]);
}

#[test]
fn two_of_a_name() {
    refused("resource \"terraform_data\" \"a\" {\n}\n", "wrong.tf line 1", &["main.tf"]);
    refused("variable \"a\" {\n}\n\nvariable \"a\" {\n}\n", "wrong.tf line 4", &["a"]);
}

#[test]
fn a_function_that_fails_says_so() {
    refused("output \"x\" {\n  value = cidrsubnet(\"10.0.0.0/8\", 30, 1)\n}\n", "wrong.tf line 2", &["cidrsubnet"]);
    refused("output \"x\" {\n  value = file(\"none.txt\")\n}\n", "wrong.tf line 2", &["none.txt"]);
    refused("output \"x\" {\n  value = [1, 2][3]\n}\n", "wrong.tf line 2", &[]);
    refused("output \"x\" {\n  value = jsondecode(\"{\")\n}\n", "wrong.tf line 2", &["jsondecode"]);
}

#[test]
fn a_version_that_does_not_fit() {
    refused("terraform {\n  required_version = \">= 99\"\n}\n", "wrong.tf line 2", &["99"]);
}
