//! Provisioners of resource blocks: what they may say, what they refer to, and what they say about one object.

use super::evaluate;
use super::managed::{Declared, Making};
use super::removed::last_words;
use super::scope::{ModuleScope, Repeated};
use super::values::{ModuleId, Needs, NodeId, Role, World};
use super::walk::Walk;
use crate::config::refused::{Construct, refuse};
use crate::config::{Body, Config, OnFailure, Provisioner};
use crate::eval;
use crate::graph::Block;
use levee_model::{Action, Change, Diagnostic, Diagnostics, InstanceAddr, InstanceKey, ReplaceOrder, ResourceAddr, Span, Type, Value};
use levee_sdk::schema::{Attribute, Block as SchemaBlock};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub use crate::config::When;

/// The one type that levee runs.
pub const LOCAL_EXEC: &str = "local-exec";

/// What a provisioner says about one object.
pub struct Order {
    /// Its type.
    pub kind: Arc<str>,
    /// Its arguments, with marks.
    pub config: Value,
    /// Whether the object is as good without it.
    pub may_fail: bool,
    /// Where it is written.
    pub span: Span,
}

/// The arguments of a type. Nothing is required of their values: what must be written is checked apart, and a null is
/// the business of whoever runs it.
fn arguments(known: &[(&str, Type)]) -> SchemaBlock {
    let one = |(name, ty): &(&str, Type)| {
        let mut attribute = Attribute::new(ty.clone());
        attribute.optional = true;
        (Arc::from(*name), attribute)
    };
    SchemaBlock { attributes: known.iter().map(one).collect(), blocks: BTreeMap::new() }
}

static LOCAL: LazyLock<SchemaBlock> = LazyLock::new(|| {
    arguments(&[
        ("command", Type::String),
        ("interpreter", Type::list(Type::String)),
        ("working_dir", Type::String),
        ("environment", Type::map(Type::String)),
        ("quiet", Type::Bool),
    ])
});

static FILE: LazyLock<SchemaBlock> = LazyLock::new(|| arguments(&["destination", "source", "content"].map(|n| (n, Type::String))));

static REMOTE: LazyLock<SchemaBlock> =
    LazyLock::new(|| arguments(&[("inline", Type::list(Type::String)), ("script", Type::String), ("scripts", Type::list(Type::String))]));

/// Every argument that some kind of connection has.
static CONNECTION: LazyLock<SchemaBlock> = LazyLock::new(|| {
    const TEXTS: [&str; 22] = [
        "host",
        "type",
        "user",
        "password",
        "timeout",
        "script_path",
        "target_platform",
        "private_key",
        "certificate",
        "host_key",
        "agent_identity",
        "proxy_scheme",
        "proxy_host",
        "proxy_user_name",
        "proxy_user_password",
        "bastion_host",
        "bastion_host_key",
        "bastion_user",
        "bastion_password",
        "bastion_private_key",
        "bastion_certificate",
        "cacert",
    ];
    let texts = TEXTS.iter().map(|t| (*t, Type::String));
    let numbers = ["port", "proxy_port", "bastion_port"].map(|n| (n, Type::Number));
    let flags = ["agent", "https", "insecure", "use_ntlm"].map(|n| (n, Type::Bool));
    arguments(&texts.chain(numbers).chain(flags).collect::<Vec<_>>())
});

fn schema(kind: &str) -> Option<&'static SchemaBlock> {
    match kind {
        LOCAL_EXEC => Some(&LOCAL),
        "file" => Some(&FILE),
        "remote-exec" => Some(&REMOTE),
        _ => None,
    }
}

/// The argument that must be written.
fn required(kind: &str) -> Option<&'static str> {
    match kind {
        LOCAL_EXEC => Some("command"),
        "file" => Some("destination"),
        _ => None,
    }
}

/// Says so where an argument that must be written is not.
fn missing(body: &Body, name: Option<&str>) -> Option<Diagnostic> {
    let name = name.filter(|n| body.attribute(n).is_none())?;
    let detail = format!("The argument {name:?} is required, but no definition was found.");
    Some(Diagnostic::error("Missing required argument", detail).at(body.span))
}

/// Reports every use of a provisioner type that nobody knows.
pub fn unknown_types(config: &Config) -> Diagnostics {
    let used = config.modules.values().flat_map(|m| m.resources.values()).flat_map(|r| &r.provisioners);
    let report = |p: &Provisioner| {
        let detail = format!(
            "This configuration requires provisioner plugin {:?}, which isn't available. If you're intending to use an external provisioner plugin, you must install it manually into one of the plugin search directories before running Terraform.",
            &*p.kind
        );
        Diagnostic::error("Missing required provisioner plugin", detail)
    };
    used.filter(|p| schema(&p.kind).is_none()).map(report).collect()
}

/// The provisioners of a resource that run at a moment, in order. Where its block is gone, a `removed` block may say some.
fn due<'w>(world: &'w World, addr: &ResourceAddr, when: When) -> impl Iterator<Item = &'w Provisioner> {
    let written = match evaluate::resource(world, &Block::Resource(addr.clone())) {
        Some(resource) => &resource.provisioners[..],
        None => last_words(&world.config, addr),
    };
    written.iter().filter(move |p| p.when == when)
}

/// Whether any provisioner of an object's block is to run at a moment.
pub fn any(world: &World, addr: &InstanceAddr, when: When) -> bool {
    due(world, &addr.resource(), when).next().is_some()
}

/// What the provisioner of this number says about the object that was made at `node`. `None` when there are no more.
pub fn after_creation(world: &World, node: NodeId, n: usize, mut names: Repeated, object: &Value) -> Option<Result<Order, Diagnostics>> {
    let at = world.node(node);
    let Block::Resource(addr) = &world.blocks.graph[at.block] else { return None };
    let p = due(world, addr, When::Create).nth(n)?;
    names.self_object = Some(object.clone());
    Some(order(p, |body, schema| evaluate::body(world, at.module, names.clone(), body, schema)))
}

/// What the provisioner of this number says about an object that is to be deleted; it sees nothing but that object.
/// `None` when there are no more.
pub fn before_deletion(world: &World, addr: &InstanceAddr, n: usize, object: &Value) -> Option<Result<Order, Diagnostics>> {
    let p = due(world, &addr.resource(), When::Destroy).nth(n)?;
    let each = matches!(addr.key, InstanceKey::Str(_)).then(|| Value::null(Type::Dynamic));
    let names = Repeated { key: addr.key.clone(), each, self_object: Some(object.clone()), ..Repeated::default() };
    Some(order(p, |body, schema| {
        let scope = ModuleScope::of_object(world, addr.module.path(), names.clone());
        let mut diagnostics = Diagnostics::new();
        let value = eval::evaluate_body(body, schema, &scope, &mut diagnostics);
        evaluate::Evaluated { value, needs: Needs::new(), diagnostics }
    }))
}

fn order(p: &Provisioner, evaluated: impl Fn(&Body, &SchemaBlock) -> evaluate::Evaluated) -> Result<Order, Diagnostics> {
    let Some(schema) = schema(&p.kind) else { return Err(Diagnostics::new()) };
    let found = evaluated(&p.body, schema);
    let mut wrong = found.diagnostics;
    if let Some(connection) = p.connection.as_ref().filter(|_| !wrong.has_errors()) {
        wrong.extend(evaluated(connection, &CONNECTION).diagnostics);
    }
    if wrong.has_errors() {
        return Err(wrong);
    }
    Ok(Order { kind: p.kind.clone(), config: found.value, may_fail: p.on_failure == OnFailure::Continue, span: p.span })
}

/// What a plan would have to run and cannot: provisioners that reach into a machine.
pub fn refused(world: &World, change: &Change, tainted: bool) -> Diagnostics {
    let creates = matches!(change.action, Action::Create | Action::Replace(_));
    let deletes = matches!(change.action, Action::Delete | Action::Replace(ReplaceOrder::DeleteThenCreate));
    let deletes = deletes && !tainted && change.deposed.is_none();
    let runs = [(When::Create, creates), (When::Destroy, deletes)].into_iter().filter(|(_, runs)| *runs);
    let addr = change.addr.resource();
    let remote = runs.flat_map(|(when, _)| due(world, &addr, when)).filter(|p| &*p.kind != LOCAL_EXEC);
    remote.map(|p| refuse(Construct::RemoteProvisioner, p.span).about(&change.addr)).collect()
}

impl Walk<'_> {
    /// Checks what the provisioners of a block say, when nothing is known of its object but its type.
    pub(super) fn check_provisioners(&mut self, declared: &Declared, making: &Making) {
        for p in &declared.block.resource.provisioners {
            let Some(schema) = schema(&p.kind) else { continue };
            let found = evaluate::body(&self.world, making.module, making.repeated.clone(), &p.body, schema);
            self.diagnostics.extend(found.diagnostics);
            self.diagnostics.extend(missing(&p.body, required(&p.kind)));
            if let Some(connection) = &p.connection {
                let found = evaluate::body(&self.world, making.module, making.repeated.clone(), connection, &CONNECTION);
                self.diagnostics.extend(found.diagnostics);
                self.diagnostics.extend(missing(connection, Some("host")));
            }
            if self.diagnostics.has_errors() {
                return;
            }
        }
    }

    /// An instance waits for what the provisioners refer to that run when it has been made. What is wrong with them shows
    /// when they are run.
    pub(super) fn order_provisioners(&mut self, declared: &Declared, module: ModuleId, mut names: Repeated, node: NodeId) {
        names.self_object = Some(Value::unknown(declared.schema.ty()));
        for p in declared.block.resource.provisioners.iter().filter(|p| p.when == When::Create) {
            let Some(schema) = schema(&p.kind) else { continue };
            let mut needs = evaluate::body(&self.world, module, names.clone(), &p.body, schema).needs;
            let connection = p.connection.as_ref().map(|c| evaluate::body(&self.world, module, names.clone(), c, &CONNECTION));
            needs.extend(connection.into_iter().flat_map(|c| c.needs));
            let own = |n: &NodeId| self.world.node(*n).block == declared.id && self.world.node(*n).role != Role::Expansion;
            needs.retain(|n| !own(n));
            self.world.add_needs(node, needs);
        }
    }
}
