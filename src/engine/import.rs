//! `levee import`: takes one object over into the state. What an `import` block says in a plan, said by hand.

use super::load::{self, Loaded};
use super::{Failure, Inputs, RunOptions, Workspace, registry};
use crate::config::NO_CONFIGURATION;
use crate::graph::Block;
use crate::graph::block::resource_of;
use crate::graph::target::{Selection, with_needs};
use crate::plan::PlanOptions;
use crate::plan::compile::{Source, create_first, new_walk};
use crate::plan::evaluate::expansion;
use crate::plan::imports::import_object;
use crate::plan::logins::{log_in, provider_needs};
use crate::plan::objects::Prior;
use crate::plan::walk::Pass;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Mode};
use levee_state::StateEdit;

/// Imports the object of this id to an address that the configuration has. Yields warnings.
///
/// # Errors
/// The address is not in the configuration or has an object, there is no object of the id, or the state cannot be written.
pub async fn import(
    workspace: &Workspace,
    inputs: &Inputs,
    addr: &InstanceAddr,
    id: &str,
    options: &RunOptions,
) -> Result<Diagnostics, Failure> {
    let mut loaded = load::load(workspace)?;
    let warnings = std::mem::take(&mut loaded.diagnostics);
    check_declared(&loaded, addr).map_err(|d| Failure::new((*d).into(), None))?;
    let values = load::inputs(workspace, inputs, &mut loaded)?;
    let (objects, _) = load::objects(workspace, &loaded)?;
    let config = loaded.config.clone();
    let fail = |d: Diagnostics| Failure::new(d, Some(config.clone()));
    if objects.current(addr).is_some() {
        return Err(fail(managed_already(addr).into()));
    }
    let source = loaded.into_source(values, objects, PlanOptions::default(), Some(load::now()), options.listener.clone());
    let found = find(&source, addr, id).await.map_err(fail)?;
    super::state_edit::edit(workspace, "import", options, |snapshot| {
        if snapshot.object(addr, None).is_some() {
            return Err(managed_already(addr).into());
        }
        Ok(vec![StateEdit::Put(Box::new(found.row.as_ref().clone()))])
    })
    .await?;
    Ok(warnings)
}

fn managed_already(addr: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "Levee is already managing a remote object for {addr}. To import to this address you must first remove the existing object from the state."
    );
    Diagnostic::error("Resource already managed by Levee", detail)
}

fn check_declared(loaded: &Loaded, addr: &InstanceAddr) -> Result<(), Box<Diagnostic>> {
    let path = addr.module.path();
    let Some(module) = loaded.config.modules.get(&path) else {
        let detail =
            format!("{path} is not defined in the configuration. Please add configuration for this module before importing into it.");
        return Err(Box::new(Diagnostic::error("Import to non-existent module", detail)));
    };
    if addr.mode != Mode::Managed {
        let detail = "A managed resource address is required. Importing into a data resource is not allowed.";
        return Err(Box::new(Diagnostic::error("Invalid resource address", detail)));
    }
    if resource_of(module, &addr.resource()).is_none() {
        let home = if path.is_root() { "the root module".to_owned() } else { path.to_string() };
        let summary = format!("resource address {:?} does not exist in the configuration.", addr.to_string());
        let detail = format!(
            "Before importing this resource, please create its configuration in {home}. For example:\n\nresource {:?} {:?} {{\n  # (resource arguments)\n}}",
            &*addr.type_name, &*addr.name
        );
        return Err(Box::new(Diagnostic::error(summary, detail)));
    }
    Ok(())
}

/// Evaluates what the resource needs, and asks its provider.
async fn find(source: &Source, addr: &InstanceAddr, id: &str) -> Result<Prior, Diagnostics> {
    let own = source.blocks.id(&Block::Resource(addr.resource()));
    let first = create_first(&source.blocks);
    let pool = log_in(source, &first).await;
    let whole = Selection::default();
    let mut walk = new_walk(source, Pass::Plan, pool, &whole, &first);
    let mut needed = with_needs(&source.blocks, own.into_iter().collect());
    needed.extend(provider_needs(&source.blocks));
    needed.retain(|id| Some(*id) != own);
    walk.run(Some(&needed)).await;
    if walk.diagnostics.has_errors() {
        return Err(std::mem::take(&mut walk.diagnostics));
    }
    let declared = source.blocks.resource_block(&addr.resource());
    let (Some(declared), Some(home)) = (declared, walk.world.module_id(&addr.module)) else { return Err(no_instance(addr).into()) };
    let found = expansion(&walk.world, home, declared.resource.count.as_deref(), declared.resource.for_each.as_deref());
    if !found.instances.is_some_and(|i| i.contains_key(&addr.key)) {
        return Err(no_instance(addr).into());
    }
    import_object(&source.config, registry(), &walk.pool, addr, &declared.provider, id).await.map_err(Into::into)
}

fn no_instance(addr: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "The configuration for the given import {addr} does not exist. All target instances must have an associated configuration to be imported."
    );
    Diagnostic::error(NO_CONFIGURATION, detail)
}
