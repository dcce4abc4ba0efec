//! The two streams that the command writes to, and how: width, colours, text or JSON.

use super::color::Paint;
use super::diagnostics::{self, Format};
use super::json;
use levee_model::{Diagnostic, Diagnostics, Sources};
use std::io::{IsTerminal, Write};

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 78;

/// Asks on the terminal, beside whatever the standard output is used for.
pub(crate) fn prompt(question: &str) {
    let _ = console::Term::stderr().write_str(question); // nobody is there to be asked then
}

/// A line that is typed on the terminal without being shown.
pub(crate) fn hidden_line() -> Option<String> {
    console::Term::stderr().read_secure_line().ok()
}

/// What the user chose about output.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    /// `-no-color`, or `NO_COLOR` in the environment.
    pub(crate) no_color: bool,
    /// `-json`
    pub(crate) json: bool,
    /// `-compact-warnings`
    pub(crate) compact_warnings: bool,
}

/// Where everything that is said goes. Cheap to copy; it holds no lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    choices: Choices,
    out_terminal: bool,
    err_terminal: bool,
    width: usize,
}

impl Console {
    /// The process's own streams.
    pub(crate) fn new(choices: Choices) -> Self {
        let out_terminal = std::io::stdout().is_terminal();
        let width = if out_terminal { usize::from(console::Term::stdout().size().1) } else { DEFAULT_WIDTH };
        Self { choices, out_terminal, err_terminal: std::io::stderr().is_terminal(), width }
    }

    /// Whether output is a stream of JSON.
    pub(crate) fn is_json(self) -> bool {
        self.choices.json
    }
    /// Whether someone watches the standard output.
    pub(crate) fn is_terminal(self) -> bool {
        self.out_terminal
    }
    /// Columns of the standard output.
    pub(crate) fn width(self) -> usize {
        self.width
    }
    /// Colours of the standard output.
    pub(crate) fn paint(self) -> Paint {
        Paint::new(self.out_terminal && !self.choices.no_color)
    }

    /// Writes to the standard output. A reader that went away is no error: `levee show | head` is fine.
    #[expect(clippy::unused_self, reason = "whoever holds no console must not write")]
    pub(crate) fn out(self, text: &str) {
        let mut stream = std::io::stdout().lock();
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// Writes to the standard error.
    #[expect(clippy::unused_self, reason = "whoever holds no console must not write")]
    pub(crate) fn err(self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Tells messages: errors on the standard error, warnings on the standard output; as JSON events with `-json`.
    pub(crate) fn diagnostics(self, all: &Diagnostics, sources: Option<&Sources>) {
        if self.is_json() {
            all.iter().for_each(|d| self.out(&format!("{}\n", json::ui::diagnostic(d, sources))));
            return;
        }
        let warnings: Vec<&Diagnostic> = all.iter().filter(|d| !d.is_error()).collect();
        if self.choices.compact_warnings && !all.has_errors() && !warnings.is_empty() {
            self.out(&format!("\n{}", diagnostics::compact(&warnings, sources)));
            return;
        }
        if !warnings.is_empty() {
            self.out("\n");
        }
        for diagnostic in all {
            if diagnostic.is_error() {
                let paint = Paint::new(self.err_terminal && !self.choices.no_color);
                self.err(&diagnostics::boxed(diagnostic, sources, Format { paint, width: self.width }));
            } else {
                let paint = self.paint();
                self.out(&diagnostics::boxed(diagnostic, sources, Format { paint, width: self.width }));
            }
        }
    }

    /// Tells one message that stands in no file.
    pub(crate) fn diagnostic(self, diagnostic: Diagnostic) {
        self.diagnostics(&diagnostic.into(), None);
    }
}
