//! `levee workspace list`, `show`, `new`, `select` and `delete`

use crate::cli::args::{RunArgs, WorkspaceCommand};
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::Workspace;
use crate::engine::workspace::{DEFAULT, is_name};
use levee_model::Diagnostic;
use std::path::Path;

const OVERRIDDEN: &str = "The active workspace is being overridden using the TF_WORKSPACE environment\nvariable.\n";

pub(super) fn run(command: &WorkspaceCommand, session: &Session) -> Exit {
    match command {
        WorkspaceCommand::List => list(session),
        WorkspaceCommand::Show => {
            session.console.out(&format!("{}\n", session.workspace(None).name));
            Exit::Success
        }
        WorkspaceCommand::New { name, run } => new(name, run, session),
        WorkspaceCommand::Select { name, or_create, run } => select(name, *or_create, run, session),
        WorkspaceCommand::Delete { name, force, run } => delete(name, *force, run, session),
    }
}

fn list(session: &Session) -> Exit {
    let current = session.workspace(None);
    let star = |name: &str| if name == &*current.name { "*" } else { " " };
    let lines: String = current.all().iter().map(|name| format!("{} {name}\n", star(name))).collect();
    let overridden = environment::workspace().map_or_else(String::new, |_| format!("\n{OVERRIDDEN}"));
    session.console.out(&format!("{lines}{overridden}\n"));
    Exit::Success
}

/// The workspace of a name, and whether it is there.
fn named(name: &str) -> Result<(Workspace, bool), Box<Diagnostic>> {
    if !is_name(name) {
        let detail =
            format!("The workspace name {name:?} is not allowed. The name must contain only URL safe characters, and no path separators.");
        return Err(Box::new(Diagnostic::error("Invalid workspace name", detail)));
    }
    let workspace = Workspace::locate(Path::new("."), None, Some(name));
    let there = workspace.all().contains(&workspace.name);
    Ok((workspace, there))
}

fn chosen_by_environment(what: &str) -> Diagnostic {
    let detail = format!("The selected workspace is currently overridden using the TF_WORKSPACE environment variable. {what}");
    Diagnostic::error("The workspace is overridden", detail)
}

fn new(name: &str, run: &RunArgs, session: &Session) -> Exit {
    let (workspace, there) = match named(name) {
        Ok(found) => found,
        Err(mistake) => return session.refuse(*mistake),
    };
    if environment::workspace().is_some_and(|chosen| chosen != name) {
        return session.refuse(chosen_by_environment(
            "To create a new workspace, either unset this variable or set it to the name of the workspace.",
        ));
    }
    if there {
        return session.refuse(Diagnostic::error("Workspace exists", format!("Workspace {name:?} already exists.")));
    }
    create(&workspace, run, session)
}

fn create(workspace: &Workspace, run: &RunArgs, session: &Session) -> Exit {
    session.run(async |interrupt| {
        let options = planning::run_options(run, session, &interrupt);
        match workspace.create(run.place.state.as_deref(), &options) {
            Ok(()) => created(&workspace.name, session),
            Err(failure) => session.fail(failure),
        }
    })
}

fn created(name: &str, session: &Session) -> Exit {
    session.console.out(&format!(
        "Created and switched to workspace {name:?}!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"levee plan\" levee will not see any existing state\nfor this configuration.\n"
    ));
    Exit::Success
}

fn select(name: &str, or_create: bool, run: &RunArgs, session: &Session) -> Exit {
    if environment::workspace().is_some() {
        return session.refuse(chosen_by_environment("To select a new workspace, either change this variable or unset it."));
    }
    let (workspace, there) = match named(name) {
        Ok(found) => found,
        Err(mistake) => return session.refuse(*mistake),
    };
    if !there && !or_create {
        let d = Diagnostic::error("No such workspace", format!("Workspace {name:?} doesn't exist."));
        return session.refuse(d.hint(format!("\"levee workspace new {name}\" makes it, and so does -or-create.")));
    }
    if !there {
        return create(&workspace, run, session);
    }
    match workspace.select() {
        Ok(()) => {
            session.console.out(&format!("Switched to workspace {name:?}.\n"));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

fn delete(name: &str, force: bool, run: &RunArgs, session: &Session) -> Exit {
    let (workspace, there) = match named(name) {
        Ok(found) => found,
        Err(mistake) => return session.refuse(*mistake),
    };
    let refused = if name == DEFAULT {
        Some("The default workspace cannot be deleted.".to_owned())
    } else if !there {
        Some(format!("Workspace {name:?} doesn't exist."))
    } else if session.workspace(None).name == workspace.name {
        Some(format!("Workspace {name:?} is your active workspace. Please switch to another workspace and try again."))
    } else {
        None
    };
    if let Some(why) = refused {
        return session.refuse(Diagnostic::error("Cannot delete the workspace", why));
    }
    session.run(async |interrupt| match workspace.delete(force, &planning::run_options(run, session, &interrupt)) {
        Ok(held) => {
            session.console.out(&format!("Deleted workspace {name:?}!\n"));
            if held {
                let detail = format!(
                    "{name:?} was non-empty. The objects of the deleted workspace may still exist, but levee no longer manages them, since their state is gone."
                );
                session.console.diagnostic(Diagnostic::warning("The workspace was not empty", detail));
            }
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    })
}
