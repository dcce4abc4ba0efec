//! How long a step is expected to take: what is known of its type before any was measured, and what was measured here since.
//!
//! The rule: what is known beforehand counts as one measurement, and every measurement as one, up to twenty. Times differ by
//! orders of magnitude (an emulator is a thousand times faster than the cloud), so it is their logarithms that are averaged:
//! one measurement of 0.1 s against 600 s known beforehand makes 8 s, five of them make 0.4 s.

use levee_state::DurationRow;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a step does, as far as its duration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An object is made.
    Create,
    /// An object is changed in place.
    Update,
    /// An object is deleted.
    Delete,
    /// A data source is read.
    Read,
}

/// An expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// How long it will take.
    pub duration: Duration,
    /// Whether nothing is known of the type: it is what calls of that kind usually take.
    pub guessed: bool,
}

/// How many measurements weigh against what is known beforehand, at most.
const MOST_SAMPLES: u64 = 20;

/// Seconds that types take whose calls return long before the object is there, or that cannot be deleted at once: create,
/// update, delete. The rest takes about as long as its calls.
///
/// Where from: EKS clusters: the public roadmap of AWS container services (issue 1227) has 15 minutes on average for 2021,
/// the user guide "several minutes" since; version updates and deletions as its wait loops are set. Node groups: EC2
/// launches within a minute or two, then nodes join; deletion drains them. Add-ons, Fargate profiles and NAT gateways: what
/// the state transitions of their APIs take in practice, one to two minutes.
const KNOWN: &[(&str, [u32; 3])] = &[
    ("aws_eks_addon", [60, 60, 30]),
    ("aws_eks_cluster", [600, 480, 300]),
    ("aws_eks_fargate_profile", [90, 2, 120]),
    ("aws_eks_node_group", [180, 240, 240]),
    ("aws_internet_gateway", [1, 1, 10]),
    ("aws_nat_gateway", [100, 2, 60]),
    ("aws_vpc", [12, 2, 1]),
];

/// Milliseconds of a cloud's call when nothing else is known: create (the call, and a look whether it is there), update,
/// delete, read.
const CALL: [u64; 4] = [2000, 1500, 1500, 500];

/// Whether a type's objects lie on this machine.
fn is_here(type_name: &str) -> bool {
    type_name.starts_with("local_")
}

/// What is known about the time that steps take.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    /// By type, and action as the journal calls it: how many were measured, and a typical one.
    learned: BTreeMap<String, BTreeMap<String, (u64, Duration)>>,
}

impl Durations {
    /// From what the state store has learned.
    pub fn new(rows: Vec<DurationRow>) -> Self {
        let mut learned: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for row in rows {
            learned.entry(row.type_name).or_default().insert(row.action, (row.samples, row.typical));
        }
        Self { learned }
    }

    /// What to expect of a step. `instant`: the type touches nothing outside, so that it takes no time worth the name.
    pub fn expected(&self, type_name: &str, kind: Kind, instant: bool) -> Expected {
        let known = KNOWN.iter().find(|(name, _)| *name == type_name).map(|(_, seconds)| seconds);
        let prior = match (known, kind) {
            _ if instant => Duration::from_millis(1),
            _ if is_here(type_name) => Duration::from_millis(10),
            (Some(seconds), Kind::Create | Kind::Update | Kind::Delete) => Duration::from_secs(seconds[kind as usize].into()),
            _ => Duration::from_millis(CALL[kind as usize]),
        };
        match self.measured(type_name, kind) {
            Some((samples, typical)) => Expected { duration: blended(prior, samples, typical), guessed: false },
            None => Expected { duration: prior, guessed: known.is_none() && !instant && !is_here(type_name) },
        }
    }

    /// All measurements of a kind as one. The journal has several words for creating.
    fn measured(&self, type_name: &str, kind: Kind) -> Option<(u64, Duration)> {
        let words: &[&str] = match kind {
            Kind::Create => &["create", "create-before-destroy", "create-and-provision"],
            Kind::Update => &["update"],
            Kind::Delete => &["delete"],
            Kind::Read => &["read"],
        };
        let of_type = self.learned.get(type_name)?;
        let rows = words.iter().filter_map(|word| of_type.get(*word));
        let (samples, total) = rows.fold((0, 0.0), |(n, sum), (samples, typical)| {
            (n + samples, sum + typical.as_secs_f64() * u32::try_from(*samples).map_or(f64::from(u32::MAX), f64::from))
        });
        let count = u32::try_from(samples).unwrap_or(u32::MAX);
        (samples > 0).then(|| (samples, Duration::from_secs_f64(total / f64::from(count))))
    }
}

/// The weighted mean of the logarithms; see the rule above.
fn blended(prior: Duration, samples: u64, typical: Duration) -> Duration {
    let log = |d: Duration| d.as_secs_f64().max(1e-6).ln();
    let weight = f64::from(u32::try_from(samples.min(MOST_SAMPLES)).unwrap_or(0));
    Duration::from_secs_f64(((log(prior) + weight * log(typical)) / (1.0 + weight)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(rows: &[(&str, &str, u64, f64)]) -> Durations {
        let row = |(type_name, action, samples, typical): &(&str, &str, u64, f64)| DurationRow {
            type_name: (*type_name).into(),
            action: (*action).into(),
            samples: *samples,
            typical: Duration::from_secs_f64(*typical),
            longest: Duration::ZERO,
        };
        Durations::new(rows.iter().map(row).collect())
    }

    fn seconds(durations: &Durations, type_name: &str, kind: Kind) -> f64 {
        durations.expected(type_name, kind, false).duration.as_secs_f64()
    }

    #[test]
    fn the_table_speaks_before_anything_was_measured() {
        let nothing = Durations::default();
        let cluster = Expected { duration: Duration::from_mins(10), guessed: false };
        assert_eq!(nothing.expected("aws_eks_cluster", Kind::Create, false), cluster);
        assert_eq!(nothing.expected("x", Kind::Create, false), Expected { duration: Duration::from_secs(2), guessed: true });
        let instant = Expected { duration: Duration::from_millis(1), guessed: false };
        assert_eq!(nothing.expected("terraform_data", Kind::Delete, true), instant);
    }

    #[test]
    fn measurements_take_over() {
        for (samples, low, high) in [(1, 7.0, 8.0), (5, 0.4, 0.5), (20, 0.1, 0.16), (1000, 0.1, 0.16)] {
            let found = seconds(&learned(&[("aws_eks_cluster", "create", samples, 0.1)]), "aws_eks_cluster", Kind::Create);
            assert!((low..high).contains(&found), "{samples} measurements make {found}");
        }
        let both = learned(&[("x", "create", 9, 2.0), ("x", "create-before-destroy", 1, 12.0), ("x", "delete", 20, 60.0)]);
        assert!((2.5..3.0).contains(&seconds(&both, "x", Kind::Create)));
        assert!(seconds(&both, "x", Kind::Delete) > 40.0);
        assert!(!both.expected("x", Kind::Create, false).guessed && both.expected("x", Kind::Update, false).guessed);
    }
}
