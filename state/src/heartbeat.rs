//! The holder of a lock shows that it lives, for those who cannot ask the machine that it is on.

use crate::error::StateError;
use crate::fail_point::fail_point;
use crate::lock;
use crate::store::Shared;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use uuid::Uuid;

/// How long a holder is believed after it was last heard of.
pub(crate) const LEASE: Duration = Duration::from_mins(2);
/// How often it is heard of.
const BEAT: Duration = Duration::from_secs(20);

/// A thread that puts off the end of a lease; it ends when this is dropped.
pub(crate) struct Heartbeat {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    pub(crate) fn start(shared: Arc<Shared>, id: Uuid) -> Result<Self, StateError> {
        let (stop, stopped) = channel();
        let beat = move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                fail_point("lock.heartbeat");
                // What cannot be written now may be written the next time; who has lost the lock writes nothing more anyway.
                if shared.write("renewing the lock", |conn| lock::renew(conn, id).map(Ok)).is_ok_and(|held| !held) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("lock-heartbeat".to_owned()).spawn(beat);
        let thread = thread.map_err(|e| StateError::Internal { doing: "starting the heartbeat", detail: e.to_string() })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it panics nowhere, and nothing hangs on it
        }
    }
}
