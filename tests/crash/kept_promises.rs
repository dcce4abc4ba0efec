//! Many worlds, each provoked in its own way, two at a time.

use crate::estate::{Estate, figure};
use crate::random::Random;
use crate::story::{Figures, Kind, tell};
use std::sync::Mutex;
use std::time::Instant;

/// How many runs the suite provokes.
const RUNS: u64 = 60;
/// Chance may leave too many of them alone: then more are provoked, but not beyond so many times as many.
const AT_MOST: u64 = 4;
/// One world in so many is the whole example.
const WHOLE: u64 = 12;
/// EKS in a hurry: what is waited for there is no part of what is shown here.
pub(crate) const FAST: [&str; 8] = [
    "--eks-cluster-seconds=0.1",
    "--eks-nodegroup-seconds=0.1",
    "--eks-fargate-seconds=0.1",
    "--eks-update-seconds=0.1",
    "--eks-delete-seconds=0.1",
    "--nat-seconds=0.1",
    "--nat-delete-seconds=0.1",
    "--deleted-seconds=60",
];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn nothing_is_orphaned_lost_or_made_twice() {
    let wanted = number("LEVEE_CRASHES").unwrap_or(RUNS);
    let (_, seed) = Random::new();
    let total = Mutex::new((Figures::default(), 0));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for lane in 0..2 {
            let total = &total;
            scope.spawn(move || tell_all(lane, seed, wanted, total));
        }
    });
    let (figures, worlds) = *total.lock().expect("no lane failed");
    let Figures { runs, kills, faults, resumed, rolled_back } = figures;
    figure(&format!(
        "LEVEE_SEED={seed}: {runs} runs in {worlds} worlds, {resumed} of them resumes and {rolled_back} rollbacks, {kills} kills, {faults} calls that went wrong, 0 objects orphaned, 0 states lost, {:?}",
        began.elapsed()
    ));
    assert!(are_many(kills, runs), "hardly anything is killed: {figures:?}");
}

/// Whether more than a third of the runs were killed.
fn are_many(kills: u64, runs: u64) -> bool {
    kills * 3 > runs
}

/// Tells stories until there have been enough runs, and enough of them were killed.
fn tell_all(lane: u64, seed: u64, wanted: u64, total: &Mutex<(Figures, u64)>) {
    let small = include_str!("small.tf");
    let small = Estate::written(&format!("crash-small-{lane}"), small, &FAST);
    let whole = (lane == 0).then(|| Estate::copied("crash-whole", &FAST));
    for n in (lane..).step_by(2) {
        let Figures { runs, kills, .. } = total.lock().expect("no lane failed").0;
        if runs >= wanted && (are_many(kills, runs) || runs >= wanted * AT_MOST) {
            break;
        }
        let story = seed.wrapping_add(n);
        let (estate, kind) = match &whole {
            Some(whole) if n % WHOLE == 0 => (whole, Kind::Tidepool),
            _ => (&small, Kind::Small),
        };
        let began = Instant::now();
        figure(&format!("LEVEE_SEED={seed}: world {n} begins"));
        let told = tell(estate, kind, &mut Random::of(story));
        let mut total = total.lock().expect("no lane failed");
        total.0 += told;
        total.1 += 1;
        figure(&format!("world {n} ({kind:?}): {told:?} in {:?}", began.elapsed()));
    }
}
