//! Where one story happens: a directory with a configuration, a state and a world, and the runs between them.

use crate::evidence::{self, Evidence, History, Known, Moment, Step};
use crate::model::{Model, Origin};
use crate::partial::Choices;
use crate::render::{self, REQUIRED};
use crate::story::Chapter;
use crate::trouble::{Trouble, stranger};
use levee::engine::{self, Failure, InitRequest, Inputs, PlanRequest, RunOptions, Workspace};
use levee::event::{Event, Listener, Observer, Silent, Subject};
use levee::install::InstallOptions;
use levee::plan::{Mode, PlanOptions};
use levee_model::{Action, Diagnostics};
use levee_sim::record::Object;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Notify, watch};

/// So many attempts are bothered by what goes wrong; the next one must do.
const BOTHERED: usize = 3;

pub(crate) struct Place {
    dir: TempDir,
    seed: u64,
    lag: String,
    /// Whether every attempt is shown.
    verbose: bool,
    /// What the world's file said so far.
    told: History,
    /// What the state knows since the last chapter.
    ours: Vec<Known>,
    /// What the modules were when they were installed last.
    installed: String,
    /// Whether a run since the last one that stood may be open.
    unsettled: bool,
    /// Objects that were forgotten, by id, and the addresses that they had.
    forgotten: BTreeMap<String, String>,
}

/// Hears what runs tell, and sets something off when so many steps have begun or ended.
struct Watch {
    left: AtomicUsize,
    reached: Notify,
    steps: Mutex<Vec<Step>>,
}

impl Watch {
    fn new(steps: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(steps), reached: Notify::new(), steps: Mutex::default() })
    }

    fn heard(&self) -> Vec<Step> {
        std::mem::take(&mut *self.steps.lock().expect("no holder panics"))
    }
}

impl Observer for Watch {
    fn event(&self, event: &Event) {
        let (Subject { addr, deposed, .. }, kind, moment) = match event {
            Event::StepStarted { subject, kind } => (subject, *kind, Moment::Started),
            Event::StepFinished { subject, kind, .. } => (subject, *kind, Moment::Finished),
            Event::StepFailed { subject, kind, .. } => (subject, *kind, Moment::Failed),
            _ => return,
        };
        let step = Step { address: addr.to_string(), deposed: deposed.is_some(), kind, moment };
        self.steps.lock().expect("no holder panics").push(step);
        if moment != Moment::Failed && self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.reached.notify_one();
        }
    }
}

/// How an attempt ended.
#[derive(Debug)]
enum Attempt {
    Stands,
    /// Something went wrong that was meant to, or not.
    Failed(String),
}

/// What an attempt is about.
struct Task<'a> {
    mode: Mode,
    trouble: &'a Trouble,
    choices: Option<&'a Choices>,
    /// Whether it may be broken off.
    breakable: bool,
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
    pub(crate) fn new(seed: u64, lag: &str, verbose: bool) -> Self {
        // In memory where there is such a place: thousands of worlds are many synchronised writes.
        let memory = Path::new("/dev/shm");
        let builder = || tempfile::Builder::new();
        let dir = builder().prefix("levee-world-").tempdir_in(memory).or_else(|_| builder().prefix("levee-world-").tempdir());
        Self {
            dir: dir.expect("a temporary directory"),
            seed,
            lag: lag.to_owned(),
            verbose,
            told: History::default(),
            ours: Vec::new(),
            installed: String::new(),
            unsettled: false,
            forgotten: BTreeMap::new(),
        }
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

    /// What goes wrong with a look is decided by its number since the provider was configured: each attempt has its own luck.
    fn configure(&self, cloud: &str, attempt: usize) {
        self.configure_with(&format!("{cloud}{}", self.lag), attempt);
    }

    fn configure_with(&self, cloud: &str, attempt: usize) {
        let (world, seed) = (self.world(), self.seed.wrapping_mul(16).wrapping_add(attempt as u64));
        let block = format!("provider \"sim\" {{\n  world = {:?}\n  seed = {seed}\n{cloud}}}\n", world.to_string_lossy());
        self.write("provider.tf", &format!("{REQUIRED}{block}"));
    }

    async fn set_up(&mut self, chapter: &Chapter, objects: &BTreeMap<String, Object>) -> Fallible<()> {
        let id_of = |origin: &Origin, zone: usize| match origin {
            Origin::Stranger(n) => chapter
                .model
                .imports
                .iter()
                .find(|i| i.origin == *origin)
                .and_then(|i| chapter.model.resource(i.of))
                .map(|r| stranger(*n, r.kind)),
            Origin::Forgotten(address) => {
                let mut left = self.forgotten.iter().filter(|(_, at)| *at == address).filter_map(|(id, _)| objects.get(id));
                let zones = [("zone", format!("z{zone}")), ("cidr", format!("10.{zone}.0.0/16"))];
                let fits = |o: &&Object| zones.iter().any(|(name, is)| o.values.get(name).is_some_and(|v| v == is));
                left.find(fits).map(|o| o.id.clone())
            }
        };
        render::files(&chapter.model, id_of).iter().for_each(|(name, text)| self.write(name, text));
        self.configure(&chapter.trouble.cloud, 0);
        let modules = format!("{:?}", chapter.model.calls.iter().map(|c| (chapter.model.path(Some(c.key)), c.key)).collect::<Vec<_>>());
        if std::mem::replace(&mut self.installed, modules.clone()) == modules {
            return Ok(());
        }
        let install = Some(InstallOptions::default());
        let request = InitRequest { workspace: self.workspace(), install, from_module: None, states: None, backend_config: Vec::new() };
        engine::init(request, |_| {}).await.map_err(refused("the configuration can be initialised")).map(drop)
    }

    /// What the state does not know is there before a chapter begins.
    fn strangers(&self, objects: &BTreeMap<String, Object>) -> BTreeMap<String, Object> {
        let is_ours = |id: &String| self.ours.iter().any(|known| known.id() == id);
        let apart = |id: &String| id.contains("stranger") || id.contains("landmark") || self.forgotten.contains_key(id);
        objects.iter().filter(|(id, _)| apart(id) && !is_ours(id)).map(|(id, o)| (id.clone(), o.clone())).collect()
    }

    pub(crate) async fn bring_about(&mut self, before: &[Model], chapter: &Chapter) -> Fallible<Evidence> {
        let mode = if chapter.model.resources.is_empty() { Mode::Destroy } else { Mode::Normal };
        let id_at = |address: &str| self.ours.iter().find(|k| k.address == address && !k.deposed).map(|k| k.id().to_owned());
        chapter.deeds.iter().for_each(|deed| deed.happen(&self.world(), id_at));
        self.told.read_on(&self.world());
        let at_first = self.told.objects().clone();
        if mode == Mode::Normal {
            self.set_up(chapter, &at_first).await?;
        }
        let strangers = self.strangers(&at_first);
        let mut evidence = Evidence {
            before: before.to_vec(),
            wanted: chapter.model.clone(),
            partial: chapter.partial.clone(),
            at_a_time: chapter.trouble.at_a_time(),
            strangers,
            at_first,
            ..Evidence::default()
        };
        if let Some(choices) = &chapter.partial {
            let task = Task { mode, trouble: &chapter.trouble, choices: Some(choices), breakable: true };
            self.attempt(&task, &mut evidence).await?;
        }
        let calm = Trouble { parallelism: chapter.trouble.parallelism, ..Trouble::default() };
        for n in 0..chapter.given_up.unwrap_or(BOTHERED + 1) {
            let trouble = if n == BOTHERED { &calm } else { &chapter.trouble };
            // Only the first attempts are broken off, or they would never end.
            let task = Task { mode, trouble, choices: None, breakable: n < 2 };
            match self.attempt(&task, &mut evidence).await? {
                Attempt::Stands => {
                    evidence.stands = true;
                    break;
                }
                Attempt::Failed(why) if n == BOTHERED || trouble.is_none() => return Err(("what is applied comes to stand", why)),
                Attempt::Failed(_) => {}
            }
        }
        self.look_round(&mut evidence, mode).await?;
        Ok(evidence)
    }

    /// What has come of it.
    async fn look_round(&mut self, evidence: &mut Evidence, mode: Mode) -> Fallible<()> {
        (evidence.state, evidence.outputs, evidence.open) =
            evidence::kept(&self.workspace()).map_err(|why| ("the state can be read", why))?;
        // Whoever judges sees what is.
        self.configure_with("", 0);
        self.told.read_on(&self.world());
        evidence.objects = self.told.objects().clone();
        self.ours.clone_from(&evidence.state);
        let ours: Vec<&str> = evidence.state.iter().map(|known| known.id()).collect();
        self.forgotten.retain(|id, _| !ours.contains(&id.as_str()));
        evidence.forgotten = self.forgotten.keys().cloned().collect();
        if mode == Mode::Normal && evidence.stands {
            evidence.unsettled = self.second_plan().await?;
        }
        Ok(())
    }

    /// How far the world's file goes.
    fn length(&self) -> u64 {
        std::fs::metadata(self.world()).map_or(0, |m| m.len())
    }

    async fn second_plan(&self) -> Fallible<Vec<String>> {
        let planned = self.plan(PlanOptions::default()).await.map_err(refused("a second plan can be made"))?;
        let changes = planned.plan().changes.iter().filter(|c| c.action != Action::NoOp || c.importing.is_some());
        let outputs =
            planned.plan().outputs.iter().filter(|(_, o)| o.action != Action::NoOp).map(|(name, _)| format!("a change of output {name}"));
        Ok(changes.map(|c| format!("{:?} of {}", c.action, c.addr)).chain(outputs).collect())
    }

    async fn plan(&self, options: PlanOptions) -> Result<engine::Planned, Failure> {
        let request = PlanRequest { workspace: self.workspace(), inputs: Inputs::default(), options, listener: Arc::new(Silent) };
        engine::plan(request).await
    }

    async fn attempt(&mut self, task: &Task<'_>, evidence: &mut Evidence) -> Fallible<Attempt> {
        let n = evidence.attempts.len();
        self.configure(&task.trouble.cloud, n);
        let watching = Watch::new(task.trouble.interrupt.or(task.trouble.cut).filter(|_| task.breakable).unwrap_or(usize::MAX));
        let attempt = self.run(task, &watching, evidence).await?;
        evidence.attempts.push(self.told.read_on(&self.world()));
        evidence.steps.push(watching.heard());
        if self.verbose {
            evidence::show(n, &format!("{attempt:?}, {:?}", task.choices), &evidence.attempts[n]);
        }
        Ok(attempt)
    }

    /// Settles what was left open, plans, and carries out.
    async fn run(&mut self, task: &Task<'_>, watching: &Arc<Watch>, evidence: &mut Evidence) -> Fallible<Attempt> {
        let trouble = task.trouble;
        let quiet = run_options(trouble, Arc::new(Silent), watch::channel(false).1);
        let before = self.length();
        if self.unsettled
            && let Err(failure) = engine::recover(&self.workspace(), &Inputs::default(), None, &quiet).await
        {
            return Ok(Attempt::Failed(told(&failure.diagnostics)));
        }
        self.unsettled = true;
        let mut options = PlanOptions { mode: task.mode, ..PlanOptions::default() };
        task.choices.into_iter().for_each(|choices| choices.apply(&mut options));
        let planned = match self.plan(options).await {
            Ok(planned) => planned,
            Err(failure) => {
                let why = told(&failure.diagnostics);
                // What moved must not be left out.
                let excluded = task.choices.is_some() && why.contains("Moved resource instances excluded by targeting");
                let meant = trouble.hides() || excluded;
                return if meant { Ok(Attempt::Failed(why)) } else { Err(("what is right can be planned", why)) };
            }
        };
        evidence.written_by_plans += self.length() - before;
        for change in planned.plan().changes.iter().filter(|c| c.action == Action::Forget) {
            let id = change.before.as_ref().and_then(|v| v.get("id")).and_then(|v| v.as_str().map(str::to_owned));
            self.forgotten.extend(id.map(|id| (id, change.addr.to_string())));
        }
        let (ask, asked) = watch::channel(false);
        let workspace = self.workspace();
        let applying = engine::apply(planned, &workspace, run_options(trouble, watching.clone(), asked));
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
            Ok(applied) if !applied.interrupted && !applied.diagnostics.has_errors() && applied.summary.failed == 0 => {
                self.unsettled = false;
                Ok(Attempt::Stands)
            }
            Ok(applied) => Ok(Attempt::Failed(told(&applied.diagnostics))),
            Err(failure) => Ok(Attempt::Failed(told(&failure.diagnostics))),
        }
    }
}

fn run_options(trouble: &Trouble, listener: Listener, interrupt: watch::Receiver<bool>) -> RunOptions {
    RunOptions { parallelism: trouble.parallelism, lock_timeout: Duration::from_secs(20), hidden: Duration::ZERO, listener, interrupt }
}
