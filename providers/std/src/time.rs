//! The time provider.

mod calendar;
mod duration;
mod offset;
mod rotating;
mod sleep;
mod r#static;

use crate::offline::Offline;

/// `hashicorp/time`
pub(crate) fn provider() -> Offline {
    Offline::new("time", "hashicorp/time", "0.13.1")
        .resource::<offset::TimeOffset>()
        .resource::<rotating::Rotating>()
        .resource::<sleep::Sleep>()
        .resource::<r#static::Static>()
}
