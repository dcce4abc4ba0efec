//! A whole estate, `examples/tidepool`, in sandboxes of its own: made, looked at from outside of levee, changed behind its
//! back, destroyed; and made in spite of kills and lost answers.
//!
//! With `--nocapture` each test prints its figures. `LEVEE_KILLS` says how many runs are killed, `LEVEE_SEED` repeats one.

#[path = "../cli/test_env.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which use the rest")]
mod test_env;
mod control;
mod estate;
mod ownership;
mod random;

mod life;
mod inspected;
mod refusals;
mod undone;
mod kms;
mod lost_answers;
mod kills;

mod hand;
mod admission;
mod workloads;
