//! What happens to one world: configurations one after the other, each applied until it stands, with what goes wrong
//! meanwhile. The same seed tells the same story; only what runs at the same time may come in another order.

use crate::evidence::{self, Evidence, known};
use crate::generate;
use crate::invariants::judge;
use crate::model::Model;
use crate::render;
use levee::engine::{self, Failure, InitRequest, Inputs, PlanRequest, RunOptions, Workspace};
use levee::event::{Event, Listener, Observer, Silent};
use levee::install::InstallOptions;
use levee::plan::{Mode, PlanOptions};
use levee_model::{Action, Diagnostics};
use levee_sim::random::Random;
use levee_sim::record::Line;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Notify, watch};

/// So many attempts are bothered by what goes wrong; the next one must do.
const BOTHERED: usize = 4;

#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) chapters: Vec<Chapter>,
}

/// One configuration to bring about.
#[derive(Clone, Debug)]
pub(crate) struct Chapter {
    /// Empty to destroy everything.
    pub(crate) model: Model,
    pub(crate) trouble: Trouble,
}

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    /// `fault` blocks and what else goes into the provider block.
    pub(crate) cloud: String,
    /// After so many steps the operator asks to stop.
    pub(crate) interrupt: Option<usize>,
    /// After so many steps the run is cut off, as if the process were gone.
    pub(crate) cut: Option<usize>,
    pub(crate) parallelism: usize,
}

/// What did not hold: the invariant, and what was found.
pub(crate) type Broken = (String, Vec<String>);

impl Story {
    /// The story of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::of(seed);
        let mut chapters = vec![Chapter { model: generate::model(&mut random), trouble: trouble(&mut random) }];
        for _ in 0..1 + usize::from(random.percent(20)) {
            let model = generate::changed(&chapters[chapters.len() - 1].model, &mut random);
            chapters.push(Chapter { model, trouble: trouble(&mut random) });
        }
        if random.percent(35) {
            chapters.push(Chapter { model: Model::default(), trouble: trouble(&mut random) });
        }
        Self { seed, chapters }
    }

    /// The same where nothing goes wrong.
    pub(crate) fn untroubled(mut self) -> Self {
        for chapter in &mut self.chapters {
            chapter.trouble = Trouble { parallelism: chapter.trouble.parallelism, ..Trouble::default() };
        }
        self
    }

    /// Lets it happen, and judges each chapter. What did not hold of the first one that went wrong.
    pub(crate) async fn tell(&self) -> Result<Vec<Evidence>, Broken> {
        self.told(false).await
    }

    /// The same; with `verbose`, what each attempt does is shown.
    pub(crate) async fn told(&self, verbose: bool) -> Result<Vec<Evidence>, Broken> {
        let place = Place::new(verbose);
        let mut before = Model::default();
        let mut all = Vec::new();
        for chapter in &self.chapters {
            let evidence = place.bring_about(self.seed, &before, chapter).await.map_err(|(what, why)| (what.to_owned(), vec![why]))?;
            if let Some((name, found)) = judge(&evidence).into_iter().next() {
                return Err((name.to_owned(), found));
            }
            all.push(evidence);
            before = chapter.model.clone();
        }
        Ok(all)
    }
}

fn trouble(random: &mut Random) -> Trouble {
    let mut cloud = String::new();
    if random.percent(60) {
        let rate = 0.02 + random.share() * 0.15;
        for kind in ["refused", "lost", "half", "throttled", "unheard"] {
            // What was perhaps never done is looked for through seconds: few stories have it.
            if random.percent(if kind == "unheard" { 4 } else { 50 }) {
                // What is identified by what it connects cannot be made anew beside its broken self.
                let only = if kind == "half" { "    type = \"sim_object\"\n" } else { "" };
                cloud.push_str(&format!("  fault {{\n    kind = \"{kind}\"\n{only}    rate = {rate:.3}\n  }}\n"));
            }
        }
    }
    if random.percent(40) {
        cloud.push_str("  latency {\n    distribution = \"uniform\"\n    ms = 0\n    up_to_ms = 4\n  }\n");
    }
    if random.percent(20) {
        let lag = if random.percent(50) { "lag_reads" } else { "lag_ms" };
        cloud.push_str(&format!("  {lag} = {}\n", 1 + random.below(3)));
    }
    if random.percent(10) {
        cloud.push_str("  throttle {\n    rate = 300\n    burst = 5\n  }\n");
    }
    Trouble {
        cloud,
        interrupt: random.percent(15).then(|| 1 + random.below(10)),
        cut: random.percent(20).then(|| 1 + random.below(10)),
        parallelism: [1, 2, 10, 64][random.below(4)],
    }
}

/// Where one story happens.
struct Place {
    dir: TempDir,
    /// Whether every attempt is shown.
    verbose: bool,
}

/// Sets something off when so many steps have begun or ended.
struct Watch {
    left: AtomicUsize,
    reached: Notify,
}

impl Watch {
    fn new(steps: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(steps), reached: Notify::new() })
    }
}

impl Observer for Watch {
    fn event(&self, event: &Event) {
        if matches!(event, Event::StepStarted { .. } | Event::StepFinished { .. }) && self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.reached.notify_one();
        }
    }
}

/// How an attempt ended.
enum Attempt {
    Stands,
    /// Something went wrong that was meant to, or not.
    Failed(String),
}

fn show(n: usize, attempt: &Attempt, lines: &[Line]) {
    match attempt {
        Attempt::Stands => eprintln!("attempt {n} did it"),
        Attempt::Failed(why) => eprintln!("attempt {n} failed: {why}"),
    }
    for line in lines {
        let Line { seq, call, event, action, name, id, note, .. } = line;
        eprintln!(
            "  {seq} {event:?} {action} {name} {} (call {call}) {}",
            id.as_deref().unwrap_or("-"),
            note.as_deref().unwrap_or_default()
        );
    }
}

type Fallible<T> = Result<T, (&'static str, String)>;

fn told(diagnostics: &Diagnostics) -> String {
    let lines = diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.summary, d.detail));
    lines.collect::<Vec<_>>().join("\n")
}

fn refused(what: &'static str) -> impl Fn(Failure) -> (&'static str, String) {
    move |failure| (what, told(&failure.diagnostics))
}

impl Place {
    fn new(verbose: bool) -> Self {
        // In memory where there is such a place: thousands of worlds are many synchronised writes.
        let memory = Path::new("/dev/shm");
        let builder = || tempfile::Builder::new();
        let dir = builder().prefix("levee-world-").tempdir_in(memory).or_else(|_| builder().prefix("levee-world-").tempdir());
        Self { dir: dir.expect("a temporary directory"), verbose }
    }

    fn world(&self) -> PathBuf {
        self.dir.path().join("world.jsonl")
    }

    fn workspace(&self) -> Workspace {
        Workspace::locate(&self.dir.path().join("module"), Some(Path::new("state.db")), None)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join("module").join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
        std::fs::write(path, text).expect("the file can be written");
    }

    fn configure(&self, seed: u64, cloud: &str) {
        let world = self.world();
        self.write(
            "provider.tf",
            &format!(
                "terraform {{\n  required_providers {{\n    sim = {{ source = \"levee/sim\" }}\n  }}\n}}\n\nprovider \"sim\" {{\n  world = {:?}\n  seed = {seed}\n{cloud}}}\n",
                world.to_string_lossy()
            ),
        );
    }

    async fn bring_about(&self, seed: u64, before: &Model, chapter: &Chapter) -> Fallible<Evidence> {
        let mode = if chapter.model.resources.is_empty() { Mode::Destroy } else { Mode::Normal };
        if mode == Mode::Normal {
            render::files(&chapter.model).iter().for_each(|(name, text)| self.write(name, text));
            self.configure(seed, &chapter.trouble.cloud);
            let install = Some(InstallOptions::default());
            let request = InitRequest { workspace: self.workspace(), install, from_module: None, states: None };
            engine::init(request, |_| {}).await.map_err(refused("the configuration can be initialised"))?;
        }
        let (lines, at_first) = evidence::world(&self.world());
        let mut evidence = Evidence { before: before.clone(), wanted: chapter.model.clone(), at_first, ..Evidence::default() };
        let mut read = lines.len();
        for n in 0..=BOTHERED {
            let calm = Trouble { parallelism: chapter.trouble.parallelism, ..Trouble::default() };
            let trouble = if n == BOTHERED { &calm } else { &chapter.trouble };
            self.configure(seed, &trouble.cloud);
            let attempt = self.attempt(mode, trouble, n, &mut evidence.planned_calls).await?;
            let (lines, _) = evidence::world(&self.world());
            evidence.attempts.push(lines[read..].to_vec());
            read = lines.len();
            if self.verbose {
                show(n, &attempt, &evidence.attempts[n]);
            }
            match attempt {
                Attempt::Stands => break,
                Attempt::Failed(why) if n == BOTHERED || trouble.is_none() => return Err(("what is applied comes to stand", why)),
                Attempt::Failed(_) => {}
            }
        }
        evidence.state = known(&self.workspace()).map_err(|why| ("the state can be read", why))?;
        self.configure(seed, "");
        evidence.objects = evidence::world(&self.world()).1;
        if mode == Mode::Normal {
            evidence.unsettled = self.second_plan().await?;
        }
        Ok(evidence)
    }

    /// How many lines the world has.
    fn calls(&self) -> usize {
        std::fs::read(self.world()).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
    }

    async fn second_plan(&self) -> Fallible<Vec<String>> {
        let planned = self.plan(Mode::Normal).await.map_err(refused("a second plan can be made"))?;
        let changes = planned.plan().changes.iter().filter(|c| c.action != Action::NoOp);
        Ok(changes.map(|c| format!("{:?} of {}", c.action, c.addr)).collect())
    }

    async fn plan(&self, mode: Mode) -> Result<engine::Planned, Failure> {
        let options = PlanOptions { mode, ..PlanOptions::default() };
        let request = PlanRequest { workspace: self.workspace(), inputs: Inputs::default(), options, listener: Arc::new(Silent) };
        engine::plan(request).await
    }

    /// Settles what was left open, plans, and carries out.
    async fn attempt(&self, mode: Mode, trouble: &Trouble, n: usize, planned_calls: &mut usize) -> Fallible<Attempt> {
        let quiet = run_options(trouble, Arc::new(Silent), watch::channel(false).1);
        let before = self.calls();
        if let Err(failure) = engine::recover(&self.workspace(), &Inputs::default(), None, &quiet).await {
            return Ok(Attempt::Failed(told(&failure.diagnostics)));
        }
        let planned = match self.plan(mode).await {
            Ok(planned) => planned,
            Err(failure) => return Err(("what is right can be planned", told(&failure.diagnostics))),
        };
        *planned_calls += self.calls() - before;
        // Only the first attempts are broken off, or they would never end.
        let steps = trouble.interrupt.or(trouble.cut).filter(|_| n < 2);
        let watching = Watch::new(steps.unwrap_or(usize::MAX));
        let (ask, asked) = watch::channel(false);
        let options = run_options(trouble, watching.clone(), asked);
        let workspace = self.workspace();
        let applying = engine::apply(planned, &workspace, options);
        tokio::pin!(applying);
        let applied = tokio::select! {
            applied = &mut applying => applied,
            () = watching.reached.notified() => {
                if trouble.interrupt.is_none() {
                    return Ok(Attempt::Failed("cut off".to_owned()));
                }
                ask.send_replace(true);
                applying.await
            }
        };
        match applied {
            Ok(applied) if !applied.interrupted && !applied.diagnostics.has_errors() && applied.summary.failed == 0 => Ok(Attempt::Stands),
            Ok(applied) => Ok(Attempt::Failed(told(&applied.diagnostics))),
            Err(failure) => Ok(Attempt::Failed(told(&failure.diagnostics))),
        }
    }
}

fn run_options(trouble: &Trouble, listener: Listener, interrupt: watch::Receiver<bool>) -> RunOptions {
    RunOptions { parallelism: trouble.parallelism, lock_timeout: Duration::from_secs(20), listener, interrupt }
}

impl Trouble {
    /// Whether nothing goes wrong.
    pub(crate) fn is_none(&self) -> bool {
        !self.cloud.contains("fault") && self.interrupt.is_none() && self.cut.is_none()
    }
}
