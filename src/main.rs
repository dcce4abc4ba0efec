//! argv in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    levee::cli::main(std::env::args_os())
}
