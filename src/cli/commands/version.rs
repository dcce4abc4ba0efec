//! `levee version`. Starts nothing, so that it answers at once.

use crate::cli::args::VersionArgs;
use crate::cli::exit::Exit;
use crate::cli::output::json::{self, TERRAFORM_VERSION};
use crate::cli::session::Session;

pub(super) fn run(args: &VersionArgs, session: &Session) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{}_{}", std::env::consts::OS, architecture());
    session.console.out(&if args.json {
        format!("{:#}\n", json::version::document(&platform))
    } else {
        format!("levee v{version}\non {platform}, in the formats of Terraform v{TERRAFORM_VERSION}\n")
    });
    Exit::Success
}

/// As Terraform's users call it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
