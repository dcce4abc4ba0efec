//! Places at which a test may end the process as SIGKILL would: at once, with nothing tidied up.
//!
//! They are there in builds with debug assertions and in no other: what is released has none, and tests need no second build of
//! everything, as a feature would. A library of fail points knows panics, pauses and returns; what is wanted here is the death of
//! the process at the n-th passing, which takes no more than this.

/// The variable that names the place and its passing: `outcome.after=3`; without a number the first.
#[cfg(debug_assertions)]
const VARIABLE: &str = "LEVEE_FAIL_POINT";

/// Passes a place. When the environment names it, and this is the passing that it says, the process ends here.
#[cfg(debug_assertions)]
pub fn fail_point(place: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static CHOSEN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let chosen = CHOSEN.get_or_init(|| {
        let text = std::env::var(VARIABLE).ok()?;
        let (name, passing) = text.split_once('=').unwrap_or((&text, "1"));
        Some((name.to_owned(), passing.parse().ok()?))
    });
    let Some((_, passing)) = chosen.as_ref().filter(|(name, _)| name == place) else { return };
    if PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *passing {
        std::process::abort();
    }
}

/// Nothing: what is released has no such places.
#[cfg(not(debug_assertions))]
#[inline]
pub fn fail_point(_: &str) {}
