//! The rules of `docs/architecture.md` that a compiler does not check: who may use whom, who prints, how long things may
//! get. Each test reads the sources and lists every place where its rule is broken.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What each room of the root package may use: modules of this crate, and crates of ours. Itself goes without saying.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("config", &[], &["levee_model", "levee_syntax"]),
    ("eval", &["config"], &["levee_model", "levee_sdk"]),
    ("install", &["config"], &["levee_model"]),
    ("graph", &["config"], &["levee_model"]),
    ("plan", &["config", "eval", "graph", "event", "providers"], &["levee_model", "levee_sdk", "levee_state"]),
    ("rollback", &["config", "graph", "plan", "providers"], &["levee_model", "levee_sdk", "levee_state"]),
    ("apply", &["graph", "plan", "event", "providers"], &["levee_model", "levee_sdk", "levee_state"]),
    ("event", &[], &["levee_model", "levee_sdk"]),
    ("providers", &[], &["levee_model", "levee_sdk", "levee_aws", "levee_std", "levee_sim", "levee_kubernetes", "levee_helm"]),
    (
        "engine",
        &["config", "eval", "install", "graph", "plan", "rollback", "apply", "event", "providers"],
        &["levee_model", "levee_sdk", "levee_state"],
    ),
    ("cli", &["config", "install", "plan", "rollback", "event", "providers", "engine"], &["levee_model", "levee_sdk", "levee_sandbox"]),
    ("main", &[], &["levee"]),
    ("lib", &[], &[]),
];

/// What a room must not name of a crate that it may use otherwise, and why.
const BARRED: &[(&str, &str, &[&str], &str)] = &[
    ("plan", "levee_state", &["Store", "Access", "Run", "OpenEntry", "LockGuard"], "a plan opens and writes nothing"),
    ("rollback", "levee_state", &["Store", "Access", "Run", "OpenEntry", "LockGuard"], "what undoes a run is compiled from rows"),
    ("apply", "levee_state", &["Store", "Access", "LockGuard"], "the engine opens the store and holds the lock"),
];

/// Of a crate, the only module that a room may name, and why.
const NARROWED: &[(&str, &str, &str, &str)] =
    &[("eval", "levee_sdk", "schema", "evaluation knows what a block looks like, and no provider")];

/// Crates from outside that are named in some places only, by the beginning of their names.
const OWNED: &[(&str, &[&str], &str)] = &[
    ("aws_", &["providers/aws/"], "only the AWS provider talks to AWS"),
    ("kube", &["providers/cluster/"], "only the crate that reaches clusters does so"),
    ("rusqlite", &["state/"], "SQL stands in the state crate alone"),
    ("ureq", &["src/install/"], "only the installation of modules asks servers"),
    ("petgraph", &["src/graph/", "src/plan/"], "nobody else walks a graph"),
    ("indicatif", &["src/cli/output/"], "only output draws"),
    ("clap", &["src/cli/"], "only the command line parses arguments"),
];

/// Of our crates, which each may depend on.
const MANIFESTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("syntax", &["levee-model"]),
    ("state", &["levee-model"]),
    ("sandbox", &[]),
    ("fuzz", &["levee-model", "levee-syntax"]),
    ("providers/derive", &[]),
    ("providers/sdk", &["levee-model", "levee-derive"]),
    ("providers/kubernetes", &["levee-sdk", "levee-model", "levee-cluster"]),
    ("providers/helm", &["levee-sdk", "levee-model", "levee-cluster"]),
];
/// For everything else under `providers/`: never the engine, the state, or each other.
const PROVIDER_CRATES: &[&str] = &["levee-sdk", "levee-model"];

/// Where the environment is read; everything else is told what it needs, so that a test can say it. (The AWS SDK reads its
/// own variables; our code names one of them to say where it looked.)
const ENVIRONMENT: &[&str] = &[
    "src/cli/environment.rs",
    "sandbox/src/places.rs",
    "sandbox/src/install.rs",
    "sandbox/src/programs/go.rs",
    "state/src/process.rs",
    "state/src/fail_point.rs",
    "providers/aws/src/credentials.rs",
    "providers/cluster/src/environment.rs",
    "providers/helm/src/environment.rs",
];

const LONGEST_FUNCTION: usize = 100;
const NINE_IN_TEN_FUNCTIONS: usize = 40;
const LONGEST_FILE: usize = 600;

#[test]
fn rooms_use_only_what_lies_before_them() {
    let mut broken = Vec::new();
    for file in rust().filter(|f| f.path.starts_with("src/")) {
        let room = file.room();
        let Some((_, modules, crates)) = ROOMS.iter().find(|(name, ..)| *name == room) else {
            broken.push(format!("{}: the room {room} has no rule in tests/tidy.rs", file.path));
            continue;
        };
        for (place, module) in file.paths_of("crate") {
            if module != room && !modules.contains(&module.as_str()) && room != "lib" {
                broken.push(format!("{place}: {room} must not use crate::{module}"));
            }
        }
        for (place, name) in file.our_crates() {
            if !crates.contains(&name.as_str()) {
                broken.push(format!("{place}: {room} must not use {name}"));
            }
        }
    }
    report("data flows one way", &broken);
}

#[test]
fn rooms_name_only_their_part_of_a_crate() {
    let mut broken = Vec::new();
    for file in rust().filter(|f| f.path.starts_with("src/")) {
        for (_, of, items, why) in BARRED.iter().filter(|(room, ..)| *room == file.room()) {
            let named = file.paths_of(of).into_iter().filter(|(_, item)| items.contains(&item.as_str()));
            broken.extend(named.map(|(place, item)| format!("{place}: {of}::{item}, but {why}")));
        }
        for (_, of, only, why) in NARROWED.iter().filter(|(room, ..)| *room == file.room()) {
            let named = file.paths_of(of).into_iter().filter(|(_, item)| item != only);
            broken.extend(named.map(|(place, item)| format!("{place}: {of}::{item}, but {why}")));
        }
    }
    report("a room names only its part of a crate", &broken);
}

#[test]
fn crates_from_outside_are_named_where_they_belong() {
    let mut broken = Vec::new();
    for file in rust() {
        for (prefix, homes, why) in OWNED {
            if !homes.iter().any(|home| file.path.starts_with(home)) {
                let named =
                    words(&file.code).filter(|(_, w)| w.starts_with(prefix)).filter(|(at, w)| file.code[at + w.len()..].starts_with("::"));
                broken.extend(named.map(|(at, w)| format!("{}: {w}, but {why}", file.place(at))));
            }
        }
    }
    report("crates from outside have their places", &broken);
}

#[test]
fn crates_depend_on_what_they_may() {
    let mut broken = Vec::new();
    for file in texts().filter(|f| f.path.ends_with("/Cargo.toml")) {
        let folder = file.path.trim_end_matches("/Cargo.toml");
        let allowed = match MANIFESTS.iter().find(|(name, _)| *name == folder) {
            Some((_, allowed)) => allowed,
            None if folder.starts_with("providers/") => PROVIDER_CRATES,
            None => {
                broken.push(format!("{}: has no rule in tests/tidy.rs", file.path));
                continue;
            }
        };
        for name in dependencies(&file.text).filter(|n| n.starts_with("levee-") && !allowed.contains(&n.as_str())) {
            broken.push(format!("{}: must not depend on {name}", file.path));
        }
    }
    report("crates depend on what they may", &broken);
}

#[test]
fn only_output_prints() {
    let mut broken = Vec::new();
    for file in shipped().filter(|f| !f.path.starts_with("src/cli/output/")) {
        for needle in ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!(", "io::stdout", "io::stderr"] {
            broken.extend(file.find(needle).map(|at| format!("{}: {needle}", file.place(at))));
        }
    }
    report("the engine tells by events, and only src/cli/output prints", &broken);
}

#[test]
fn the_environment_is_read_where_it_is_said_to_be() {
    let mut broken = Vec::new();
    for file in shipped().filter(|f| !ENVIRONMENT.contains(&f.path.as_str())) {
        for needle in ["env::var", "env::vars", "env::var_os", "env::vars_os", "env::set_var"] {
            broken.extend(file.find(needle).map(|at| format!("{}: {needle}", file.place(at))));
        }
    }
    report("the environment is read in few places", &broken);
}

#[test]
fn functions_and_files_stay_within_the_budget() {
    let (mut broken, mut lengths) = (Vec::new(), Vec::new());
    for file in rust() {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", file.path));
        }
        for (at, name, length) in functions(&file.code) {
            lengths.push(length);
            if length > LONGEST_FUNCTION {
                broken.push(format!("{}: {name} has {length} lines", file.place(at)));
            }
        }
    }
    lengths.sort_unstable();
    let p90 = lengths[lengths.len() * 9 / 10];
    if p90 > NINE_IN_TEN_FUNCTIONS {
        broken.push(format!("one function in ten has more than {p90} lines"));
    }
    report("what is long is split by what it does", &broken);
}

#[test]
fn modules_say_their_job() {
    // A file of tests says by its name what it is for.
    let silent = rust().filter(|f| !f.path.ends_with("/tests.rs") && !f.text.starts_with("//!"));
    report("a module's first line says its one job", &silent.map(|f| f.path.clone()).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_unfinished_or_hushed_up() {
    let mut broken = Vec::new();
    for file in rust() {
        for (needle, why) in [
            ("todo!(", "finish it, or refuse it with a diagnostic"),
            ("unimplemented!(", "finish it, or refuse it with a diagnostic"),
            ("#[allow(", "#[expect(lint, reason = \"…\")] ends when its reason does"),
            ("#![allow(", "#![expect(lint, reason = \"…\")] ends when its reason does"),
        ] {
            broken.extend(file.find(needle).map(|at| format!("{}: {needle}: {why}", file.place(at))));
        }
        for at in file.find("#[ignore") {
            let name = functions(&file.code[at..]).into_iter().next().map(|(_, name, _)| name).unwrap_or_default();
            // One that another test runs as a child process, by its path, is not forgotten.
            let names = [format!("::{name}\""), format!("\"{name}\"")];
            if !rust().any(|f| names.iter().any(|n| f.text.contains(n))) {
                broken.push(format!("{}: {name} is ignored, and no other test runs it", file.place(at)));
            }
        }
    }
    report("nothing is left unfinished or hushed up", &broken);
}

#[test]
fn no_machine_is_named() {
    // Put together here, so that this file does not hold them.
    let paths = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];
    let hosts = [
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("py", "pi."),
        concat!("python", "hosted"),
        concat!("index", "-url"),
    ];
    let mut broken = Vec::new();
    for file in texts() {
        for (number, line) in file.text.lines().enumerate() {
            // A home is somebody's only with something in it: examples of the language may well say /home/user.
            let inside = |after: &str| after.trim_start_matches(is_of_word).starts_with('/');
            for needle in paths.iter().filter(|p| line.split(**p).skip(1).any(|after| !p.contains("me") || inside(after))) {
                broken.push(format!("{}:{}: {needle} is a path of one machine", file.path, number + 1));
            }
            for needle in hosts.iter().filter(|h| line.contains(**h)) {
                broken.push(format!("{}:{}: {needle} is a registry, which is everybody's own choice", file.path, number + 1));
            }
        }
    }
    report("no machine and no registry is named", &broken);
}

#[test]
fn the_scanner_sees_what_it_should() {
    let text =
        "use crate::{a, b::{c, d}}; // crate::no\nlet s = \"crate::no { \"; let c = '{'; fn f<'a>(x: &'a str)\n{\n r#\"fn g() {}\"# }\n";
    let file = File::new("src/x/y.rs".into(), text.into());
    let found: Vec<_> = file.paths_of("crate").into_iter().map(|(_, name)| name).collect();
    assert_eq!(found, ["a", "b"]);
    assert_eq!(file.room(), "x");
    let measured: Vec<_> = functions(&file.code).into_iter().map(|(_, name, lines)| (name, lines)).collect();
    assert_eq!(measured, [("f".to_owned(), 3)]);
    assert_eq!(file.find("print!(").count() + File::new("a.rs".into(), "println!(1)".into()).find("print!(").count(), 0);
    let manifest = "[dependencies]\nlevee-a.workspace = true\nb = \"1\"\n[dev-dependencies]\nc = \"1\"\n";
    assert_eq!(dependencies(manifest).collect::<Vec<_>>(), ["levee-a", "b"]);
    assert!(rust().count() > 100, "the sources are read");
}

/// A file of the project.
struct File {
    /// From the project's root, with slashes.
    path: String,
    text: String,
    /// The text with comments, strings and characters blanked out.
    code: String,
}

impl File {
    fn new(path: String, text: String) -> Self {
        let code = if is_rust(&path) { blank(&text) } else { String::new() };
        Self { path, text, code }
    }

    /// The folder or file under `src/` that it belongs to.
    fn room(&self) -> String {
        let inside = self.path.split('/').nth(1).unwrap_or_default();
        inside.trim_end_matches(".rs").to_owned()
    }

    /// `PATH:LINE` of a place in it.
    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.text[..at].matches('\n').count() + 1)
    }

    /// Where a text stands in the code, as a word of its own.
    fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = usize> {
        self.code.match_indices(needle).map(|(at, _)| at).filter(|at| !self.code[..*at].ends_with(is_of_word))
    }

    /// What follows `ROOT::`: one name, or each of a group.
    fn paths_of(&self, root: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (at, _) in words(&self.code).filter(|(_, w)| *w == root) {
            let Some(rest) = self.code[at + root.len()..].strip_prefix("::") else { continue };
            out.extend(leading_names(rest).into_iter().map(|name| (self.place(at), name)));
        }
        out
    }

    fn our_crates(&self) -> Vec<(String, String)> {
        let ours = words(&self.code).filter(|(_, w)| *w == "levee" || w.starts_with("levee_"));
        let named = ours.filter(|(at, w)| self.code[at + w.len()..].starts_with("::"));
        named.map(|(at, w)| (self.place(at), w.to_owned())).collect()
    }
}

/// All text files of the project, read once.
fn texts() -> impl Iterator<Item = &'static File> {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    let read = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = BTreeSet::new();
        walk(root, &mut paths);
        let inside = paths.iter().filter_map(|p| p.strip_prefix(root).ok());
        let text = |path: &Path| Some(File::new(path.to_string_lossy().replace('\\', "/"), fs::read_to_string(root.join(path)).ok()?));
        inside.filter_map(text).collect()
    };
    FILES.get_or_init(read).iter()
}

fn walk(folder: &Path, into: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project can be read").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let foreign = name.starts_with('.') && name != ".ci" || name == "target" || name == "__pycache__" || name == "Cargo.lock";
        if path.is_dir() && !foreign {
            walk(&path, into);
        } else if path.is_file() && !foreign {
            into.insert(path);
        }
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == "rs")
}

fn rust() -> impl Iterator<Item = &'static File> {
    texts().filter(|f| is_rust(&f.path))
}

/// Rust that is part of the program: no tests, benches or build scripts.
fn shipped() -> impl Iterator<Item = &'static File> {
    rust().filter(|f| {
        let aside = ["tests/", "benches/", "examples/"].iter().any(|a| f.path.starts_with(a) || f.path.contains(&format!("/{a}")));
        !aside && !f.path.ends_with("build.rs") && !f.path.ends_with("/tests.rs")
    })
}

fn report(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule} (docs/architecture.md), but:\n  {}", broken.join("\n  "));
}

/// Dependencies that a manifest names outside of its tests.
fn dependencies(manifest: &str) -> impl Iterator<Item = String> {
    let mut inside = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            inside = line.contains("dependencies") && !line.contains("dev-");
        }
        let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
        (inside && !line.starts_with('[') && !name.is_empty() && !name.starts_with('#')).then(|| name.to_owned())
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every identifier and where it stands.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = code.as_ptr() as usize;
    code.split(|c| !is_of_word(c)).filter(|w| !w.is_empty()).map(move |w| (w.as_ptr() as usize - start, w))
}

/// The first name of a path, or of each path in a group.
fn leading_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().split(|c| !is_of_word(c)).next().unwrap_or_default().to_owned();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut out, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                out.push(name(&group[from..at]));
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    out.retain(|n| !n.is_empty());
    out
}

/// Every function that has a body: where it begins, its name, its lines.
fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut out = Vec::new();
    for (at, _) in words(code).filter(|(_, w)| *w == "fn") {
        let after = &code[at + 2..];
        let name = after.trim_start().split(|c| !is_of_word(c)).next().unwrap_or_default();
        if let Some(end) = body_end(after).filter(|_| !name.is_empty()) {
            out.push((at, name.to_owned(), after[..end].matches('\n').count() + 1));
        }
    }
    out
}

/// Where the braces after a signature close; none if it ends with a semicolon.
fn body_end(after: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0_i32, 0_i32);
    for (at, c) in after.char_indices() {
        match c {
            '(' | '[' if braces == 0 => brackets += 1,
            ')' | ']' if braces == 0 => brackets -= 1,
            ';' if braces == 0 && brackets == 0 => return None,
            '{' if brackets == 0 => braces += 1,
            '}' if brackets == 0 => {
                braces -= 1;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Replaces comments, strings and characters by spaces, so that what stands in them does not count.
fn blank(text: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(c) = text[at..].chars().next() {
        let end = literal_end(text, at);
        let next = end.unwrap_or(at + c.len_utf8());
        for byte in text[at..next].bytes().filter(|_| end.is_some()) {
            out.push(if byte == b'\n' { '\n' } else { ' ' });
        }
        if end.is_none() {
            out.push(c);
        }
        at = next;
    }
    out
}

/// Where a comment, string or character that begins here ends.
fn literal_end(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let until = |mark: &str, from: usize| rest[from..].find(mark).map_or(text.len(), |n| at + from + n + mark.len());
    if rest.starts_with("//") {
        return Some(rest.find('\n').map_or(text.len(), |n| at + n));
    }
    if rest.starts_with("/*") {
        return Some(until("*/", 2));
    }
    if rest.starts_with('"') {
        return Some(at + quoted(rest));
    }
    if rest.starts_with(['r', 'b']) && !text[..at].ends_with(is_of_word) {
        let raw = rest.trim_start_matches('b').strip_prefix('r')?;
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let opening = rest.len() - raw.len() + hashes + 1;
        return raw[hashes..].starts_with('"').then(|| until(&format!("\"{}", "#".repeat(hashes)), opening));
    }
    if rest.starts_with("'\\") {
        return Some(until("'", 3));
    }
    let c = rest.strip_prefix('\'')?.chars().next()?;
    rest[1 + c.len_utf8()..].starts_with('\'').then(|| at + c.len_utf8() + 2)
}

/// The length of a string literal, its quotes included.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    rest.len()
}
