//! What the language means, held against results recorded from Terraform 1.11.4: expressions and whole configurations, run
//! through the command line.
//!
//! `cargo test --test conformance -- [FILTER...] [--corpus DIR] [--program PATH] [--verbose]`
//!
//! The corpus is `../shared/conformance/public` beside the repository where that is there, and `tests/cases/language`
//! otherwise. FILTERs are parts of case names. A case that differs fails the test.
//!
//! `--record --corpus tests/cases/language --program terraform` writes what the program does into the project's own cases
//! instead of comparing: that is how they came to be. No other corpus can be written.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a test without harness tells its own result")]

mod document;
mod diagnostics;
mod program;
mod normal;
mod expressions;
mod configurations;
mod compare;

use program::Program;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What one case came to.
struct Verdict {
    kind: &'static str,
    category: String,
    name: String,
    differences: Vec<String>,
}

/// What is to be run, in any order.
enum Job {
    Batch(String, Vec<expressions::Case>),
    Configuration(PathBuf),
}

struct Options {
    filters: Vec<String>,
    corpus: PathBuf,
    program: PathBuf,
    record: bool,
    verbose: bool,
}

fn main() -> ExitCode {
    let done = Options::read(std::env::args().skip(1)).and_then(|options| run(&options));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            filters: Vec::new(),
            corpus: corpus(),
            program: PathBuf::from(env!("CARGO_BIN_EXE_levee")),
            record: false,
            verbose: false,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().map(PathBuf::from).ok_or(format!("{argument} wants a value"));
            match argument.as_str() {
                "--corpus" => options.corpus = value()?,
                "--program" => options.program = value()?,
                "--record" => options.record = true,
                "--verbose" => options.verbose = true,
                // What the usual harness takes, so that `cargo test` can pass it to every test.
                flag if flag.starts_with('-') => {}
                filter => options.filters.push(filter.to_owned()),
            }
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|f| name.contains(f.as_str()))
    }
}

fn corpus() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../shared/conformance/public");
    if shared.is_dir() { shared } else { own(here) }
}

fn own(here: &Path) -> PathBuf {
    here.join("tests/cases/language")
}

fn run(options: &Options) -> Result<bool> {
    let program = Program::new(&options.program)?;
    if options.record {
        // What was recorded elsewhere is not ours to write, and what levee answers is no record of Terraform.
        let own = own(Path::new(env!("CARGO_MANIFEST_DIR"))).canonicalize()?;
        if options.corpus.canonicalize()? != own {
            return Err(format!("only {} can be recorded: give it as --corpus", own.display()).into());
        }
        if options.program == Path::new(env!("CARGO_BIN_EXE_levee")) {
            return Err("--record wants --program terraform".into());
        }
        expressions::record(&options.corpus, &program)?;
        configurations::record(&options.corpus, &program, &|name| options.wants(name))?;
        return Ok(true);
    }
    let jobs = jobs(options)?;
    let verdicts = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<Box<dyn Error + Send + Sync>>> = Mutex::new(None);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match carry_out(job, options, &program) {
                        Ok(found) => verdicts.lock().expect("no holder panics").extend(found),
                        Err(error) => *failure.lock().expect("no holder panics") = Some(error),
                    }
                }
            });
        }
    });
    if let Some(error) = failure.into_inner()? {
        return Err(error);
    }
    Ok(report(options, &verdicts.into_inner()?))
}

fn jobs(options: &Options) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    let wanted = expressions::cases(&options.corpus)?.into_iter().filter(|c| options.wants(&c.id));
    for (context, batch) in expressions::batches(wanted) {
        jobs.push(Job::Batch(context, batch));
    }
    let names = configurations::cases(&options.corpus)?;
    jobs.extend(names.into_iter().filter(|dir| options.wants(&name_of(dir))).map(Job::Configuration));
    if jobs.is_empty() {
        return Err(format!("no case of {} has that name", options.corpus.display()).into());
    }
    Ok(jobs)
}

fn name_of(dir: &Path) -> String {
    dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn carry_out(job: &Job, options: &Options, program: &Program) -> Result<Vec<Verdict>> {
    match job {
        Job::Batch(context, batch) => {
            let mut session = expressions::Session::new(&options.corpus, context, program)?;
            let judged = session.judge(batch)?;
            let verdict = |(case, differences): (&expressions::Case, Vec<String>)| Verdict {
                kind: "expression",
                category: case.category.clone(),
                name: case.id.clone(),
                differences,
            };
            Ok(judged.into_iter().map(verdict).collect())
        }
        Job::Configuration(dir) => {
            let (category, differences) = configurations::judge(dir, program)?;
            Ok(vec![Verdict { kind: "configuration", category, name: name_of(dir), differences }])
        }
    }
}

/// Prints the figures, and answers whether everything came out as recorded.
fn report(options: &Options, verdicts: &[Verdict]) -> bool {
    let mut figures: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut sorted: Vec<&Verdict> = verdicts.iter().collect();
    sorted.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    for verdict in sorted {
        let entry = figures.entry(verdict.kind).or_default();
        entry.1 += 1;
        if verdict.differences.is_empty() {
            entry.0 += 1;
            continue;
        }
        println!("{} {} ({}) differs", verdict.kind, verdict.name, verdict.category);
        let shown = if options.verbose { usize::MAX } else { 4 };
        verdict.differences.iter().take(shown).for_each(|d| println!("    {d}"));
    }
    println!("\nagainst {}:", options.corpus.display());
    for (kind, (passed, all)) in &figures {
        println!("  {passed} of {all} {kind}s as recorded");
    }
    figures.values().all(|(passed, all)| passed == all)
}
