//! Waits in paused time.

use super::*;
use crate::context::NoSink;
use futures::future::BoxFuture;
use levee_model::Value;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// Keeps what is reported, and gives up on request.
#[derive(Default)]
struct Record {
    said: Mutex<Vec<String>>,
    cancelled: AtomicBool,
}

impl StepSink for Record {
    fn checkpoint(&self, _: String, _: Option<Value>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn status(&self, text: &str) {
        self.said.lock().expect("no test panics while holding it").push(text.to_owned());
    }
    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

fn ctx(sink: Arc<dyn StepSink>) -> Ctx<()> {
    Ctx { client: Arc::new(()), sink, timeout: None }
}

const STATES: States = States { target: &["ACTIVE"], pending: &["CREATING"] };

fn wait() -> Wait {
    Wait::new("creation", Pace::millis(5, 1000), Duration::from_mins(1))
}

#[tokio::test(start_paused = true)]
async fn looks_until_the_target_state_and_reports_each_status_once() {
    let sink = Arc::new(Record::default());
    let looks = AtomicU32::new(0);
    let look = || async {
        let n = looks.fetch_add(1, Ordering::Relaxed);
        STATES.judge(if n < 4 { "CREATING" } else { "ACTIVE" }, n)
    };
    assert_eq!(wait().run(&ctx(sink.clone()), look).await.expect("it becomes active"), 4);
    assert_eq!(*sink.said.lock().expect("no test panics while holding it"), ["CREATING"]);
}

#[tokio::test(start_paused = true)]
async fn a_state_that_leads_nowhere_is_an_error_at_once() {
    let started = Instant::now();
    let error = wait().run(&ctx(Arc::new(NoSink)), || async { STATES.judge("FAILED", ()) }).await;
    let error = error.expect_err("FAILED is no pending state");
    assert_eq!(error.kind, ErrorKind::Failed);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out() {
    let started = Instant::now();
    let ctx = Ctx { timeout: Some(Duration::from_secs(7)), ..ctx(Arc::new(NoSink)) };
    let error = wait().run(&ctx, || async { STATES.judge("CREATING", ()) }).await.expect_err("never active");
    assert_eq!(error.kind, ErrorKind::TimedOut);
    assert!(error.message.contains("CREATING"), "{error}");
    let took = started.elapsed().as_secs_f64();
    assert!((7.0..7.1).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn giving_up_ends_a_wait_in_the_middle_of_an_interval() {
    let sink = Arc::new(Record::default());
    let slow = Wait { pace: Pace::millis(50_000, 50_000), ..wait() };
    let ctx = ctx(sink.clone());
    let started = Instant::now();
    let waiting = slow.run(&ctx, || async { STATES.judge("CREATING", ()) });
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sink.cancelled.store(true, Ordering::Relaxed);
    };
    let (result, ()) = tokio::join!(waiting, cancel);
    assert_eq!(result.expect_err("given up").kind, ErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn passing_failures_are_put_up_with_up_to_a_limit() {
    let error = || ProviderError::new(ErrorKind::Throttled, "slow down");
    let looks = AtomicU32::new(0);
    let look = || async {
        let n = looks.fetch_add(1, Ordering::Relaxed);
        if n < MAX_FAILED_LOOKS { Err(error()) } else { Ok(Look::Ready(())) }
    };
    wait().run(&ctx(Arc::new(NoSink)), look).await.expect("ten failures pass");
    let failed = wait().run(&ctx(Arc::new(NoSink)), || async { Err::<Look<()>, _>(error()) }).await;
    assert_eq!(failed.expect_err("eleven do not").kind, ErrorKind::Throttled);
}

#[test]
fn intervals_grow_to_the_cap() {
    let intervals: Vec<u128> = Pace::millis(10, 30).intervals().take(5).map(|d| d.as_millis()).collect();
    assert_eq!(intervals, [10, 15, 22, 30, 30]);
    for _ in 0..100 {
        let interval = jitter(Duration::from_millis(100));
        assert!((80..=120).contains(&interval.as_millis()), "{interval:?}");
    }
}

const RULES: [RetryRule; 1] = [RetryRule {
    operation: "eks:CreateCluster",
    code: "InvalidParameterException",
    message: "role",
    patience: Duration::from_secs(30),
    status: "the role is not visible yet",
}];

fn refusal(message: &str) -> ProviderError {
    let mut error = ProviderError::invalid(message).during("eks:CreateCluster");
    error.code = Some("InvalidParameterException".into());
    error
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_the_table_is_tried_again_until_patience_ends() {
    let calls = AtomicU32::new(0);
    let sink = Arc::new(Record::default());
    let call = || async { if calls.fetch_add(1, Ordering::Relaxed) < 3 { Err(refusal("no such role")) } else { Ok(()) } };
    retrying(&ctx(sink.clone()), &RULES, Pace::millis(5, 1000), call).await.expect("the fourth call goes through");
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert!(!sink.said.lock().expect("no test panics while holding it").is_empty());

    let started = Instant::now();
    let never = retrying(&ctx(sink), &RULES, Pace::millis(5, 1000), || async { Err::<(), _>(refusal("role")) }).await;
    assert_eq!(never.expect_err("never accepted").kind, ErrorKind::Invalid);
    assert!(started.elapsed() >= Duration::from_secs(30) && started.elapsed() < Duration::from_secs(31));
}

#[tokio::test(start_paused = true)]
async fn another_refusal_is_not_tried_again() {
    let calls = AtomicU32::new(0);
    let call = || async {
        calls.fetch_add(1, Ordering::Relaxed);
        Err::<(), _>(refusal("no such subnet"))
    };
    retrying(&ctx(Arc::new(NoSink)), &RULES, Pace::millis(5, 1000), call).await.expect_err("not in the table");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}
