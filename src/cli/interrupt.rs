//! Ctrl-C and SIGTERM. The first asks the run to start nothing new and waits for what is under way; the second leaves at
//! once. CI sends one of them, seconds later the other, and then ends the process.

use super::output::console::Console;
use super::output::progress::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

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
        let mut signals = Signals::listen();
        tokio::spawn(async move {
            signals.next().await;
            if running.load(Ordering::Relaxed) {
                progress.line(&first(&progress.left()));
            }
            ask.send_replace(true);
            signals.next().await;
            let left = if running.load(Ordering::Relaxed) { progress.left() } else { Default::default() };
            progress.finish();
            if console.is_json() {
                progress.line(&second(&left));
            } else {
                console.err(&format!("{}\n", second(&left)));
            }
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

/// What a run has left: the steps under way, a line each, and how many have not been started.
type Left = (Vec<String>, usize);

fn first((under_way, unstarted): &Left) -> String {
    let mut out = String::from("\nInterrupted: nothing new is started");
    if under_way.is_empty() {
        out.push('.');
    } else {
        out.push_str(", and what is under way is awaited:\n");
        out.extend(under_way.iter().map(|line| format!("  {line}\n")));
    }
    if *unstarted > 0 {
        out.push_str(&format!("{} left for the next run. ", steps(*unstarted, "is", "are")));
    }
    out + "Interrupt again to leave at once."
}

fn second((under_way, unstarted): &Left) -> String {
    let mut out = String::from("\nLeaving at once.");
    if !under_way.is_empty() {
        out.push_str(" Under way:\n");
        out.extend(under_way.iter().map(|line| format!("  {line}\n")));
        out.push_str(
            "Their intents are in the journal: run \"levee apply\" again. It first finds out what became of them, and then goes on",
        );
        let rest =
            if *unstarted > 0 { format!(" with {} not been started.", steps(*unstarted, "that has", "that have")) } else { ".".into() };
        out.push_str(&rest);
    }
    out
}

fn steps(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 step {one}") } else { format!("{count} steps {many}") }
}

/// The signals that ask to stop. They are listened to without a gap, so that two in a row are two.
#[cfg(unix)]
struct Signals {
    all: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Without a handler, a signal ends the process as ever.
        Self { all: [SignalKind::interrupt(), SignalKind::terminate()].into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    /// Waits for the next one, of either kind.
    async fn next(&mut self) {
        std::future::poll_fn(|cx| {
            let mut ready = std::task::Poll::Pending;
            for signal in &mut self.all {
                if ready.is_pending() && signal.poll_recv(cx).is_ready() {
                    ready = std::task::Poll::Ready(());
                }
            }
            ready
        })
        .await;
    }
}

/// Ctrl-C is all there is.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
