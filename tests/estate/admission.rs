//! Who gets into a cluster that is made in the same run, and with which token; and what becomes of its objects when it goes.

use crate::estate::Estate;
use crate::test_env::Output;
use serde_json::json;

fn as_who(estate: &Estate, verb: &[&str], who: &str, level: &str) -> Output {
    let mut command = estate.env.command(verb);
    command.arg(format!("-var=who={who}")).arg(format!("-var=level={level}"));
    estate.env.run(command)
}

#[test]
fn a_cluster_lets_in_whom_it_knows_and_takes_its_objects_with_it() {
    let estate = Estate::with_kubernetes("admission", include_str!("admission.tf"));
    estate.levee(["apply", "-auto-approve"]).ok();
    estate.is_settled();

    as_who(&estate, &["plan", "-detailed-exitcode"], "viewer", "1").ok();
    let may_not = as_who(&estate, &["apply", "-auto-approve"], "viewer", "2").refused().says("1 failed");
    may_not.says("kubernetes_config_map_v1.role").says("is forbidden").says("may not `patch` this");
    let unknown = as_who(&estate, &["plan"], "stranger", "1").refused().says("kubernetes_config_map_v1.role");
    unknown.says("does not know who we are").says("neither by an access entry nor by aws-auth");
    as_who(&estate, &["apply", "-auto-approve"], "editor", "2").ok().says("0 added, 1 changed, 0 destroyed");

    // What the service has made in EC2 would hold the subnets.
    estate.levee(["destroy", "-auto-approve"]).ok();
    assert_eq!(estate.control.get("world"), json!([]));
    estate.env.holds(&[]);

    estate.env.levee(["apply", "-auto-approve", "-var=balanced=false"]).ok();
    estate.script("lose_cluster.py");
    let gone = estate.env.levee(["destroy", "-auto-approve", "-var=balanced=false"]).ok();
    gone.says("aws_eks_cluster.this has been deleted outside of levee").says("- kubernetes_config_map_v1.ephemeral");
    assert_eq!(estate.control.get("world"), json!([]));
    estate.env.holds(&[]);
}
