//! Builds the Kubernetes programs if they are not there yet, and prints the folder that holds them.

use levee_sandbox::programs::Binaries;
use levee_sandbox::{Places, SandboxError};

#[expect(clippy::print_stdout, reason = "a script reads it")]
fn main() -> Result<(), SandboxError> {
    println!("{}", Binaries::installed(&Places::from_environment()?)?.folder().display());
    Ok(())
}
