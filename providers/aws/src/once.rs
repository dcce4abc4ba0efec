//! Creating something that has no client token, exactly once.

use levee_sdk::error::{ErrorKind, Result};
use std::future::Future;
use std::time::Duration;

/// Pauses between looks for an object whose creation was not answered: reads lag behind writes.
const LOOKS: [Duration; 4] = [Duration::ZERO, Duration::from_millis(400), Duration::from_secs(1), Duration::from_secs(2)];
/// How often a creation is sent when it is lost each time.
const ROUNDS: u32 = 3;

/// By what the search knows an object as ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It carries our op tag.
    OpTag,
    /// It connects what ours connects. That is ours only if we have sent the creation before.
    NaturalKey,
}

/// Sends a creation; when its answer is lost, looks for the object before sending it again.
///
/// `call` must not repeat itself ([`crate::sender::Sender::send_once`]). `find` yields the object if it is there.
pub async fn once<T, Call, Called, Find, Found>(proof: Proof, call: Call, find: Find) -> Result<T>
where
    Call: Fn() -> Called,
    Called: Future<Output = Result<T>>,
    Find: Fn() -> Found,
    Found: Future<Output = Result<Option<T>>>,
{
    let mut doubts = 0;
    loop {
        let error = match call().await {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        match error.kind {
            ErrorKind::InDoubt => doubts += 1,
            ErrorKind::AlreadyExists if proof == Proof::OpTag || doubts > 0 => {}
            _ => return Err(error),
        }
        if let Some(found) = look(&find).await? {
            return Ok(found);
        }
        if error.kind == ErrorKind::AlreadyExists || doubts >= ROUNDS {
            return Err(error);
        }
    }
}

async fn look<T, Find, Found>(find: &Find) -> Result<Option<T>>
where
    Find: Fn() -> Found,
    Found: Future<Output = Result<Option<T>>>,
{
    for pause in LOOKS {
        tokio::time::sleep(pause).await;
        if let Some(found) = find().await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::error::ProviderError;
    use std::sync::atomic::{AtomicU32, Ordering};

    async fn run(proof: Proof, answers: &[Option<ErrorKind>], there: Option<u32>) -> (Result<u32>, u32) {
        let calls = AtomicU32::new(0);
        let call = || async {
            let n = calls.fetch_add(1, Ordering::SeqCst) as usize;
            answers[n].map_or(Ok(1), |kind| Err(ProviderError::new(kind, "as it were")))
        };
        let result = once(proof, call, || async move { Ok(there) }).await;
        (result, calls.into_inner())
    }

    #[tokio::test]
    async fn a_lost_answer_is_looked_for_before_it_is_sent_again() {
        let (result, calls) = run(Proof::OpTag, &[Some(ErrorKind::InDoubt)], Some(7)).await;
        assert_eq!((result.expect("adopted"), calls), (7, 1));
    }

    #[tokio::test]
    async fn somebody_elses_is_not_adopted() {
        let exists = [Some(ErrorKind::AlreadyExists)];
        let (result, _) = run(Proof::NaturalKey, &exists, Some(7)).await;
        assert_eq!(result.expect_err("not ours").kind, ErrorKind::AlreadyExists);
        let (result, _) = run(Proof::OpTag, &exists, Some(7)).await;
        assert_eq!(result.expect("the tag is ours"), 7);
    }

    #[tokio::test]
    async fn a_natural_key_is_ours_after_a_lost_answer() {
        let (result, calls) = run(Proof::NaturalKey, &[Some(ErrorKind::InDoubt)], Some(7)).await;
        assert_eq!((result.expect("ours"), calls), (7, 1));
    }
}
