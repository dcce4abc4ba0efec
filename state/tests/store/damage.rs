//! A thousand damaged stores: each answer is an error or the one that the whole store gives.

use crate::fixture::{begin, intent, path_in, put, row, success};
use levee_model::address::DeposedKey;
use levee_state::{
    Access, Bundle, FailureRecord, Kept, LockInfo, OutputRow, RunEnd, RunId, RunKind, RunSpec, StateEdit, StateError, Store, check,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A store that was killed in the middle of a run: its files as they were then.
#[derive(Clone)]
struct Files {
    store: Vec<u8>,
    log: Option<Vec<u8>>,
    mark: Vec<u8>,
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    path.with_extension(extension)
}

impl Files {
    fn read(path: &Path) -> Self {
        let log = fs::read(beside(path, "db-wal")).ok().filter(|l| !l.is_empty());
        Self { store: fs::read(path).expect("reads"), log, mark: fs::read(beside(path, "mark")).expect("reads") }
    }

    fn write(&self, path: &Path) {
        let directory = path.parent().expect("a directory");
        fs::remove_dir_all(directory).or_else(|e| if directory.exists() { Err(e) } else { Ok(()) }).expect("empties");
        fs::create_dir_all(directory).expect("creates");
        fs::write(path, &self.store).expect("writes");
        fs::write(beside(path, "mark"), &self.mark).expect("writes");
        if let Some(log) = &self.log {
            fs::write(beside(path, "db-wal"), log).expect("writes");
        }
    }
}

fn output(value: &str) -> OutputRow {
    OutputRow { value: value.to_owned(), type_json: "\"string\"".to_owned(), sensitive: true }
}

/// Two runs that ended and one that did not, with something in every table.
async fn fill(store: &Store) {
    for round in 0..2 {
        let guard = store.lock(&LockInfo::current("apply"), Duration::ZERO).expect("locks");
        let base = store.snapshot().expect("reads").base();
        let spec = RunSpec { kind: RunKind::Apply, base, config_digest: None, variables: None, levee_version: String::new() };
        let bundle = Bundle { digest: "d".to_owned(), format: 1, content: vec![7; 50] };
        let run = store.begin_keeping(&guard, &spec, Some(&Kept { bundle, approval: vec![round; 60] }), &[]).expect("begins");
        for seq in 0..20 {
            let addr = format!("a.x[{seq}]");
            let mut object =
                row(&addr, &format!("{{\"round\":{round},\"v\":\"{}\"}}", "v".repeat(20 + usize::try_from(seq).expect("small") * 40)));
            object.dependencies = vec!["a.base".parse::<levee_model::address::InstanceAddr>().expect("an address").resource()];
            let entry = run.intent(intent(seq, &addr)).await.expect("writes");
            entry.checkpoint("i-7", Some("{}".to_owned())).await.expect("writes");
            entry.succeed(success(vec![StateEdit::Put(Box::new(object))])).await.expect("writes");
        }
        run.edit(vec![put("a.large", &"w".repeat(9_000))]).await.expect("writes");
        run.set_outputs(BTreeMap::from([("o".to_owned(), output(&round.to_string())), ("p".to_owned(), output("1"))]))
            .await
            .expect("writes");
        run.set_checks("[]".to_owned()).await.expect("writes");
        run.finish(RunEnd::Succeeded).await.expect("writes");
    }
    let run = begin(store);
    let addr = "a.x[1]".parse().expect("an address");
    run.edit(vec![StateEdit::Depose { addr, key: DeposedKey(Arc::from("0badcafe")) }]).await.expect("writes");
    run.intent(intent(0, "a.new")).await.expect("writes").succeed(success(vec![put("a.new", "{}")])).await.expect("writes");
    let failure = FailureRecord { message: "no answer".to_owned(), in_doubt: true, ..FailureRecord::default() };
    run.intent(intent(1, "a.lost")).await.expect("writes").fail(failure).await.expect("writes");
    drop(run.intent(intent(2, "a.open")).await.expect("writes"));
    // The process is killed here: what was written after the last moment of quiet is in the log.
    std::mem::forget(run);
}

/// Each question with its answer as text; none where the answer is an error. Which error it may be is checked here.
fn answers(path: &Path, what: &str) -> Vec<Option<String>> {
    let store = match Store::open(path, Access::ReadOnly) {
        Ok(store) => store,
        Err(error) => {
            expected(&error, what);
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    let mut add = |answer: Result<String, StateError>| out.push(answer.map_err(|e| expected(&e, what)).ok());
    add(store.snapshot().map(|s| {
        let rows: Vec<_> = s.objects.iter().map(|o| (o, &o.values, &o.sensitive_paths, &o.dependencies, &o.id, o.schema_version)).collect();
        let outputs: Vec<_> = s.outputs.iter().map(|(n, o)| (n, &o.value, &o.type_json, o.sensitive)).collect();
        format!("{} {} {rows:?} {outputs:?} {:?}", s.lineage, s.serial, s.checks)
    }));
    add(store.open_run().map(|r| r.map_or_else(String::new, |r| format!("{:?} {:?} {:?}", r.record, r.unresolved, r.finished))));
    add(store.runs().map(|r| format!("{r:?}")));
    for run in (1..=3).map(RunId) {
        add(store.journal(run).map(|j| format!("{j:?}")));
        add(store.timeline(run).map(|j| format!("{j:?}")));
        add(store
            .snapshot_at(run)
            .map(|s| format!("{:?} {:?} {}", s.objects.iter().map(|o| (o, &o.values)).collect::<Vec<_>>(), s.outputs, s.serial)));
        add(store.kept(run).map(|k| format!("{k:?}")));
    }
    add(store.durations().map(|d| format!("{d:?}")));
    add(store.lock_holders().map(|h| format!("{h:?}")));
    out
}

/// Damage is told as such, never as a defect of levee or a mistake of the operator.
fn expected(error: &StateError, what: &str) {
    let fine = matches!(
        error,
        StateError::Corrupt { .. }
            | StateError::Behind { .. }
            | StateError::NotOurs { .. }
            | StateError::NewerSchema { .. }
            | StateError::Io { .. }
    );
    assert!(fine, "{what}: {error:?}");
}

/// Numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).expect("fits")
    }
}

fn flip(bytes: &mut [u8], dice: &mut Dice, times: usize) {
    for _ in 0..times {
        let (at, bit) = (dice.roll(bytes.len()), dice.roll(8));
        bytes[at] ^= 1 << bit;
    }
}

const PAGE: usize = 4096;

/// Does one damage, and says which.
fn damage(files: &mut Files, dice: &mut Dice) -> String {
    let pages = files.store.len() / PAGE;
    let page = |n: usize| n * PAGE..(n + 1) * PAGE;
    let kind = dice.roll(if files.log.is_some() { 12 } else { 8 });
    match (kind, &mut files.log) {
        (0..=2, _) => flip(&mut files.store, dice, 1),
        (3, _) => {
            let times = 2 + dice.roll(30);
            flip(&mut files.store, dice, times);
        }
        (4, _) => files.store.truncate(dice.roll(pages * PAGE)),
        (5, _) => files.store[page(dice.roll(pages))].fill(0),
        (6, _) => {
            let (from, to) = (page(dice.roll(pages)), dice.roll(pages) * PAGE);
            files.store.copy_within(from, to);
        }
        (7, _) => {
            let at = dice.roll(pages * PAGE - 512);
            (0..512).for_each(|i| files.store[at + i] = u8::try_from(dice.roll(256)).expect("a byte"));
        }
        (8, Some(log)) => flip(log, dice, 1),
        (9, Some(log)) => log.truncate(dice.roll(log.len())),
        (10, Some(log)) => {
            let at = dice.roll(log.len());
            log[at..].fill(0);
        }
        _ => files.log = None,
    }
    format!("kind {kind}")
}

#[tokio::test]
async fn no_damage_gives_a_wrong_answer() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = path_in(dir.path());
    let store = Store::open(&path, Access::ReadWrite).expect("opens");
    fill(&store).await;
    let killed = Files::read(&path);
    drop(store);
    assert!(killed.log.is_some());
    let place = tempfile::tempdir().expect("temp dir");
    let path = path_in(place.path());
    // The same store after its log was folded into it.
    killed.write(&path);
    rusqlite::Connection::open(&path).expect("opens").query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("folds");
    let folded = Files { log: None, ..Files::read(&path) };
    killed.write(&path);
    let truth = answers(&path, "whole");
    assert!(truth.iter().all(Option::is_some) && truth.len() == 17);
    assert_eq!(check(&path).expect("looks").expect("is there").damage, Vec::<String>::new());
    let counts: Vec<[usize; 4]> = std::thread::scope(|scope| {
        let (killed, folded, truth) = (&killed, &folded, &truth);
        let batch = |seed| scope.spawn(move || batch_of(seed, killed, folded, truth));
        let all: Vec<_> = [1, 2, 3, 4].into_iter().map(batch).collect();
        all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let [refused, partly, unharmed, seen] = [0, 1, 2, 3].map(|i| counts.iter().map(|c| c[i]).sum::<usize>());
    // Damage in free space and in old pages harms nobody; most does.
    assert!(refused > 100 && partly > 200 && seen >= refused + partly, "{refused} {partly} {unharmed} {seen}");
}

/// A quarter of the thousand: how many stores were refused as a whole, answered in part or in full, and were seen by a check.
fn batch_of(seed: u64, killed: &Files, folded: &Files, truth: &[Option<String>]) -> [usize; 4] {
    let place = tempfile::tempdir().expect("temp dir");
    let path = path_in(place.path());
    let mut dice = Dice(seed);
    let [mut refused, mut partly, mut unharmed, mut seen] = [0; 4];
    for case in 0..250 {
        let mut files = if dice.roll(3) == 0 { killed.clone() } else { folded.clone() };
        let what = format!("seed {seed}, case {case}, {}", damage(&mut files, &mut dice));
        files.write(&path);
        let found = answers(&path, &what);
        for (number, (answer, truth)) in found.iter().zip(truth).enumerate() {
            assert!(answer.is_none() || answer == truth, "{what}: a wrong answer to question {number}");
        }
        let whole = found.iter().all(Option::is_some) && !found.is_empty();
        files.write(&path);
        let sound = is_sound(&path, &what);
        assert!(whole || !sound, "{what}: an answer is refused, and the check finds nothing");
        seen += usize::from(!sound);
        match (found.is_empty(), whole) {
            (true, _) => refused += 1,
            (_, false) => partly += 1,
            (_, true) => unharmed += 1,
        }
    }
    [refused, partly, unharmed, seen]
}

fn is_sound(path: &Path, what: &str) -> bool {
    match check(path) {
        Ok(Some(report)) => report.damage.is_empty(),
        Ok(None) => panic!("{what}: there is a store"),
        Err(error) => {
            expected(&error, what);
            false
        }
    }
}
