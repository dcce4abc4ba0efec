//! How calls are sent: at the pace a service bears, and again where that is harmless. The SDK's own retries are off.
//!
//! A call is repeated by itself when it was throttled, when it never left, when it was refused because something made a
//! moment ago is not visible everywhere yet, and, if repeating is harmless, when its answer was lost. What only a certain
//! call has to wait for stands in the table of [`crate::retry`].

use crate::error::{self, SdkFault, ServiceFault};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::limiter::{Limiter, Limits};
use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Attempts while throttled, unless the provider block says another number.
const THROTTLED_ATTEMPTS: u32 = 25;
/// Attempts while the endpoint cannot be reached: few, so that a wrong one is soon reported.
const UNREACHABLE_ATTEMPTS: u32 = 3;
/// Attempts of a harmless call whose answer was lost or that failed on the other side.
const LOST_ATTEMPTS: u32 = 5;
/// First pause; each later one is twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(150);
/// Longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How long AWS may need to show a new object to all of its parts.
const VISIBILITY: Duration = Duration::from_secs(45);
/// The same for calls that read or take away: there an absence is most likely what it seems.
const VISIBILITY_AS_ANSWER: Duration = Duration::from_secs(5);
/// How the names of such calls begin.
const ANSWERED_BY_ABSENCE: [&str; 9] = ["Delete", "Describe", "Detach", "Disassociate", "Get", "List", "Release", "Remove", "Revoke"];

/// Most calls in flight to one service, and most per second until it throttles.
const LIMITS: Limits = Limits { concurrency: 64, rate: 200.0, floor: 1.0, burst: 64, recovery: 10.0 };

/// Sends calls and repeats them. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    attempts: u32,
    /// One limiter a service.
    limiters: Arc<Mutex<BTreeMap<String, Limiter>>>,
    /// Ids and names of what this process made, with the moment.
    young: Arc<Mutex<BTreeMap<String, Instant>>>,
}

impl Sender {
    /// A sender that tries a throttled call so many times.
    pub fn new(max_retries: Option<i64>) -> Self {
        let attempts = max_retries.and_then(|n| u32::try_from(n).ok()).map_or(THROTTLED_ATTEMPTS, |n| n.max(1));
        Self { attempts, limiters: Arc::default(), young: Arc::default() }
    }

    /// Remembers an object as just made: calls that name it are repeated while it is said not to exist.
    pub fn born(&self, id: &str) {
        let mut young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        young.retain(|_, since| since.elapsed() < VISIBILITY);
        young.insert(id.to_owned(), Instant::now());
    }

    /// Whether an object was made so recently that its absence proves nothing.
    pub fn is_young(&self, id: &str) -> bool {
        let young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        young.get(id).is_some_and(|since| since.elapsed() < VISIBILITY)
    }

    /// Whether a read that does not find an object should look again: it was made a moment ago.
    pub fn may_be_hidden(&self, id: &str) -> bool {
        let young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        young.get(id).is_some_and(|since| since.elapsed() < VISIBILITY_AS_ANSWER)
    }

    /// Sends a call that may be repeated when its answer is lost. `operation`: `ec2:DescribeVpcs`.
    pub async fn send<T, E, Call, Fut>(&self, operation: &str, call: Call) -> Result<T>
    where
        E: ServiceFault,
        Call: Fn() -> Fut,
        Fut: Future<Output = std::result::Result<T, SdkFault<E>>>,
    {
        self.repeat(operation, true, call).await
    }

    /// Sends a call that must not be repeated blindly: a lost answer is [`ErrorKind::InDoubt`].
    pub async fn send_once<T, E, Call, Fut>(&self, operation: &str, call: Call) -> Result<T>
    where
        E: ServiceFault,
        Call: Fn() -> Fut,
        Fut: Future<Output = std::result::Result<T, SdkFault<E>>>,
    {
        self.repeat(operation, false, call).await
    }

    async fn repeat<T, E, Call, Fut>(&self, operation: &str, harmless: bool, call: Call) -> Result<T>
    where
        E: ServiceFault,
        Call: Fn() -> Fut,
        Fut: Future<Output = std::result::Result<T, SdkFault<E>>>,
    {
        let limiter = self.limiter(operation);
        let mut pause = Pauses::default();
        loop {
            let permit = limiter.acquire().await;
            let sent = Instant::now();
            let answer = call().await.map_err(|fault| error::from_sdk(operation, &fault));
            match &answer {
                Err(error) if error.kind == ErrorKind::Throttled => limiter.throttled(&permit),
                _ => limiter.succeeded(&permit),
            }
            drop(permit);
            log(operation, sent.elapsed(), pause.count, answer.as_ref().err());
            let Err(error) = answer else { return answer };
            if pause.count >= self.allowed(operation, &error, harmless) {
                return Err(error);
            }
            limiter.pause(pause.next()).await;
        }
    }

    /// How many repetitions an error deserves.
    fn allowed(&self, operation: &str, error: &ProviderError, harmless: bool) -> u32 {
        match error.kind {
            ErrorKind::Throttled => self.attempts - 1,
            ErrorKind::Transient => UNREACHABLE_ATTEMPTS - 1,
            ErrorKind::InDoubt if harmless => LOST_ATTEMPTS - 1,
            ErrorKind::NotFound | ErrorKind::Invalid if self.names_young(operation, &error.message) => u32::MAX,
            _ => 0,
        }
    }

    fn names_young(&self, operation: &str, message: &str) -> bool {
        let call = operation.split(':').next_back().unwrap_or_default();
        let is_answer = ANSWERED_BY_ABSENCE.iter().any(|verb| call.starts_with(verb));
        let limit = if is_answer { VISIBILITY_AS_ANSWER } else { VISIBILITY };
        let young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        young.iter().any(|(id, since)| since.elapsed() < limit && message.contains(id.as_str()))
    }

    fn limiter(&self, operation: &str) -> Limiter {
        let service = operation.split(':').next().unwrap_or_default();
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        limiters.entry(service.to_owned()).or_insert_with(|| Limiter::new(LIMITS)).clone()
    }
}

/// What was called and what it came to, without what was sent.
fn log(operation: &str, elapsed: Duration, repeated: u32, error: Option<&ProviderError>) {
    match error {
        None => tracing::debug!(operation, ?elapsed, repeated, "answered"),
        Some(ProviderError { kind, code, request_id, .. }) => {
            tracing::debug!(operation, ?elapsed, repeated, ?kind, code, request_id, "refused");
        }
    }
}

/// Growing pauses with jitter.
#[derive(Default)]
struct Pauses {
    count: u32,
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let full = FIRST_PAUSE.saturating_mul(1 << self.count.min(10)).min(LAST_PAUSE);
        self.count = self.count.saturating_add(1);
        // Between half and the whole: spread out, and never at once.
        let random = RandomState::new().hash_one(self.count) % 512;
        full.mul_f64(0.5 + f64::from(u32::try_from(random).unwrap_or(0)) / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, message: &str) -> ProviderError {
        let mut error = ProviderError::new(error::kind_of_code(code).unwrap_or(ErrorKind::Invalid), message);
        error.code = Some(code.to_owned());
        error
    }

    #[test]
    fn only_young_objects_excuse_an_absence() {
        let sender = Sender::new(None);
        sender.born("vpc-1");
        assert_eq!(
            sender.allowed("ec2:CreateSubnet", &refusal("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"), true),
            u32::MAX
        );
        assert_eq!(sender.allowed("ec2:CreateSubnet", &refusal("InvalidVpcID.NotFound", "The vpc ID 'vpc-2' does not exist"), true), 0);
    }

    #[test]
    fn lost_answers_are_repeated_only_where_harmless() {
        let lost = ProviderError::new(ErrorKind::InDoubt, "no answer");
        assert_eq!(Sender::new(None).allowed("ec2:CreateVpc", &lost, false), 0);
        assert!(Sender::new(None).allowed("ec2:CreateVpc", &lost, true) > 0);
        assert_eq!(Sender::new(Some(3)).allowed("ec2:CreateVpc", &ProviderError::new(ErrorKind::Throttled, "slow"), false), 2);
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pauses = Pauses::default();
        let all: Vec<Duration> = (0..12).map(|_| pauses.next()).collect();
        assert!(all[0] <= FIRST_PAUSE && all[0] >= FIRST_PAUSE / 2);
        assert!(all[11] <= LAST_PAUSE && all[11] >= LAST_PAUSE / 2);
    }
}
