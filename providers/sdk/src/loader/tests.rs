//! Batches in paused time.

use super::*;
use futures::future::join_all;

type Calls = Arc<Mutex<Vec<Vec<u32>>>>;

/// A loader that knows the keys below 100, refuses any batch with a key from 200 on, and writes down its calls.
fn loader(max: usize, refusal: ErrorKind) -> (Loader<u32, String>, Calls) {
    let calls = Calls::default();
    let log = calls.clone();
    let fetch = move |keys: Vec<u32>| {
        log.lock().expect("no test panics while holding it").push(keys.clone());
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if keys.iter().any(|k| *k >= 200) {
                return Err(ProviderError::new(refusal, "bogus id"));
            }
            Ok(keys.into_iter().filter(|k| *k < 100).map(|k| (k, k.to_string())).collect())
        }
    };
    (Loader::new(max, fetch), calls)
}

fn calls(log: &Calls) -> Vec<Vec<u32>> {
    log.lock().expect("no test panics while holding it").clone()
}

#[tokio::test(start_paused = true)]
async fn concurrent_reads_share_one_call() {
    let (loader, log) = loader(1000, ErrorKind::NotFound);
    let keys = [5, 3, 3, 150];
    let found = join_all(keys.map(|k| loader.load(k))).await;
    let found: Vec<Option<String>> = found.into_iter().map(|f| f.expect("no refusal")).collect();
    assert_eq!(found, [Some("5".into()), Some("3".into()), Some("3".into()), None]);
    assert_eq!(calls(&log), [[3, 5, 150]]);
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_leaves_at_once_and_the_rest_follows() {
    let (loader, log) = loader(2, ErrorKind::NotFound);
    join_all((0..5).map(|k| loader.load(k))).await;
    assert_eq!(calls(&log), [vec![0, 1], vec![2, 3], vec![4]]);
}

#[tokio::test(start_paused = true)]
async fn a_read_during_a_call_is_read_anew() {
    let (loader, log) = loader(10, ErrorKind::NotFound);
    let second = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        loader.load(1).await
    };
    let (first, second) = tokio::join!(loader.load(1), second);
    assert_eq!(first.ok(), second.ok());
    assert_eq!(calls(&log), [[1], [1]]);
}

#[tokio::test(start_paused = true)]
async fn one_bogus_key_does_not_spoil_the_others() {
    for kind in [ErrorKind::NotFound, ErrorKind::Invalid] {
        let (loader, _) = loader(1000, kind);
        let keys = [1, 2, 3, 200, 4];
        let found = join_all(keys.map(|k| loader.load(k))).await;
        for (key, found) in keys.into_iter().zip(found) {
            match (key, kind) {
                (200, ErrorKind::NotFound) => assert_eq!(found.ok(), Some(None)),
                (200, _) => assert_eq!(found.expect_err("refused").kind, ErrorKind::Invalid),
                _ => assert_eq!(found.ok(), Some(Some(key.to_string()))),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_everybodys_error() {
    let (loader, log) = loader(1000, ErrorKind::AccessDenied);
    let found = join_all([1, 200].map(|k| loader.load(k))).await;
    for found in found {
        assert_eq!(found.expect_err("refused").kind, ErrorKind::AccessDenied);
    }
    assert_eq!(calls(&log).len(), 1);
}
