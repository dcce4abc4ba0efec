//! What a step is about to do, now that what it waited for is known.

use crate::graph::Block;
use crate::plan::diff::{Client, marked, proposal, provider_diagnostic};
use crate::plan::evaluate::Evaluated;
use crate::plan::images::Followed;
use crate::plan::propose::same;
use crate::plan::restore::whole_image;
use crate::plan::scope::Repeated;
use crate::plan::values::{Entry, Needs, NodeId, Role, World};
use crate::plan::walk::Item;
use crate::plan::{conditions, evaluate};
use levee_model::{Action, Diagnostic, Diagnostics, InstanceAddr, Kind, Path, Step, Type, Value};
use levee_sdk::AnyResource;
use levee_sdk::schema::{Attribute, Block as SchemaBlock};

/// What a create or an update gets.
pub struct Prepared {
    /// What the configuration says, with marks.
    pub config: Value,
    /// The object as it is to be, with marks; unknown where only the provider can tell.
    pub planned: Value,
}

/// Evaluates the configuration of an item's instance again and fills in what was unknown in the plan.
pub fn prepare(world: &World, item: &Item, client: Option<&Client>) -> Result<Prepared, Diagnostics> {
    let planned = item.change.after.clone().unwrap_or_else(|| Value::null(Type::Dynamic));
    let (Some(node), Some(resource)) = (item.node, &item.resource) else {
        return Err(fault(&item.change.addr, "it has no place in the configuration").into());
    };
    let schema = resource.schema();
    if let Some(whole) = put_back(world, node, resource.as_ref()) {
        return Ok(Prepared { config: whole.clone(), planned: whole });
    }
    let config = configuration(world, node, &schema.block)?;
    let before = item.change.before.clone().map(|v| v.unmark_deep().0);
    let prior = before.filter(|_| item.change.action == Action::Update);
    let config = ignoring(world, node, config, prior.as_ref());
    let draft = proposal(resource.as_ref(), &schema.block, prior.as_ref(), &config, client)
        .map_err(|e| Diagnostics::from(provider_diagnostic(&item.change.addr, "cannot be planned", &e)))?;
    let filled = fill(planned.unmark_deep().0, &draft.planned);
    if let Some(path) = disagreement(&schema.block, &filled, &draft.planned) {
        return Err(changed_since(&item.change.addr, &path).into());
    }
    Ok(Prepared { planned: marked(&schema.block, filled, &config), config })
}

/// An object as it was, where it is to be that again, in terms of what there is by now.
fn image(world: &World, node: NodeId) -> Option<Followed> {
    world.images.as_ref()?.follow(world, &world.address(world.node(node))?)
}

/// All of an object that lives in the state alone and is to be there again.
fn put_back(world: &World, node: NodeId, resource: &dyn AnyResource) -> Option<Value> {
    image(world, node).and_then(|followed| whole_image(&followed, resource))
}

/// What `ignore_changes` names stays as it is in an object that stays.
fn ignoring(world: &World, node: NodeId, config: Value, prior: Option<&Value>) -> Value {
    let at = world.node(node);
    let written = evaluate::resource(world, &world.blocks.graph[at.block]);
    let image = world.images.as_ref().zip(world.address(at)).and_then(|(images, addr)| images.wanted.get(&addr));
    let lifecycle = image.map(|image| &image.lifecycle).or_else(|| written.as_ref()?.lifecycle.as_deref());
    match (lifecycle, prior) {
        (Some(lifecycle), Some(prior)) => crate::plan::diff::with_ignored(&config, &lifecycle.ignore_changes, prior),
        _ => config,
    }
}

/// What the configuration says about an instance. By now all of it must be known.
pub fn configuration(world: &World, node: NodeId, schema: &SchemaBlock) -> Result<Value, Diagnostics> {
    let at = world.node(node);
    let block = &world.blocks.graph[at.block];
    let Some(resource) = evaluate::resource(world, block) else {
        return Err(Diagnostic::error("A block is gone", format!("{block} is not in the configuration.")).into());
    };
    let found = match image(world, node) {
        Some(followed) => Evaluated { value: followed.config, needs: Needs::new(), diagnostics: Diagnostics::new() },
        None => evaluate::body(world, at.module, repeated(world, node), &resource.body, schema),
    };
    if found.diagnostics.has_errors() {
        return Err(found.diagnostics);
    }
    if let Some((name, _)) = found.value.members().into_iter().flatten().find(|(_, v)| !v.is_wholly_known()) {
        let addr = world.address(at).map_or_else(|| block.to_string(), |a| a.to_string());
        return Err(not_known(&addr, name, resource.span).into());
    }
    Ok(found.value)
}

fn not_known(addr: &str, argument: &str, span: levee_model::Span) -> Diagnostic {
    Diagnostic::error(
        "A value is still not known",
        format!("{addr}: {argument} depends on something that the plan leaves out and the state does not have. Nothing was done to it."),
    )
    .at(span)
    .about(addr)
    .hint("Plan again without -target, or name what it depends on as a target too.")
}

/// Evaluates `count` or `for_each` of a resource or a module call again. Which instances there are stays; what
/// `each.value` is in them may be known only now.
pub fn instances_again(world: &mut World, node: NodeId) -> Diagnostics {
    let at = world.node(node).clone();
    let (config, blocks) = (world.config.clone(), world.blocks.clone());
    let (count, for_each) = match &blocks.graph[at.block] {
        Block::Resource(_) => match blocks.declared(at.block) {
            Some(declared) => (declared.resource.count.as_deref(), declared.resource.for_each.as_deref()),
            None => return Diagnostics::new(),
        },
        Block::Call(path) => {
            let call = path.split_last().and_then(|(parent, name)| config.modules.get(&parent)?.calls.get(&name));
            call.map_or((None, None), |call| (call.count.as_ref(), call.for_each.as_ref()))
        }
        _ => return Diagnostics::new(),
    };
    let expanded = evaluate::expansion(world, at.module, count, for_each);
    let now = expanded.instances.unwrap_or_default();
    let each = match world.entry_mut(at.block, at.module) {
        Some(Entry::Resource(entry)) => &mut entry.each,
        Some(Entry::Call(_, _, instances)) => instances,
        _ => return expanded.diagnostics,
    };
    for (key, value) in each.iter_mut() {
        if let Some(known) = now.get(key) {
            *value = known.clone();
        }
    }
    expanded.diagnostics
}

/// What `each` and `count` are in an instance.
pub fn repeated(world: &World, node: NodeId) -> Repeated {
    let at = world.node(node);
    let Role::Instance(key) = &at.role else { return Repeated::default() };
    match world.resource(at.block, at.module) {
        Some(entry) => {
            let each = entry.each.get(key).cloned().unwrap_or_else(|| Value::null(Type::Dynamic));
            evaluate::repeated(entry.shape, key, &each)
        }
        None => Repeated::default(),
    }
}

/// Puts what is known now where the plan had unknowns. What the plan knew stays.
pub fn fill(planned: Value, now: &Value) -> Value {
    match (planned.kind(), now.kind()) {
        (Kind::Unknown(..), _) => now.clone(),
        (Kind::Object(old), Kind::Object(new)) => {
            Value::object(old.iter().map(|(k, v)| (k.clone(), new.get(k).map_or_else(|| v.clone(), |n| fill(v.clone(), n)))).collect())
        }
        (Kind::Map(t, old), Kind::Map(_, new)) if !planned.is_wholly_known() => Value::map(
            t.clone(),
            old.iter().map(|(k, v)| (k.clone(), new.get(k).map_or_else(|| v.clone(), |n| fill(v.clone(), n)))).collect(),
        ),
        (Kind::List(t, old), Kind::List(_, new)) if old.len() == new.len() => {
            Value::list(t.clone(), old.iter().zip(new.iter()).map(|(o, n)| fill(o.clone(), n)).collect::<Vec<_>>())
        }
        (Kind::Tuple(old), Kind::Tuple(new)) if old.len() == new.len() => {
            Value::tuple(old.iter().zip(new.iter()).map(|(o, n)| fill(o.clone(), n)).collect::<Vec<_>>())
        }
        // Elements of a set have no key: as soon as one was unknown, the whole set is taken anew.
        (Kind::Set(..), Kind::Set(..)) if !planned.is_wholly_known() => now.clone(),
        _ => planned,
    }
}

/// The first top-level argument in which two objects differ, where both are known.
pub fn disagreement(block: &SchemaBlock, planned: &Value, now: &Value) -> Option<Path> {
    let attributes = block.attributes.iter().filter(|(_, a)| !a.write_only);
    for (name, attribute) in attributes {
        if let (Some(p), Some(n)) = (planned.get(name), now.get(name))
            && !agree(attribute, &p, &n)
        {
            return Some(Path(vec![Step::Attribute(name.clone())]));
        }
    }
    None
}

fn agree(attribute: &Attribute, planned: &Value, now: &Value) -> bool {
    !planned.is_wholly_known() || !now.is_wholly_known() || same(attribute, planned, now)
}

fn changed_since(addr: &InstanceAddr, path: &Path) -> Diagnostic {
    Diagnostic::error(
        "The plan no longer holds",
        format!("{addr}: with what is known by now, {path} comes out other than planned. Nothing was done to it."),
    )
    .about(addr)
    .hint("Plan again. If it happens again, the configuration uses something that changes by itself, such as timestamp().")
}

/// What the provider returned must be what was planned, wherever the plan knew it.
pub fn check_result(addr: &InstanceAddr, provider: &str, block: &SchemaBlock, planned: &Value, result: &Value) -> Option<Diagnostic> {
    let path = disagreement(block, planned, result)?;
    Some(
        Diagnostic::error(
            "Provider produced inconsistent result after apply",
            format!(
                "{provider} was to set {path} of {addr} as planned, and returned something else. The object is kept as it was returned."
            ),
        )
        .about(addr)
        .hint("Plan again to see the difference. This is a fault of the provider."),
    )
}

fn fault(addr: &InstanceAddr, why: &str) -> Diagnostic {
    Diagnostic::error("A step cannot be carried out", format!("{addr}: {why}. This is a fault of levee.")).about(addr)
}

/// Evaluates a plain value again: a variable, a local, an output or a provider configuration.
/// `checks` takes how the preconditions of an output turned out.
pub fn value_of(
    world: &World,
    node: NodeId,
    inputs: &evaluate::RootInputs,
    checks: &mut Vec<conditions::ConditionOutcome>,
) -> Option<evaluate::Evaluated> {
    let at = world.node(node);
    match &world.blocks.graph[at.block] {
        Block::Variable(path, name) => evaluate::variable(world, at.module, path, name, inputs),
        Block::Local(path, name) => evaluate::local(world, at.module, path, name),
        Block::Output(path, name) => evaluate::output(world, at.module, path, name, checks),
        Block::Provider(_) | Block::Call(_) | Block::Check(..) | Block::Close(_) | Block::Resource(_) => None,
    }
}

/// Sets the value of a plain node.
pub fn set_value(world: &mut World, node: NodeId, value: Value) {
    let (block, module) = (world.node(node).block, world.node(node).module);
    world.set_entry(block, module, Entry::Value(node, value));
}

/// Sets the value of an instance node.
pub fn set_instance(world: &mut World, node: NodeId, value: Value) {
    let at = world.node(node).clone();
    if let (Role::Instance(key), Some(entry)) = (at.role, world.resource_mut(at.block, at.module)) {
        entry.set(key, node, value);
    }
}
