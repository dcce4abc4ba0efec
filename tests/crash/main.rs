//! Runs that are killed at named places and at random moments, and whose calls go wrong: however often and wherever, in the end
//! all is there or gone, and the cloud holds what the state knows and nothing else.
//!
//! `LEVEE_CRASHES=500 cargo test --test crash -- --nocapture` provokes more runs than the suite does, and prints the figures of
//! `docs/reliability.md`; `LEVEE_SEED` repeats them.

#[path = "../estate/control.rs"]
mod control;
#[path = "../estate/estate.rs"]
#[expect(dead_code, reason = "shared with the tests of the estate, which use the rest")]
mod estate;
#[path = "../estate/inspected.rs"]
mod inspected;
#[path = "../estate/ownership.rs"]
mod ownership;
#[path = "../estate/random.rs"]
mod random;
#[path = "../cli/test_env.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which use the rest")]
mod test_env;

mod provocation;
mod story;

mod kept_promises;
mod every_type;
mod std_types;
mod provocations;
