//! What is done to a run: it is killed where it passes a named place, or at a random moment, or left to its calls that go wrong.

use crate::estate::Estate;
use crate::random::Random;
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Places that every step passes, or every transaction of the journal.
const OFTEN: [&str; 9] = [
    "intent.before",
    "intent.after",
    "call.after",
    "checkpoint.before",
    "checkpoint.after",
    "outcome.before",
    "outcome.after",
    "commit.before",
    "commit.after",
];
/// Places that a run passes once.
const ONCE: [&str; 6] = ["lock.claim", "lock.taken", "lock.release", "run.begun", "run.finish", "run.finished"];
/// Places that are passed while it is found out what an earlier run left.
const RECOVERING: [&str; 3] = ["recovery.found", "recovery.record", "recovery.settled"];

/// How a run is to end before its time.
#[derive(Debug)]
pub(crate) enum Provocation {
    /// It is killed at this passing of a named place.
    Place(&'static str, u64),
    /// It is killed so many milliseconds after so many lines about steps.
    Moment(u64, u64),
    /// Only its calls go wrong.
    Calls,
}

impl Provocation {
    /// A random one. `again`: an earlier run may have left something to be settled.
    pub(crate) fn drawn(random: &mut Random, again: bool) -> Self {
        let mut of = |places: &[&'static str]| places[usize::try_from(random.below(places.len() as u64)).expect("a small number")];
        let (often, once, recovering) = (of(&OFTEN), of(&ONCE), of(&RECOVERING));
        match random.below(10) {
            0..4 => Self::Place(often, 1 + random.below(25)),
            4 => Self::Place(once, 1 + random.below(2)),
            5..7 if again => Self::Place(recovering, 1 + random.below(3)),
            5..9 => Self::Moment(random.below(70), random.below(30)),
            _ => Self::Calls,
        }
    }

    /// Runs a command under it; whether it was killed, and how it ended otherwise.
    pub(crate) fn provoke(&self, mut command: Command) -> (bool, Option<i32>) {
        command.stderr(Stdio::null());
        let Self::Moment(lines, pause) = self else {
            if let Self::Place(name, passing) = self {
                command.env("LEVEE_FAIL_POINT", format!("{name}={passing}"));
            }
            let status = command.stdout(Stdio::null()).status().expect("levee can be started");
            return (status.code().is_none(), status.code());
        };
        let mut run = command.stdout(Stdio::piped()).spawn().expect("levee can be started");
        let out = BufReader::new(run.stdout.take().expect("it is piped"));
        let is_step = |l: &String| l.contains("ing...") || l.contains(" complete after");
        let told = out.lines().map_while(Result::ok).filter(is_step);
        let told = told.take(usize::try_from(*lines).expect("a small number")).count() as u64;
        // Not to wait for anything: it makes the moment of the kill a random one.
        std::thread::sleep(Duration::from_millis(*pause));
        if told < *lines {
            let status = run.wait().expect("it ends");
            return (false, status.code());
        }
        run.kill().expect("it can be killed");
        let status = run.wait().expect("it has ended");
        (status.code().is_none(), status.code())
    }
}

/// Lets some of the next calls go wrong.
pub(crate) fn spoil(estate: &Estate, random: &mut Random) {
    const KINDS: [&str; 6] = ["drop_after", "truncate", "error_after", "drop_before", "error", "delay"];
    const ACTIONS: [&str; 6] = [
        "Create.*",
        "Create.*|Allocate.*|Put.*|Attach.*|Associate.*|Authorize.*|Add.*",
        "Delete.*|Release.*|Detach.*|Disassociate.*|Revoke.*",
        "Describe.*|Get.*|List.*",
        "Modify.*|Accept.*|Update.*",
        ".*",
    ];
    let mut one = |of: &[&'static str]| of[usize::try_from(random.below(of.len() as u64)).expect("a small number")];
    let chosen: Vec<_> = (0..3).map(|_| (one(&KINDS), one(&ACTIONS))).collect();
    let rules: Vec<Json> = chosen
        .into_iter()
        .take(usize::try_from(1 + random.below(3)).expect("a small number"))
        .map(|(kind, action)| {
            json!({ "action": action, "kind": kind, "skip": random.below(20), "times": 1 + random.below(4), "seconds": 0.1 })
        })
        .collect();
    estate.control.post("faults", &rules.into());
}

/// How many calls went wrong since the world began.
pub(crate) fn spoiled(estate: &Estate) -> u64 {
    let rules = estate.control.get("faults");
    rules.as_array().into_iter().flatten().filter_map(|rule| rule["hits"].as_u64()).sum()
}
