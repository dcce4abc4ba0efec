//! `-generate-config-out`: a file of configuration for what is imported into resources that stand nowhere. It is planned as
//! if it stood there already.

use super::load::{self, Loaded};
use super::{Failure, PlanRequest, registry};
use crate::config::NewFile;
use crate::plan::generate::{Generated, generate, skeleton};
use crate::plan::imports::unconfigured_in;
use crate::plan::moves;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What was written.
pub(super) struct Written {
    /// The file.
    pub file: NewFile,
    /// The objects that it describes, so that they need not be asked for again.
    pub imports: BTreeMap<InstanceAddr, Value>,
    /// The block of each.
    pub blocks: BTreeMap<InstanceAddr, Arc<str>>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// Finds configuration for imports that have none. It is to stand at `path`, where nothing may be yet. `None` where none is
/// needed.
pub(super) async fn for_imports(request: &PlanRequest, path: &Path, loaded: &Loaded) -> Result<Option<Written>, Failure> {
    let fail = |d: Diagnostic| Failure::new(d.into(), Some(loaded.config.clone()));
    if path.exists() {
        let detail = "Levee can only write generated config into a new file. Either choose a different target location or move all existing configuration out of the target file, delete it and try again.";
        return Err(fail(Diagnostic::error("Target generated file already exists", detail)));
    }
    let Some(skeleton) = skeleton(&loaded.config) else { return Ok(None) };
    // What is generated cannot be referred to before it stands in a file.
    let (found, config) = super::validate(&request.workspace).await;
    if found.has_errors() {
        return Err(Failure::new(found, config));
    }
    let wanted = unconfigured_in(&loaded.config);
    let name = path.strip_prefix("./").unwrap_or(path).to_string_lossy().into_owned();
    let mut drafted = load::load_with(&request.workspace, Some(&NewFile { name: name.clone(), text: skeleton }))?;
    let inputs = load::inputs(&request.workspace, &request.inputs, &mut drafted)?;
    let (mut objects, _) = load::objects(&request.workspace, &drafted)?;
    let moves = moves::follow(&mut objects, &drafted.config, registry());
    let config = drafted.config.clone();
    let mut source = drafted.into_source(inputs, objects, request.options.clone(), Some(load::now()), Arc::new(crate::event::Silent));
    source.moves = moves;
    let (Generated { text, imports, blocks }, mut diagnostics) = generate(&source, &wanted).await;
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, Some(config)));
    }
    diagnostics.push(Diagnostic::warning(
        "Config generation is experimental",
        "Generating configuration during import is currently experimental, and the generated configuration format may change in future versions.",
    ));
    Ok(Some(Written { file: NewFile { name, text }, imports, blocks, diagnostics }))
}

/// Writes the file. What was read with it is read with it again.
pub(super) fn write(path: &Path, file: &NewFile) -> Result<(), Failure> {
    std::fs::write(path, &file.text).map_err(|error| {
        let detail = format!("Levee could not create the generated file ({}) in the target directory: {error}.", path.display());
        Failure::new(Diagnostic::error("Failed to create target generated file", detail).into(), None)
    })
}
