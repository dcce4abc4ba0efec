//! The Kubernetes provider against a real API server: every kind is made, looked at, changed by us and by others, imported
//! and deleted. One control plane serves all tests; each works in a namespace of its own.

#[path = "../cli/test_env.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which use the rest")]
mod test_env;
mod plane;

mod life;
mod drift;
mod replaced;
mod waits;
mod manifests;
mod rollouts;
mod parts;
mod lost;
mod helm;
mod helm_life;
mod helm_drift;
mod helm_stuck;
mod helm_secrets;
mod helm_values;
