//! Waiting: until an object is as it should be ([`Wait`]), and until a call is accepted ([`retrying`]).
//!
//! Both look again at growing intervals with jitter, so that many waits started together spread out. Both end early when
//! the operator gives up, and with an error of [`ErrorKind::TimedOut`] or the last refusal when time is up.

use crate::context::{Ctx, StepSink};
use crate::error::{ErrorKind, ProviderError, Result};
use crate::meter;
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// How often to look: from `start` on, half as long again each time, up to `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The first interval.
    pub start: Duration,
    /// The longest interval.
    pub cap: Duration,
}

impl Pace {
    /// From so many milliseconds on, up to so many.
    pub const fn millis(start: u64, cap: u64) -> Self {
        Self { start: Duration::from_millis(start), cap: Duration::from_millis(cap) }
    }

    /// The intervals, without end.
    fn intervals(self) -> impl Iterator<Item = Duration> {
        std::iter::successors(Some(self.start.min(self.cap)), move |last| Some(last.mul_f64(1.5).min(self.cap)))
    }
}

/// What one look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It is as it should be.
    Ready(T),
    /// Not yet; a few words for the progress display: "CREATING, 3 of 4 subnets attached".
    Pending(String),
}

/// The states of an object on its way, as the API names them.
#[derive(Clone, Copy, Debug)]
pub struct States {
    /// Where it should arrive.
    pub target: &'static [&'static str],
    /// What it may pass through. Empty: everything that is not a target.
    pub pending: &'static [&'static str],
}

impl States {
    /// Judges a state; one that is neither target nor pending is an error of [`ErrorKind::Failed`].
    pub fn judge<T>(&self, state: &str, object: T) -> Result<Look<T>> {
        if self.target.contains(&state) {
            Ok(Look::Ready(object))
        } else if self.pending.is_empty() || self.pending.contains(&state) {
            Ok(Look::Pending(state.to_owned()))
        } else {
            let wanted = self.target.join(" or ");
            Err(ProviderError::new(ErrorKind::Failed, format!("it is {state} and will not become {wanted}")))
        }
    }
}

/// How many failed looks in a row are put up with, when they are of the passing kind.
const MAX_FAILED_LOOKS: u32 = 10;

/// At most so long until a request to give up is noticed.
const CANCEL_CHECK: Duration = Duration::from_millis(100);

/// A wait for an object.
#[derive(Clone, Debug)]
pub struct Wait {
    /// What is waited for, for messages: `deletion of subnet subnet-1`.
    pub what: String,
    /// How often to look.
    pub pace: Pace,
    /// The longest that it may take, unless the `timeouts` block says otherwise.
    pub timeout: Duration,
}

impl Wait {
    /// A wait with a time limit, which the `timeouts` block overrides.
    pub fn new(what: impl Into<String>, pace: Pace, timeout: Duration) -> Self {
        Self { what: what.into(), pace, timeout }
    }

    /// Looks at once, then again and again until the look is ready.
    ///
    /// A look that fails ends the wait, apart from throttling and passing failures, of which ten in a row are put up with.
    pub async fn run<C, T, F, L>(&self, ctx: &Ctx<C>, mut look: L) -> Result<T>
    where
        L: FnMut() -> F,
        F: Future<Output = Result<Look<T>>>,
    {
        let limit = ctx.timeout.unwrap_or(self.timeout);
        let deadline = Instant::now() + limit;
        let mut intervals = self.pace.intervals();
        let mut last = String::new();
        let mut failed = 0;
        loop {
            match look().await {
                Ok(Look::Ready(object)) => return Ok(object),
                Ok(Look::Pending(status)) => {
                    failed = 0;
                    if status != last {
                        ctx.status(&status);
                        last = status;
                    }
                }
                Err(error) if is_passing(&error) && failed < MAX_FAILED_LOOKS => failed += 1,
                Err(error) => return Err(error),
            }
            let interval = intervals.next().unwrap_or(self.pace.cap);
            pause(ctx.sink.as_ref(), interval, deadline, &self.what).await?;
            if Instant::now() >= deadline {
                return Err(self.timed_out(limit, &last));
            }
        }
    }

    fn timed_out(&self, limit: Duration, last: &str) -> ProviderError {
        let state = if last.is_empty() { String::new() } else { format!(": it is still {last}") };
        let text = format!("the {} is not done after {limit:?}{state}", self.what);
        ProviderError::new(ErrorKind::TimedOut, text).hint("Allow more time in the `timeouts` block.")
    }
}

fn is_passing(error: &ProviderError) -> bool {
    matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient)
}

/// Sleeps an interval with jitter, not beyond the deadline; ends early, with an error, when the operator gives up.
async fn pause(sink: &dyn StepSink, interval: Duration, deadline: Instant, what: &str) -> Result<()> {
    sleep_until(sink, (Instant::now() + jitter(interval)).min(deadline), what).await
}

/// Sleeps until then; ends early, with an error, when the operator gives up. `what` names what is waited for.
pub async fn sleep_until(sink: &dyn StepSink, until: Instant, what: &str) -> Result<()> {
    loop {
        if sink.is_cancelled() {
            return Err(ProviderError::new(ErrorKind::Cancelled, format!("the {what} was not waited for")));
        }
        let now = Instant::now();
        if now >= until {
            return Ok(());
        }
        tokio::time::sleep_until(until.min(now + CANCEL_CHECK)).await;
    }
}

/// The duration, give or take a fifth.
fn jitter(duration: Duration) -> Duration {
    // The upper half of a version 4 UUID's first word has no fixed bits.
    let random = u32::try_from(Uuid::new_v4().as_u64_pair().0 >> 32).unwrap_or_default();
    duration.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX))
}

/// One row of a provider's table of refusals that pass by themselves, such as a new role that another service does not
/// see yet.
#[derive(Clone, Copy, Debug)]
pub struct RetryRule {
    /// The API call: `eks:CreateCluster`; `*` is any.
    pub operation: &'static str,
    /// The API's error code; `*` is any.
    pub code: &'static str,
    /// What the message contains; empty is anything.
    pub message: &'static str,
    /// How long to go on trying.
    pub patience: Duration,
    /// Shown while waiting: "the role is not visible yet".
    pub status: &'static str,
}

impl RetryRule {
    /// Whether the rule is about this error.
    pub fn matches(&self, error: &ProviderError) -> bool {
        let fits = |pattern: &str, text: Option<&str>| pattern == "*" || text == Some(pattern);
        fits(self.operation, error.operation.as_deref()) && fits(self.code, error.code.as_deref()) && error.message.contains(self.message)
    }
}

/// Makes a call, again while it is refused for a reason that one of the rules knows, as long as that rule has patience
/// and the operation has time. Then the last refusal is the error.
pub async fn retrying<C, T, F, L>(ctx: &Ctx<C>, rules: &[RetryRule], pace: Pace, mut call: L) -> Result<T>
where
    L: FnMut() -> F,
    F: Future<Output = Result<T>>,
{
    let started = Instant::now();
    for interval in pace.intervals() {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let Some(rule) = rules.iter().find(|rule| rule.matches(&error)) else { return Err(error) };
        let patience = ctx.timeout.map_or(rule.patience, |timeout| timeout.min(rule.patience));
        let deadline = started + patience;
        if Instant::now() >= deadline {
            return Err(error);
        }
        ctx.status(rule.status);
        let paused = Instant::now();
        pause(ctx.sink.as_ref(), interval, deadline, "retry").await?;
        meter::paused(paused.elapsed());
    }
    Err(ProviderError::new(ErrorKind::Bug, "a pace without intervals"))
}

#[cfg(test)]
mod tests;
