//! What `init` and `get` say, for people and as events.

use super::console::Console;
use super::json::ui;
use crate::config::ProviderSource;
use crate::install::Progress;
use std::collections::BTreeMap;

/// What comes after success.
const NEXT: &str = "You may now begin working with levee. Try running \"levee plan\" to see\nany changes that are required for your infrastructure. All levee commands\nshould now work.\n\nIf you ever set or change modules or backend configuration for levee,\nrerun this command to reinitialize your working directory. If you forget, other\ncommands will detect it and remind you to do so if necessary.";

const EMPTY: &str = "levee initialized in an empty directory!\n\nThe directory has no Terraform configuration files. You may begin working\nwith levee immediately by creating Terraform configuration files.";

/// The first event of a stream; nothing for people.
pub(crate) fn begin(console: Console) {
    if console.is_json() {
        console.out(&format!("{}\n", ui::version()));
    }
}

fn say(console: Console, code: &str, text: &str) {
    if console.is_json() {
        console.out(&format!("{}\n", ui::init_output(code, text)));
    } else {
        console.out(&format!("{text}\n"));
    }
}

fn log(console: Console, text: &str) {
    if console.is_json() {
        console.out(&format!("{}\n", ui::log(text)));
    } else {
        console.out(&format!("{text}\n"));
    }
}

/// States that went along to another place.
pub(crate) fn migrated(console: Console, lines: &[String]) {
    for line in lines {
        log(console, line);
    }
}

/// A step of the installation.
pub(crate) fn progress(console: Console, progress: &Progress) {
    match progress {
        Progress::Started => say(console, "initializing_modules_message", "Initializing modules..."),
        Progress::Downloading(key, from, Some(version)) => log(console, &format!("Downloading {from} {version} for {key}...")),
        Progress::Downloading(key, from, None) => log(console, &format!("Downloading {from} for {key}...")),
        Progress::Installed(key, dir) => log(console, &format!("- {key} in {}", dir.display())),
    }
}

/// The providers in use.
pub(crate) fn providers(console: Console, all: &BTreeMap<ProviderSource, Option<String>>) {
    say(console, "initializing_provider_plugin_message", "Initializing provider plugins...");
    for (source, version) in all {
        let shown = source.for_display();
        let text = match version {
            Some(_) if source.is_builtin() => format!("{shown} is built in to levee"),
            Some(version) => format!("{shown} is built in to levee (schemas of version {version})"),
            None => format!("{shown} is not built in to levee: its resources cannot be planned"),
        };
        log(console, &if console.is_json() { text } else { format!("- {text}") });
    }
}

/// Everything is there.
pub(crate) fn end(console: Console) {
    if console.is_json() {
        say(console, "output_init_success_message", "levee has been successfully initialized!");
        return say(console, "output_init_success_cli_message", NEXT);
    }
    let paint = console.paint();
    console.out(&format!("\n{}\n\n{NEXT}\n", paint.bold(paint.green("levee has been successfully initialized!"))));
}

/// There is nothing to initialise.
pub(crate) fn empty(console: Console) {
    say(console, "output_init_empty_message", EMPTY);
}
