//! How plan, apply and the empty plan grow with the number of resources, beside Terraform on the same work.
//!
//! `cargo bench --bench scale -- [--sizes 1000,5000] [--terraform-max 5000] [--terraform PATH] [--write]`
//!
//! Each world is N `terraform_data` resources, written one by one; a tenth of them is referred to by the rest, so that
//! there is something to order. Nothing remote is called: what is measured is the engine and its state. Every command runs
//! as a child process of a process of its own, which asks the system for the peak of its memory. Up to `REPEATED`
//! resources, the median of three runs counts. `--write` puts the table into `docs/performance.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench tells its figures")]

use nix::sys::resource::{UsageWho, getrusage};
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SIZES: &[usize] = &[1_000, 5_000, 20_000, 100_000];
/// Terraform takes many minutes beyond this.
const TERRAFORM_MAX: usize = 1_000;
/// Up to how many resources a measurement is repeated.
const REPEATED: usize = 5_000;
/// The same for Terraform.
const TERRAFORM_REPEATED: usize = 1_000;
const RUNS: usize = 3;
/// One resource in so many is referred to by the others.
const REFERRED: usize = 10;
const BLOCKS_PER_FILE: usize = 1_000;
const STEPS: [&str; 3] = ["plan", "apply", "empty plan"];
const MARKERS: (&str, &str) = ("<!-- scale: begin -->", "<!-- scale: end -->");
/// The first argument with which this program measures one command instead of all.
const MEASURE: &str = "measure";

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

/// What is to be measured.
struct Options {
    sizes: Vec<usize>,
    terraform: String,
    terraform_max: usize,
    write: bool,
}

impl Options {
    /// From the command line; none when only help was asked for.
    fn read(arguments: &[String]) -> Result<Option<Self>> {
        let mut options = Self { sizes: SIZES.to_vec(), terraform: "terraform".into(), terraform_max: TERRAFORM_MAX, write: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--sizes" => options.sizes = value()?.split(',').map(str::parse).collect::<std::result::Result<_, _>>()?,
                "--terraform" => options.terraform.clone_from(value()?),
                "--terraform-max" => options.terraform_max = value()?.parse()?,
                "--write" => options.write = true,
                "--bench" => {} // cargo adds it
                "--help" => {
                    println!("scale [--sizes N,N,...] [--terraform PATH] [--terraform-max N] [--write]");
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
}

/// A program that plans and applies.
struct Tool {
    program: PathBuf,
    /// What it leaves beside the configuration, to be removed for a fresh start.
    state: &'static [&'static str],
    repeated: usize,
}

/// Measures everything, prints the table as it grows, and keeps it if that was asked for.
fn compare(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let levee = Tool { program: env!("CARGO_BIN_EXE_levee").into(), state: &[".levee"], repeated: REPEATED };
    let terraform = Tool {
        program: options.terraform.clone().into(),
        state: &["terraform.tfstate", "terraform.tfstate.backup"],
        repeated: TERRAFORM_REPEATED,
    };
    let with_terraform =
        Command::new(&terraform.program).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    let head = head(with_terraform.then_some(&terraform))?;
    print!("{head}");
    let mut table = head;
    for &size in &options.sizes {
        let ours = measure_tool(&levee, folder.path(), size)?;
        let theirs =
            if with_terraform && size <= options.terraform_max { Some(measure_tool(&terraform, folder.path(), size)?) } else { None };
        let rows = rows(size, &ours, theirs.as_ref());
        print!("{rows}");
        table.push_str(&rows);
    }
    if options.write { keep(&table) } else { Ok(()) }
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
            format!("{:.2} s | {:.0} MiB | {faster:.0} × | {less:.1} ×", their.seconds, their.mebibytes)
        });
        writeln!(text, "| {size} | {step} | {:.3} s | {:.0} MiB | {beside} |", our.seconds, our.mebibytes).expect("a text takes text");
    }
    text
}

/// The median of each step, on a world of that size.
fn measure_tool(tool: &Tool, folder: &Path, size: usize) -> Result<[Sample; 3]> {
    let world = folder.join(format!("{}-{size}", tool.program.file_name().unwrap_or_default().to_string_lossy()));
    write_world(&world, size)?;
    let run = Run { tool, world: &world };
    run.command(&["init"], 0)?;
    let runs = if size <= tool.repeated { RUNS } else { 1 };
    let mut samples: [Vec<Sample>; 3] = Default::default();
    for _ in 0..runs {
        for state in tool.state {
            remove(&world.join(state))?;
        }
        samples[0].push(run.command(&["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2)?);
        samples[1].push(run.command(&["apply", "-input=false", "-no-color", "-auto-approve"], 0)?);
        samples[2].push(run.command(&["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0)?);
    }
    fs::remove_dir_all(&world)?;
    Ok(samples.map(median))
}

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

/// A tool in a world.
struct Run<'a> {
    tool: &'a Tool,
    world: &'a Path,
}

impl Run<'_> {
    /// Runs one command through a process that measures it, and checks how it ended.
    fn command(&self, arguments: &[&str], expected: i32) -> Result<Sample> {
        let output = Command::new(std::env::current_exe()?)
            .arg(MEASURE)
            .arg(&self.tool.program)
            .args(arguments)
            .current_dir(self.world)
            .env("TF_CLI_CONFIG_FILE", self.world.join("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let [code, seconds, mebibytes] = words[..] else { return Err("the measuring process said nothing".into()) };
        if code.parse::<i32>()? != expected {
            let said = fs::read_to_string(self.world.join("said.txt"))?;
            let tail: Vec<&str> = said.lines().rev().take(20).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            return Err(format!("{arguments:?} ended with {code} instead of {expected}:\n{}", tail.join("\n")).into());
        }
        Ok(Sample { seconds: seconds.parse()?, mebibytes: mebibytes.parse()? })
    }
}

/// Runs one command and prints its exit code, seconds, and peak memory in MiB. What it says goes into a file.
fn measure(command: &[String]) -> Result<()> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let said = File::create("said.txt")?;
    let started = Instant::now();
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said).status()?;
    let seconds = started.elapsed().as_secs_f64();
    // Of all children that ended, of which there is one. In KiB on Linux, in bytes on macOS.
    let peak = u32::try_from(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / if cfg!(target_os = "macos") { 1024 } else { 1 })?;
    println!("{} {seconds} {}", status.code().unwrap_or(-1), f64::from(peak) / 1024.0);
    Ok(())
}

/// Writes N resources, some hundred to a file, as somebody would who writes them by hand.
fn write_world(world: &Path, size: usize) -> Result<()> {
    fs::create_dir_all(world)?;
    fs::write(world.join("cli.tfrc"), "")?;
    let referred = (size / REFERRED).max(1);
    for first in (0..size).step_by(BLOCKS_PER_FILE) {
        let mut text = String::new();
        for n in first..size.min(first + BLOCKS_PER_FILE) {
            let input = if n < referred { format!("\"value {n}\"") } else { format!("terraform_data.r{}.output", n % referred) };
            writeln!(text, "resource \"terraform_data\" \"r{n}\" {{\n  input = {input}\n}}\n")?;
        }
        fs::write(world.join(format!("part{:03}.tf", first / BLOCKS_PER_FILE)), text)?;
    }
    Ok(())
}

/// Puts the table between its markers in `docs/performance.md`.
fn keep(table: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = fs::read_to_string(&path)?;
    let missing = || format!("{} has no line {} or {}", path.display(), MARKERS.0, MARKERS.1);
    let (before, rest) = page.split_once(MARKERS.0).ok_or_else(missing)?;
    let (_, after) = rest.split_once(MARKERS.1).ok_or_else(missing)?;
    fs::write(&path, format!("{before}{}\n\n{table}\n{}{after}", MARKERS.0, MARKERS.1))?;
    Ok(())
}
