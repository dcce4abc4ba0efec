//! Ctrl-C. The first asks the run to start nothing new and waits for what is under way; the second leaves at once.

use super::output::console::Console;
use super::output::progress::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

const FIRST: &str = "\nInterrupted: nothing new is started, and calls under way are awaited. Interrupt again to leave at once.";
const SECOND: &str = "\nLeaving at once. The next levee command finds out what became of the calls that were under way.";

/// Whether the operator asked to stop.
#[derive(Clone)]
pub(crate) struct Interrupt {
    asked: watch::Receiver<bool>,
    /// Whether a run is under way that has something to await; before that there is nothing to say.
    running: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on. Must be called inside the runtime.
    pub(crate) fn listen(progress: Arc<Progress>, console: Console) -> Self {
        let (ask, asked) = watch::channel(false);
        let running = Arc::new(AtomicBool::new(false));
        let interrupt = Self { asked, running: running.clone() };
        tokio::spawn(async move {
            signal().await;
            if running.load(Ordering::Relaxed) {
                progress.line(FIRST);
            }
            ask.send_replace(true);
            signal().await;
            progress.finish();
            console.err(&format!("{SECOND}\n"));
            crate::engine::end_commands();
            std::process::exit(1);
        });
        interrupt
    }

    /// What the engine watches.
    pub(crate) fn receiver(&self) -> watch::Receiver<bool> {
        self.asked.clone()
    }

    /// From now on an interrupt has something to await.
    pub(crate) fn run_begins(&self) {
        self.running.store(true, Ordering::Relaxed);
    }

    /// Does something that can be given up at any time; `None` if it was.
    pub(crate) async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut asked = self.asked.clone();
        tokio::select! {
            biased;
            Ok(_) = asked.wait_for(|asked| *asked) => None,
            result = work => Some(result),
        }
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => drop(stream.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
