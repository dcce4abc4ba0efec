//! Random worlds: a random configuration is applied to the simulated cloud, changed at random and applied again, while
//! calls fail, answers are lost and runs are cut off; then what must hold of every world is judged.
//!
//! `cargo test --test worlds -- [--seeds N] [--from SEED] [--at-once N]`
//!
//! A seed that fails is told with the smallest story of it that still goes wrong. [`model`] is a configuration as data,
//! [`generate`] makes it, [`change`] changes it, [`render`] writes it; [`trouble`] is what goes wrong meanwhile, [`partial`] a
//! run with targets. [`story`] puts them together, [`place`] lets it happen, [`evidence`] is what is left of that,
//! [`invariants`] (and [`steps`]) judge it, [`shrink`] finds the smallest story, and [`provoked`] shows that each invariant can
//! fail.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a test without harness tells its own result")]

mod model;
mod generate;
mod change;
mod render;
mod trouble;
mod partial;
mod evidence;
mod invariants;
mod steps;
mod place;
mod story;
mod shrink;
mod provoked;

use futures::stream::{self, StreamExt};
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;
use story::{Broken, Story};
use tokio::runtime::Runtime;

/// How many seeds the suite tries.
const SEEDS: u64 = 2000;
/// So many failures are enough to know.
const ENOUGH: usize = 3;

struct Options {
    seeds: u64,
    from: u64,
    at_once: usize,
    wanted: bool,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { seeds: SEEDS, from: 1, at_once: 40, wanted: true };
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|n| n.parse().ok()).ok_or(format!("{argument} wants a number"));
            match argument.as_str() {
                "--seeds" => options.seeds = number()?,
                "--from" => options.from = number()?,
                "--at-once" => options.at_once = usize::try_from(number()?).unwrap_or(1).max(1),
                "--test-threads" | "--skip" => drop(arguments.next()),
                "--list" => options.wanted = false,
                // What the usual harness takes, so that `cargo test` can pass it to every test.
                flag if flag.starts_with('-') => {}
                filter => options.wanted = "worlds".contains(filter),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) if options.wanted => options,
        Ok(_) => return ExitCode::SUCCESS,
        Err(mistake) => {
            eprintln!("worlds: {mistake}");
            return ExitCode::FAILURE;
        }
    };
    if run(&options) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn run(options: &Options) -> bool {
    let started = Instant::now();
    let seeds = Mutex::new(options.from..options.from.saturating_add(options.seeds));
    let failures = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let unprovoked = std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| runtime().block_on(work(&seeds, &failures, options.at_once)));
        }
        runtime().block_on(provoked::unprovoked())
    });
    for name in &unprovoked {
        eprintln!("no corruption makes this fail: {name}");
    }
    let mut failures = failures.into_inner().expect("no holder panics");
    let (elapsed, failed) = (started.elapsed(), failures.len());
    failures.truncate(ENOUGH);
    for (story, broken) in failures {
        runtime().block_on(report(story, broken));
    }
    let left = seeds.into_inner().expect("no holder panics");
    println!("worlds: {} seeds from {} in {elapsed:.1?}, {failed} failed", left.start - options.from, options.from);
    failed == 0 && unprovoked.is_empty()
}

/// Tells stories, many at once: most of them wait for something at any time.
async fn work(seeds: &Mutex<Range<u64>>, failures: &Mutex<Vec<(Story, Broken)>>, at_once: usize) {
    let next = || {
        let enough = failures.lock().expect("no holder panics").len() >= ENOUGH;
        seeds.lock().expect("no holder panics").next().filter(|_| !enough)
    };
    let told = stream::iter(std::iter::from_fn(next)).map(|seed| async move {
        let story = Story::of(seed);
        let broken = story.tell().await.err()?;
        eprintln!("seed {seed} fails; its smallest story is looked for at the end");
        Some((story, broken))
    });
    let failed = told.buffer_unordered(at_once).filter_map(std::future::ready);
    failed.for_each(async |failure| failures.lock().expect("no holder panics").push(failure)).await;
}

async fn report(story: Story, broken: Broken) {
    let seed = story.seed;
    eprintln!("seed {seed}: does not hold: {}\n  {}", broken.0, broken.1.join("\n  "));
    let (story, broken) = shrink::smallest(story, broken).await;
    eprintln!("the smallest story of it: {}", broken.1.join("\n  "));
    eprintln!("{}", story.lag);
    for (i, chapter) in story.chapters.iter().enumerate() {
        let trouble = &chapter.trouble;
        eprintln!("--- chapter {i}: given up {:?}, first {:?}, behind our back {:?}", chapter.given_up, chapter.partial, chapter.deeds);
        eprintln!("parallelism {}, interrupt {:?}, cut {:?}\n{}", trouble.parallelism, trouble.interrupt, trouble.cut, trouble.cloud);
        for (name, text) in render::files(&chapter.model, |origin, _| Some(format!("{origin:?}"))) {
            eprintln!("# {name}\n{text}");
        }
    }
    if story.told(true).await.is_ok() {
        eprintln!("this time it went well: what runs at the same time came in another order");
    }
    eprintln!("again with: cargo test --test worlds -- --seeds 1 --from {seed}\n");
}
