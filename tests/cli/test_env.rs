//! A directory of its own and a bare environment for one test, and what `levee` answers in it.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take that a test waits for. Far more than it should: machines that test are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where one test works: a root module, a home, and no variable of the environment that the test did not set.
pub(crate) struct TestEnv {
    temp: TempDir,
    vars: BTreeMap<String, String>,
}

impl TestEnv {
    /// `case` shows in the name of the directory, so that one left behind by a crash can be told.
    pub(crate) fn new(case: &str) -> Self {
        let temp = tempfile::Builder::new().prefix(&format!("levee-{case}-")).tempdir().expect("a temporary directory");
        fs::create_dir(temp.path().join("module")).expect("a directory for the module");
        fs::create_dir(temp.path().join("home")).expect("a home");
        Self { temp, vars: BTreeMap::new() }
    }

    /// The directory of the root module.
    pub(crate) fn dir(&self) -> PathBuf {
        self.temp.path().join("module")
    }

    /// A path in the root module's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// Writes a file, making the folders on the way.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// Sets a variable for every command that follows.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), value.to_owned());
    }

    /// A command that is not started yet.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_levee"));
        command.args(args).current_dir(self.dir()).stdin(Stdio::null()).env_clear();
        command.env("HOME", self.temp.path().join("home"));
        // What is made here shows at once, so that nobody need wait for it.
        command.env("LEVEE_HIDDEN_SECONDS", "0");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.envs(&self.vars);
        command
    }

    /// Runs `levee` to its end.
    pub(crate) fn levee<const N: usize>(&self, args: [&str; N]) -> Output {
        self.run(self.command(&args))
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, mut command: Command) -> Output {
        let started = Instant::now();
        let output = command.output().expect("levee can be started");
        let text = |bytes: Vec<u8>| normalised(&bytes, self.temp.path());
        Output {
            line: format!("{command:?}").rsplit_once("/levee\"").map_or_else(String::new, |(_, args)| format!("levee{args}")),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            elapsed: started.elapsed(),
        }
    }

    /// The state holds exactly these addresses, and it opens.
    pub(crate) fn holds(&self, addresses: &[&str]) {
        let listed = self.levee(["state", "list"]).ok();
        assert_eq!(listed.stdout.lines().collect::<Vec<_>>(), addresses, "{listed}");
    }
}

/// Text without what differs from one run to the next: the directory of the test.
fn normalised(bytes: &[u8], temp: &Path) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("levee writes UTF-8");
    text.replace(&*temp.to_string_lossy(), "<temp>")
}

/// What a command answered.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    line: String,
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr, elapsed } = self;
        write!(f, "{line}\ncode {code:?} after {elapsed:?}\n--- standard output\n{stdout}\n--- standard error\n{stderr}")
    }
}

impl Output {
    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, Some(expected), "{self}");
        self
    }

    /// It did what was asked.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    /// It refused, with an error that people can read: no panic, nothing raw.
    #[track_caller]
    pub(crate) fn refused(self) -> Self {
        let out = self.code(1);
        assert!(out.stderr.contains("Error: "), "no error is told: {out}");
        assert!(!out.stderr.contains("panicked"), "a panic: {out}");
        out
    }

    /// Both streams on one line, without the frames around messages: line breaks fall where the terminal ends.
    pub(crate) fn flat(&self) -> String {
        let both = format!("{}\n{}", self.stdout, self.stderr);
        both.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Something is said on either stream.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.flat().contains(text), "{text:?} is not said: {self}");
        self
    }

    /// Something is not said.
    #[track_caller]
    pub(crate) fn hides(self, text: &str) -> Self {
        assert!(!self.flat().contains(text), "{text:?} is said: {self}");
        self
    }

    /// A line of the standard output that begins so comes before another.
    #[track_caller]
    pub(crate) fn in_order(self, lines: &[&str]) -> Self {
        let mut rest = self.stdout.lines();
        for wanted in lines {
            assert!(rest.any(|l| l.starts_with(wanted)), "{wanted:?} does not follow in {lines:?}: {self}");
        }
        self
    }

    /// The value of `NAME = VALUE` in the standard output, as it is written there.
    #[track_caller]
    pub(crate) fn attribute(&self, name: &str) -> String {
        let of_line = |line: &str| line.trim().strip_prefix(name)?.trim_start().strip_prefix("= ").map(str::to_owned);
        self.stdout.lines().find_map(of_line).unwrap_or_else(|| panic!("no {name} = in {self}"))
    }

    /// The standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("no JSON: {e}: {self}"))
    }
}

/// Waits until a condition holds; fails when it does not within [`PATIENCE`].
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Every file below a folder that holds one of the texts.
pub(crate) fn holding(folder: &Path, texts: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            out.extend(holding(&entry.path(), texts));
        } else {
            let bytes = fs::read(entry.path()).expect("a file");
            let has = |text: &&str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
            if texts.iter().any(has) {
                out.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    out
}
