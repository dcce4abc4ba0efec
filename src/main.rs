//! argv in, exit code out.

use std::process::ExitCode;

/// Plans are made of many small pieces, which the system's allocator takes longer for than all the rest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    levee::cli::main(std::env::args_os())
}
