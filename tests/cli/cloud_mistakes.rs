//! A cloud that cannot be reached, or that nobody may enter.

use crate::test_env::TestEnv;
use std::net::TcpListener;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);

fn main(provider: &str) -> String {
    format!(
        "provider \"aws\" {{\n  region = \"us-west-2\"\n{provider}}}\n\nresource \"aws_vpc\" \"a\" {{\n  cidr_block = \"10.0.0.0/16\"\n}}\n"
    )
}

/// A machine without credentials, where the instance metadata service swallows what it is sent.
#[test]
fn no_credentials() {
    let black_hole = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut env = TestEnv::new("no-credentials");
    env.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &format!("http://{}", black_hole.local_addr().expect("an address")));
    env.write("main.tf", &main(""));
    env.levee(["validate"]).ok();
    for args in [&["plan"][..], &["apply", "-auto-approve"]] {
        let out = env.run(env.command(args)).refused().says("credentials").says("main.tf line 1").says("Hint:");
        assert!(out.elapsed < SOON, "{out}");
    }
    env.holds(&[]);
}

#[test]
fn a_profile_that_is_not_there() {
    let env = TestEnv::new("no-profile");
    env.write("main.tf", &main("  profile = \"nobody\"\n"));
    let out = env.levee(["plan"]).refused().says("nobody").says("main.tf line 1");
    assert!(out.elapsed < SOON, "{out}");
}

#[test]
fn half_of_a_key() {
    let env = TestEnv::new("half-a-key");
    env.write("main.tf", &main("  access_key = \"AKIA\"\n"));
    env.levee(["plan"]).refused().says("secret_key").says("main.tf line 1");
}

#[test]
fn no_region() {
    let mut env = TestEnv::new("no-region");
    env.set("AWS_ACCESS_KEY_ID", "test");
    env.set("AWS_SECRET_ACCESS_KEY", "test");
    env.write("main.tf", "resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    env.levee(["plan"]).refused().says("region");
}

/// Nothing listens on port 1.
#[test]
fn an_endpoint_that_does_not_answer() {
    let env = TestEnv::new("no-endpoint");
    let keys = "  access_key = \"test\"\n  secret_key = \"planted-key\"\n  skip_requesting_account_id = true\n";
    let endpoints = "  endpoints {\n    ec2 = \"http://127.0.0.1:1\"\n    sts = \"http://127.0.0.1:1\"\n  }\n";
    env.write("main.tf", &main(&format!("{keys}{endpoints}")));
    env.levee(["validate"]).ok();
    let out = env.levee(["apply", "-auto-approve"]).refused().says("ec2:CreateVpc").says("could not be reached").hides("planted-key");
    assert!(out.elapsed < 4 * SOON, "{out}");
    env.levee(["state", "list"]).ok();
    env.write("main.tf", &format!("{}data \"aws_vpc\" \"b\" {{\n  default = true\n}}\n", main(&format!("{keys}{endpoints}"))));
    let out = env.levee(["plan"]).refused().says("could not be reached").says("data.aws_vpc.b").hides("planted-key");
    assert!(out.elapsed < 4 * SOON, "{out}");
}
