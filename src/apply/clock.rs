//! The clock of a run: the time of day when it began, and a clock that does not jump since.

use std::time::{Instant, SystemTime};

/// The clock of one run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    day: SystemTime,
    began: Instant,
}

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self { day: SystemTime::now(), began: Instant::now() }
    }

    /// The time of day at a moment of the run.
    pub fn at(&self, moment: Instant) -> SystemTime {
        self.day + moment.saturating_duration_since(self.began)
    }

    /// Microseconds since the run began.
    pub fn micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The time of day so many microseconds after the run began.
    pub fn after(&self, micros: u64) -> SystemTime {
        self.day + std::time::Duration::from_micros(micros)
    }
}
