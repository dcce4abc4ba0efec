//! Reads expressions from a person at a terminal: with history, completion of names, and several lines while brackets are
//! open.

use rustyline::completion::Completer;
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};
use std::path::{Path, PathBuf};

/// How many expressions are remembered.
const REMEMBERED: usize = 1000;

/// The editor and where its history is kept.
pub(crate) struct LineEditor {
    editor: Editor<Names, FileHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// An editor that completes `names`, and keeps its history below `state_home`.
    pub(crate) fn new(names: Vec<String>, state_home: Option<PathBuf>) -> Result<Self, String> {
        let mut editor = Editor::<Names, FileHistory>::new().map_err(|e| e.to_string())?;
        editor.set_helper(Some(Names(names)));
        editor.set_max_history_size(REMEMBERED).map_err(|e| e.to_string())?;
        let history = state_home.map(|home| home.join("levee").join("console_history"));
        if let Some(path) = &history {
            // Without a history of earlier sessions the console is as good as with it.
            let _ = private(path).and_then(|()| editor.load_history(path).map_err(std::io::Error::other));
        }
        Ok(Self { editor, history })
    }

    /// The next expression; none when the person has had enough.
    pub(crate) fn read(&mut self) -> Option<String> {
        match self.editor.readline("> ") {
            Ok(line) => {
                let _ = self.editor.add_history_entry(line.as_str());
                Some(line)
            }
            Err(ReadlineError::Interrupted | ReadlineError::Eof) => None,
            Err(_) => None,
        }
    }
}

impl Drop for LineEditor {
    fn drop(&mut self) {
        if let Some(path) = &self.history {
            let _ = self.editor.append_history(path);
        }
    }
}

/// Makes a file that nobody else can read, unless it is there.
fn private(path: &Path) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The names that can be completed.
struct Names(Vec<String>);

impl Helper for Names {}
impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let (start, found) = completions(&self.0, line.get(..at).unwrap_or(line));
        Ok((start, found))
    }
}

/// Where the word before the cursor begins, and what it may become.
fn completions(names: &[String], before: &str) -> (usize, Vec<String>) {
    let is_part = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    let start = before.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map_or(before.len(), |(i, _)| i);
    let word = &before[start..];
    let found = names.iter().filter(|n| n.starts_with(word) && !word.is_empty()).cloned();
    (start, found.collect())
}

impl Validator for Names {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_open(ctx.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// Whether a bracket is open at the end, those in strings apart.
fn is_open(text: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_where_they_begin() {
        let names = ["var.zone", "var.zones", "local.x"].map(str::to_owned);
        assert_eq!(completions(&names, "upper(var.zo"), (6, vec!["var.zone".to_owned(), "var.zones".to_owned()]));
        assert_eq!(completions(&names, "1 + "), (4, Vec::new()));
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert!(is_open("[for x in [1] :") && is_open("{ a = \"}\""));
        assert!(!is_open("upper(\"(\")") && !is_open("\"\\\"[\"") && !is_open("a)"));
    }
}
