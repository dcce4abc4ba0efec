//! What the fuzz targets share: a configuration of one file, checked as `levee validate` checks it.

use levee::engine::{self, Workspace};
use std::path::Path;
use tokio::runtime::Runtime;

#[path = "../../syntax/tests/properties/laws.rs"]
pub mod laws;

thread_local! {
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
}

/// Loads, checks and evaluates a directory that holds this file alone, together with what it may refer to.
pub fn validate(name: &str, content: &[u8]) {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), name, content);
    write(dir.path(), "m/m.tf", b"variable \"v\" { default = 1 }\noutput \"o\" { value = var.v }\n");
    let workspace = Workspace::locate(dir.path(), None, None);
    RUNTIME.with(|runtime| drop(runtime.block_on(engine::validate(&workspace))));
}

fn write(dir: &Path, name: &str, content: &[u8]) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(dir)).expect("a directory");
    std::fs::write(path, content).expect("a file");
}
