//! One world from its beginning to the check of what it holds, and what is counted on the way.

use crate::estate::{Estate, TIDEPOOL};
use crate::provocation::{Provocation, spoil, spoiled};
use crate::random::Random;
use crate::{inspected, ownership};
use serde_json::json;
use std::ops::AddAssign;

/// So many objects `small.tf` has at least.
pub(crate) const SMALL: usize = 30;

/// Which configuration a world is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `small.tf`
    Small,
    /// `examples/tidepool`
    Tidepool,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) runs: u64,
    pub(crate) kills: u64,
    pub(crate) faults: u64,
    pub(crate) resumed: u64,
    pub(crate) rolled_back: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.kills += other.kills;
        self.faults += other.faults;
        self.resumed += other.resumed;
        self.rolled_back += other.rolled_back;
    }
}

/// Makes everything in spite of what is done to it, and every third time lets it go again; or has a run undone, however far it came.
pub(crate) fn tell(estate: &Estate, kind: Kind, random: &mut Random) -> Figures {
    estate.start_over();
    if random.below(4) == 0 {
        return undone(estate, random);
    }
    let mut figures = made(estate, "apply", random);
    ownership::check(estate, if kind == Kind::Small { SMALL } else { TIDEPOOL });
    if kind == Kind::Tidepool {
        inspected::check(&estate.script("inspect_estate.py").json());
    }
    estate.is_settled();
    if random.below(3) == 0 {
        figures += made(estate, "destroy", random);
        assert_eq!(estate.control.get("world"), json!([]), "the cloud is empty");
        estate.env.holds(&[]);
    }
    figures
}

/// A run, whole or not, is rolled back, and its rollback provoked as well: nothing is left.
fn undone(estate: &Estate, random: &mut Random) -> Figures {
    let mut figures = Figures::default();
    if random.below(2) == 0 {
        spoil(estate, random);
    }
    for attempt in 0..=random.below(4) {
        let provocation = Provocation::drawn(random, attempt > 0);
        let rollback = ["rollback", "1", "-auto-approve"];
        let command = estate.command(if attempt == 0 { &["apply", "-auto-approve"] } else { &rollback });
        let (killed, _) = provocation.provoke(command);
        let rolled_back = u64::from(attempt > 0);
        figures += Figures { runs: 1, kills: u64::from(killed), rolled_back, ..Figures::default() };
    }
    figures.faults += spoiled(estate);
    estate.control.ask("DELETE", "faults", "");
    let out = estate.levee(["rollback", "1", "-auto-approve"]);
    let nothing = ["There is no such run", "There is nothing to roll back", "is rolled back already"];
    assert!(out.code == Some(0) || nothing.iter().any(|text| out.stderr.contains(text)), "{out}");
    figures += Figures { runs: 1, rolled_back: 1, ..Figures::default() };
    assert_eq!(estate.control.get("world"), json!([]), "nothing is left: {out}");
    estate.env.holds(&[]);
    figures
}

/// Brings a verb to its end, which one to four runs do not come to.
fn made(estate: &Estate, verb: &str, random: &mut Random) -> Figures {
    let mut figures = Figures::default();
    if random.below(2) == 0 {
        spoil(estate, random);
    }
    for attempt in 0..=random.below(4) {
        let provocation = Provocation::drawn(random, attempt > 0);
        let resumes = attempt > 0 && random.below(2) == 0;
        let command = if resumes { estate.command(&["resume"]) } else { estate.command(&[verb, "-auto-approve"]) };
        let (killed, code) = provocation.provoke(command);
        figures += Figures { runs: 1, kills: u64::from(killed), resumed: u64::from(resumes), ..Figures::default() };
        if code == Some(0) {
            break;
        }
    }
    figures.faults += spoiled(estate);
    estate.control.ask("DELETE", "faults", "");
    figures.runs += 1;
    if random.below(2) == 0 {
        let out = estate.levee(["resume"]);
        // The run may have come to its end, or may never have begun.
        if !(out.code == Some(1) && out.stderr.contains("There is no run to go on with")) {
            out.ok();
            figures.resumed += 1;
            return figures;
        }
    }
    estate.levee([verb, "-auto-approve"]).ok();
    figures
}
