//! `levee fmt`

use crate::cli::args::FmtArgs;
use crate::cli::exit::Exit;
use crate::cli::output::difference::unified;
use crate::cli::session::Session;
use crate::engine::format::{FormatInput, FormatOptions, FormattedFile, format};
use levee_model::Diagnostic;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &FmtArgs, session: &Session) -> Exit {
    let from_stdin = args.targets.first().is_some_and(|t| t == Path::new("-"));
    let input = if from_stdin {
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().read_to_end(&mut bytes) {
            session.console.diagnostic(Diagnostic::error("Failed to read <stdin>", error.to_string()));
            return Exit::Unreadable;
        }
        FormatInput::Text(bytes)
    } else if args.targets.is_empty() {
        FormatInput::Paths(vec![PathBuf::from(".")])
    } else {
        FormatInput::Paths(args.targets.clone())
    };
    let list = args.list && !from_stdin;
    let write = args.write && !from_stdin && !args.check;
    let whole = !args.check && !list && !write && !args.diff;
    let mut all_formatted = true;
    let mut out = String::new();
    let mut each = |file: FormattedFile| {
        let differs = file.before != file.after;
        all_formatted &= !differs;
        if differs && (list || args.check) {
            out.push_str(&format!("{}\n", file.name));
        }
        if differs && args.diff {
            out.push_str(&unified(&file.name, &file.before, &file.after));
        }
        if whole {
            out.push_str(&format!("{}\n", file.after.strip_suffix('\n').unwrap_or(&file.after)));
        }
    };
    let (diagnostics, sources) = format(input, FormatOptions { recursive: args.recursive, write }, &mut each);
    // With -check, -list decides on everything that is told, and mistakes go before.
    if !args.check || (list && !diagnostics.has_errors()) {
        session.console.out(&out);
    }
    session.console.diagnostics(&diagnostics, Some(&sources));
    if diagnostics.has_errors() {
        Exit::Unreadable
    } else if args.check && !all_formatted {
        Exit::Unformatted
    } else {
        Exit::Success
    }
}
