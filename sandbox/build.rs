//! Lists the Python files of the layer, so that the library can carry them inside itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let package = root.join("layer/levee_layer");
    let mut files = Vec::new();
    collect(&package, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(root.join("layer")).map_err(io::Error::other)?;
        let _ = writeln!(code, "    ({:?}, include_str!({:?})),", name.display().to_string(), file.display().to_string());
    }
    code.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("layer_files.rs"), code)
}

/// All `.py` files below `folder`; every folder is watched, so that a new file is seen too.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    // A cargo instruction, not output of the program.
    io::Write::write_all(&mut io::stdout(), format!("cargo::rerun-if-changed={}\n", folder.display()).as_bytes())?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "__pycache__") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "py") {
            io::Write::write_all(&mut io::stdout(), format!("cargo::rerun-if-changed={}\n", path.display()).as_bytes())?;
            files.push(path);
        }
    }
    Ok(())
}
