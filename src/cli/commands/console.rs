//! `levee console`

use crate::cli::args::ConsoleArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::line_editor::LineEditor;
use crate::cli::output::{type_text, value_text};
use crate::cli::session::Session;
use crate::engine::console::{self, Answer, Expressions};
use crate::engine::{self, Inputs, PlanRequest};
use crate::event::Silent;
use crate::plan::PlanOptions;
use std::io::{BufRead, IsTerminal};
use std::sync::Arc;

const HELP: &str = "Write an expression as it would stand in the configuration's root module, and see its value: var.zone,
aws_vpc.main.id, cidrsubnet(\"10.0.0.0/8\", 8, 1). Objects are as the state knows them. type(x) shows the type
of x. An expression goes on over several lines while a bracket is open. \"exit\" or Control-D ends.";

pub(super) fn run(args: &ConsoleArgs, session: &Session) -> Exit {
    session.run(async |_| match expressions(args, session).await {
        Ok(found) => talk(&found, session),
        Err(failure) => session.fail(failure),
    })
}

async fn expressions(args: &ConsoleArgs, session: &Session) -> Result<Expressions, engine::Failure> {
    let workspace = session.workspace(args.place.state.as_deref());
    let inputs = Inputs { arguments: args.variables.inputs.clone(), environment: environment::input_variables() };
    if !args.plan {
        return console::expressions(&workspace, &inputs).await;
    }
    let request = PlanRequest { workspace, inputs, options: PlanOptions::default(), listener: Arc::new(Silent) };
    console::planned_expressions(request).await
}

fn talk(expressions: &Expressions, session: &Session) -> Exit {
    session.report(expressions.diagnostics.clone(), Some(&expressions.config));
    if expressions.diagnostics.has_errors() {
        session.console.diagnostic(console::doubtful());
    }
    if std::io::stdin().is_terminal() { with_a_person(expressions, session) } else { from_a_pipe(expressions, session) }
}

/// Each line is an expression; the last one's value is printed, and the first mistake ends it.
fn from_a_pipe(expressions: &Expressions, session: &Session) -> Exit {
    let mut last = String::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match answer(line.trim(), expressions, session) {
            Said::Text(text) => last = text,
            Said::End => return Exit::Success,
            Said::Mistake => return Exit::Failure,
        }
    }
    session.console.out(&format!("{last}\n"));
    Exit::Success
}

fn with_a_person(expressions: &Expressions, session: &Session) -> Exit {
    let mut editor = match LineEditor::new(expressions.names(), environment::state_home()) {
        Ok(editor) => editor,
        Err(why) => return session.refuse(levee_model::Diagnostic::error("The terminal cannot be used", why)),
    };
    while let Some(line) = editor.read() {
        match answer(line.trim(), expressions, session) {
            Said::Text(text) if text.is_empty() => {}
            Said::Text(text) => session.console.out(&format!("{text}\n")),
            Said::End => break,
            Said::Mistake => {}
        }
    }
    Exit::Success
}

/// What a line leads to.
enum Said {
    Text(String),
    End,
    /// It has been told.
    Mistake,
}

fn answer(line: &str, expressions: &Expressions, session: &Session) -> Said {
    match line {
        "" => return Said::Text(String::new()),
        "exit" => return Said::End,
        "help" => return Said::Text(HELP.to_owned()),
        _ => {}
    }
    let (answer, diagnostics, sources) = expressions.evaluate(line);
    session.console.diagnostics(&diagnostics, Some(&sources));
    match answer {
        Some(Answer::Value(value)) => Said::Text(value_text::expression(&value)),
        Some(Answer::Type(ty)) => Said::Text(type_text::written(&ty)),
        None => Said::Mistake,
    }
}
