//! How plan, apply and the empty plan grow with the number of resources, beside Terraform on the same work.
//!
//! `cargo bench --bench scale -- [--shapes wide,count] [--sizes 1000,5000] [--terraform-max 5000] [--terraform-limit SECONDS]
//! [--terraform PATH] [--write]`
//!
//! Each world is N `terraform_data` resources of a [`Shape`]. Nothing remote is called: what is measured is the engine and
//! its state. Every command runs as a child process of a process of its own, which asks the system for the peak of its
//! memory. Medians count: up to `REPEATED` resources of levee's runs before and after Terraform's, since the pace of a machine
//! changes while Terraform works; and of three plans of Terraform, whose apply is carried out once beyond `TERRAFORM_REPEATED`.
//! A command of Terraform that takes longer than the limit is ended there, and what it took is shown as more than that; after an
//! apply that was ended, its empty plan is of the state file that levee wrote for the same world.
//! `--write` puts the table of each shape into `docs/performance.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench tells its figures")]

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SIZES: &[usize] = &[1_000, 5_000, 20_000, 100_000];
/// Terraform takes many minutes beyond this.
const TERRAFORM_MAX: usize = 1_000;
/// After so many seconds a command of Terraform is ended.
const TERRAFORM_LIMIT: u64 = 1_800;
/// Up to how many resources a measurement is repeated.
const REPEATED: usize = 5_000;
/// The same for Terraform's apply.
const TERRAFORM_REPEATED: usize = 1_000;
/// How many runs of levee come before those of Terraform, and how many after them.
const RUNS: usize = 5;
const TERRAFORM_RUNS: usize = 3;
/// One resource in so many is referred to by the others.
const REFERRED: usize = 10;
/// How many layers there are.
const LAYERS: usize = 10;
/// What each module takes and makes.
const VARIABLES: usize = 60;
const PER_MODULE: usize = 10;
const BLOCKS_PER_FILE: usize = 1_000;
const STEPS: [&str; 3] = ["plan", "apply", "empty plan"];
/// The first argument with which this program measures one command instead of all.
const MEASURE: &str = "measure";
/// What the measuring process says in place of an exit code.
const CUT: &str = "cut";
/// The state file of both tools.
const STATE: &str = "terraform.tfstate";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, command)) if first == MEASURE => measure(command),
        _ => Options::read(&arguments).and_then(|options| options.map_or(Ok(()), |o| compare(&o))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scale: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How the resources of a world depend on each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Blocks written one by one; a tenth of them is referred to by the rest.
    Wide,
    /// Two blocks with a count, each instance of the second referring to one of the first by its index.
    Count,
    /// Each refers to the one before.
    Chain,
    /// Layers, each resource referring to one of the layer below.
    Layers,
    /// Calls of one module with sixty variables and ten resources.
    Modules,
}

impl Shape {
    const ALL: [Self; 5] = [Self::Wide, Self::Count, Self::Chain, Self::Layers, Self::Modules];

    fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Count => "count",
            Self::Chain => "chain",
            Self::Layers => "layers",
            Self::Modules => "modules",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| format!("there is no shape {name}, but {}", known()).into())
    }

    /// What number `n` of so many refers to, where blocks are written one by one.
    fn input(self, n: usize, size: usize) -> String {
        let value = format!("\"value {n}\"");
        let refer = |to: usize| format!("terraform_data.r{to}.output");
        let referred = (size / REFERRED).max(1);
        let layer = (size / LAYERS).max(1);
        match self {
            Self::Wide if n >= referred => refer(n % referred),
            Self::Chain if n > 0 => refer(n - 1),
            Self::Layers if n >= layer => refer(n - layer + usize::from(n % layer > 0 && n % 2 == 0)),
            _ => value,
        }
    }
}

/// What is to be measured.
struct Options {
    shapes: Vec<Shape>,
    sizes: Vec<usize>,
    terraform: String,
    terraform_max: usize,
    terraform_limit: Duration,
    write: bool,
}

impl Options {
    /// From the command line; none when only help was asked for.
    fn read(arguments: &[String]) -> Result<Option<Self>> {
        let (shapes, sizes) = (vec![Shape::Wide], SIZES.to_vec());
        let terraform_limit = Duration::from_secs(TERRAFORM_LIMIT);
        let mut options =
            Self { shapes, sizes, terraform: "terraform".into(), terraform_max: TERRAFORM_MAX, terraform_limit, write: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--shapes" => options.shapes = value()?.split(',').map(Shape::parse).collect::<Result<_>>()?,
                "--sizes" => options.sizes = value()?.split(',').map(str::parse).collect::<std::result::Result<_, _>>()?,
                "--terraform" => options.terraform.clone_from(value()?),
                "--terraform-max" => options.terraform_max = value()?.parse()?,
                "--terraform-limit" => options.terraform_limit = Duration::from_secs(value()?.parse()?),
                "--write" => options.write = true,
                "--bench" => {} // cargo adds it
                "--help" => {
                    println!(
                        "scale [--shapes NAME,NAME,...] [--sizes N,N,...] [--terraform PATH] [--terraform-max N] [--terraform-limit SECONDS] [--write]"
                    );
                    return Ok(None);
                }
                other => return Err(format!("unknown argument {other}").into()),
            }
        }
        Ok(Some(options))
    }
}

/// Time and memory of one command.
#[derive(Clone, Copy)]
struct Sample {
    seconds: f64,
    mebibytes: f64,
    /// It was ended at the limit: it takes more of both.
    is_cut: bool,
}

/// A program that plans and applies.
struct Tool {
    program: PathBuf,
    /// How long a command of it may take.
    limit: Option<Duration>,
    /// What it leaves beside the configuration, to be removed for a fresh start.
    state: &'static [&'static str],
}

/// Measures everything, prints the table as it grows, and keeps it if that was asked for.
fn compare(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let levee = Tool {
        program: env!("CARGO_BIN_EXE_levee").into(),
        limit: None,
        state: &[".levee/state.db", ".levee/state.db-wal", ".levee/state.db-shm", STATE, "terraform.tfstate.backup"],
    };
    let limit = Some(options.terraform_limit);
    let terraform = Tool { program: options.terraform.clone().into(), limit, state: &[STATE, "terraform.tfstate.backup"] };
    let with_terraform =
        Command::new(&terraform.program).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    for &shape in &options.shapes {
        let head = head(with_terraform.then_some(&terraform))?;
        print!("\n{}: {head}", shape.name());
        let mut table = head;
        for &size in &options.sizes {
            let world = |tool| World::new(tool, folder.path(), shape, size);
            let mut ours = world(&levee)?;
            let our_runs = if size <= REPEATED { RUNS } else { 1 };
            ours.rounds(our_runs, 1, None)?;
            let mut theirs = None;
            if with_terraform && size <= options.terraform_max {
                let their = theirs.insert(world(&terraform)?);
                let (runs, plans) = if size <= TERRAFORM_REPEATED { (TERRAFORM_RUNS, 1) } else { (1, TERRAFORM_RUNS) };
                their.rounds(runs, plans, Some(&ours))?;
                ours.rounds(our_runs, 1, None)?;
            }
            let rows = rows(size, &ours.end()?, theirs.map(World::end).transpose()?.as_ref());
            print!("{rows}");
            table.push_str(&rows);
        }
        if options.write {
            keep(shape, &table)?;
        }
    }
    Ok(())
}

fn head(terraform: Option<&Tool>) -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let mut text = format!("levee {} on {} {}, {cores} cores", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    if let Some(terraform) = terraform {
        let said = Command::new(&terraform.program).arg("version").output()?.stdout;
        write!(text, ", beside {}", String::from_utf8_lossy(&said).lines().next().unwrap_or_default())?;
    }
    text.push_str(".\n\n| Resources | Step | levee | Memory | Terraform | Memory | Faster | Less memory |\n");
    text.push_str("| -: | :- | -: | -: | -: | -: | -: | -: |\n");
    Ok(text)
}

fn rows(size: usize, ours: &[Sample; 3], theirs: Option<&[Sample; 3]>) -> String {
    let mut text = String::new();
    for (at, step) in STEPS.iter().enumerate() {
        let our = ours[at];
        let beside = theirs.map_or("– | – | – | –".to_owned(), |theirs| {
            let their = theirs[at];
            let (faster, less) = (their.seconds / our.seconds, their.mebibytes / our.mebibytes);
            let than = if their.is_cut { "> " } else { "" };
            format!("{than}{:.2} s | {than}{:.0} MiB | {than}{faster:.0} × | {than}{less:.1} ×", their.seconds, their.mebibytes)
        });
        writeln!(text, "| {size} | {step} | {:.3} s | {:.0} MiB | {beside} |", our.seconds, our.mebibytes).expect("a text takes text");
    }
    text
}

const PLAN: [&str; 4] = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];
const APPLY: [&str; 4] = ["apply", "-input=false", "-no-color", "-auto-approve"];

fn median(mut samples: Vec<Sample>) -> Sample {
    samples.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    samples[samples.len() / 2]
}

fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)?;
    } else if path.exists() {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// A tool in a world of its own, and what was measured there, by step.
struct World<'a> {
    tool: &'a Tool,
    folder: PathBuf,
    samples: [Vec<Sample>; 3],
}

impl<'a> World<'a> {
    fn new(tool: &'a Tool, folder: &Path, shape: Shape, size: usize) -> Result<Self> {
        let name = format!("{}-{size}", tool.program.file_name().unwrap_or_default().to_string_lossy());
        let world = Self { tool, folder: folder.join(name), samples: Default::default() };
        write_world(&world.folder, shape, size)?;
        world.command(&["init"], 0)?;
        Ok(world)
    }

    /// So many rounds from nothing; in each, so many plans before the apply and after it. `made`: where the same world is made
    /// already, if the apply has no end.
    fn rounds(&mut self, rounds: usize, plans: usize, made: Option<&World<'_>>) -> Result<()> {
        for _ in 0..rounds {
            for _ in 0..plans {
                self.clear()?;
                self.samples[0].push(self.command(&PLAN, 2)?);
            }
            let applied = self.command(&APPLY, 0)?;
            self.samples[1].push(applied);
            if let (true, Some(made)) = (applied.is_cut, made) {
                self.clear()?;
                fs::copy(made.folder.join(STATE), self.folder.join(STATE))?;
            }
            for _ in 0..plans {
                self.samples[2].push(self.command(&PLAN, 0)?);
            }
        }
        Ok(())
    }

    fn clear(&self) -> Result<()> {
        self.tool.state.iter().try_for_each(|state| remove(&self.folder.join(state)))
    }

    /// The median of each step.
    fn end(self) -> Result<[Sample; 3]> {
        fs::remove_dir_all(&self.folder)?;
        Ok(self.samples.map(median))
    }

    /// Runs one command through a process that measures it, and checks how it ended.
    fn command(&self, arguments: &[&str], expected: i32) -> Result<Sample> {
        let output = Command::new(std::env::current_exe()?)
            .arg(MEASURE)
            .arg(self.tool.limit.map_or(String::new(), |limit| limit.as_secs().to_string()))
            .arg(&self.tool.program)
            .args(arguments)
            .current_dir(&self.folder)
            .env("TF_CLI_CONFIG_FILE", self.folder.join("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let [code, seconds, mebibytes] = words[..] else { return Err("the measuring process said nothing".into()) };
        let is_cut = code == CUT;
        if !is_cut && code.parse::<i32>()? != expected {
            let said = fs::read_to_string(self.folder.join("said.txt"))?;
            let tail: Vec<&str> = said.lines().rev().take(20).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            return Err(format!("{arguments:?} ended with {code} instead of {expected}:\n{}", tail.join("\n")).into());
        }
        Ok(Sample { seconds: seconds.parse()?, mebibytes: mebibytes.parse()?, is_cut })
    }
}

/// Runs one command, after the seconds it may take, and prints its exit code, seconds, and peak memory in MiB. What it says goes
/// into a file.
fn measure(command: &[String]) -> Result<()> {
    let [limit, program, arguments @ ..] = command else { return Err("no command".into()) };
    let said = File::create("said.txt")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let status = match limit.parse() {
        Ok(limit) => wait(&mut child, Duration::from_secs(limit))?,
        Err(_) => Some(child.wait()?),
    };
    let seconds = started.elapsed().as_secs_f64();
    // Of all children that ended, of which there is one. In KiB on Linux, in bytes on macOS.
    let peak = u32::try_from(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / if cfg!(target_os = "macos") { 1024 } else { 1 })?;
    let code = status.map_or(CUT.to_owned(), |status| status.code().unwrap_or(-1).to_string());
    println!("{code} {seconds} {}", f64::from(peak) / 1024.0);
    Ok(())
}

/// How a process ended, or none when it was ended at its limit.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let id = Pid::from_raw(i32::try_from(child.id())?);
    let (ended, end) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let is_late = end.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
        is_late && kill(id, Signal::SIGKILL).is_ok()
    });
    let status = child.wait()?;
    drop(ended);
    let was_killed = watch.join().map_err(|_| "the watch failed")?;
    Ok((!was_killed).then_some(status))
}

/// Writes N resources.
fn write_world(world: &Path, shape: Shape, size: usize) -> Result<()> {
    fs::create_dir_all(world)?;
    fs::write(world.join("cli.tfrc"), "")?;
    match shape {
        Shape::Wide | Shape::Chain | Shape::Layers => write_blocks(world, shape, size),
        Shape::Count => Ok(fs::write(world.join("main.tf"), counted(size))?),
        Shape::Modules => write_modules(world, size),
    }
}

/// Two blocks with half the instances each.
fn counted(size: usize) -> String {
    let block =
        |name: &str, input: &str| format!("resource \"terraform_data\" \"{name}\" {{\n  count = {}\n  input = {input}\n}}\n", size / 2);
    format!("{}\n{}", block("a", "\"value ${count.index}\""), block("b", "terraform_data.a[count.index].output"))
}

/// A module with many variables, and its calls, each with what an earlier one yields.
fn write_modules(world: &Path, size: usize) -> Result<()> {
    let mut module = String::new();
    for n in 0..VARIABLES {
        writeln!(module, "variable \"v{n}\" {{\n  type    = string\n  default = \"default {n}\"\n}}\n")?;
    }
    for n in 0..PER_MODULE {
        writeln!(module, "resource \"terraform_data\" \"r{n}\" {{\n  input = [var.v{n}, var.v{}]\n}}\n", VARIABLES - 1 - n)?;
    }
    writeln!(module, "output \"id\" {{\n  value = terraform_data.r0.id\n}}")?;
    fs::create_dir_all(world.join("part"))?;
    fs::write(world.join("part/main.tf"), module)?;
    let mut text = String::new();
    for call in 0..(size / PER_MODULE).max(1) {
        writeln!(text, "module \"m{call}\" {{\n  source = \"./part\"")?;
        for n in 0..VARIABLES {
            let first = n == 0 && call > 0 && call % REFERRED == 0;
            let value = if first { format!("module.m{}.id", call - REFERRED) } else { format!("\"value {n} of {call}\"") };
            writeln!(text, "  v{n} = {value}")?;
        }
        writeln!(text, "}}\n")?;
    }
    Ok(fs::write(world.join("main.tf"), text)?)
}

/// Some hundred blocks to a file, as somebody would who writes them by hand.
fn write_blocks(world: &Path, shape: Shape, size: usize) -> Result<()> {
    for first in (0..size).step_by(BLOCKS_PER_FILE) {
        let mut text = String::new();
        for n in first..size.min(first + BLOCKS_PER_FILE) {
            let input = shape.input(n, size);
            writeln!(text, "resource \"terraform_data\" \"r{n}\" {{\n  input = {input}\n}}\n")?;
        }
        fs::write(world.join(format!("part{:03}.tf", first / BLOCKS_PER_FILE)), text)?;
    }
    Ok(())
}

/// Puts the table of a shape between its markers in `docs/performance.md`.
fn keep(shape: Shape, table: &str) -> Result<()> {
    let (begin, end) = (format!("<!-- scale {}: begin -->", shape.name()), format!("<!-- scale {}: end -->", shape.name()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = fs::read_to_string(&path)?;
    let missing = || format!("{} has no line {} or {}", path.display(), begin, end);
    let (before, rest) = page.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    fs::write(&path, format!("{before}{begin}\n\n{table}\n{end}{after}"))?;
    Ok(())
}
