//! `moved`, `removed` and `import` blocks, and addresses in the configuration.

use super::body::BlockExpr;
use super::decode::Decoder;
use super::expr::{Expr, ExprKind, TraversalStep};
use super::fields::Fields;
use super::moves::{Import, Moved, Removed};
use super::provisioner::{Provisioner, When};
use super::types::as_path;
use levee_model::{AddressStep, Diagnostic, InstanceAddr, InstanceKey, Kind, Mode, ModuleInstance, ModuleStep, Span, Target};
use std::sync::Arc;

const STATIC: &str = "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.";

impl Decoder<'_> {
    pub(super) fn moved(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (from, to) = (f.required("from"), f.required("to"));
        f.finish();
        let from = from.and_then(|e| self.diags.keep(static_target(&e)));
        let to = to.and_then(|e| self.diags.keep(static_target(&e)));
        let (Some(from), Some(to)) = (from, to) else { return };
        if matches!(from, Target::Module(_)) != matches!(to, Target::Module(_)) {
            let detail = "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.";
            return self.error(span, "Invalid \"moved\" addresses", detail);
        }
        self.module.moved.push(Moved { from, to, span });
    }

    pub(super) fn removed(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let from = f.required("from");
        let lifecycles = f.blocks("lifecycle");
        let (provisioners, connections) = (f.blocks("provisioner"), f.blocks("connection"));
        f.finish();
        let mut destroy = true;
        for lifecycle in lifecycles {
            if self.labels::<0>(&lifecycle, []).is_none() {
                continue;
            }
            let mut f = Fields::new(lifecycle.body, self.constants, self.diags);
            destroy = f.flag("destroy").unwrap_or(destroy);
            f.finish();
        }
        let from = from.and_then(|e| self.diags.keep(removed_target(&e)));
        let provisioners = self.last_provisioners(from.as_ref(), provisioners, connections);
        if let Some(from) = from {
            self.module.removed.push(Removed { from, destroy, provisioners, span });
        }
    }

    fn last_provisioners(&mut self, from: Option<&Target>, blocks: Vec<BlockExpr>, connections: Vec<BlockExpr>) -> Vec<Provisioner> {
        if !matches!(from, Some(Target::Resource(_))) {
            for block in &connections {
                let detail = "Provisioner connection configuration is valid only when a removed block targets a managed resource.";
                self.error(block.span, "Invalid connection block", detail);
            }
            for block in &blocks {
                self.error(
                    block.span,
                    "Invalid provisioner block",
                    "Provisioners are valid only when a removed block targets a managed resource.",
                );
            }
            return Vec::new();
        }
        let made = self.provisioners(blocks, connections);
        for early in made.iter().filter(|p| p.when == When::Create) {
            let detail = "Only destroy-time provisioners are valid in \"removed\" blocks. To declare a destroy-time provisioner, use:\n    when = destroy";
            self.error(early.span, "Invalid provisioner block", detail);
        }
        made
    }

    pub(super) fn import(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        if !self.module.path.is_root() {
            let detail = format!(
                "An import block was detected in {:?}. Import blocks are only allowed in the root module.",
                self.module.path.to_string()
            );
            return self.error(block.span, "Invalid import configuration", detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (to, id) = (f.required("to"), f.required("id"));
        let for_each = f.expr("for_each");
        let provider = f.expr("provider");
        f.finish();
        let Some(to) = to else { return };
        // A string of a JSON file that is no expression.
        if let ExprKind::Unresolved(u) = &to.kind
            && u.root.is_empty()
        {
            return self.diags.push(u.problem.clone());
        }
        let resource = match any_key_target(&to) {
            Ok(Target::Resource(addr)) if addr.mode == Mode::Managed => addr.resource(),
            other => {
                self.diags.extend(match other {
                    Ok(Target::Module(_)) => Some(Diagnostic::error("Invalid address", INSTANCE_WANTED).at(to.span)),
                    Ok(Target::Resource(_)) => None,
                    Err(d) => Some(d),
                });
                return self.error(to.span, "Invalid import address", "Only managed resources can be imported.");
            }
        };
        if let Ok(addr) = static_target(&to) {
            self.check_duplicate_import(&addr, &resource.to_string(), to.span);
        }
        let provider = provider.and_then(|e| self.provider_ref(&e, "provider").map(|p| (p, e.span)));
        if let Some(id) = id {
            self.module.imports.push(Import { to, resource, id, for_each, provider, span });
        }
    }

    fn check_duplicate_import(&mut self, addr: &Target, resource: &str, span: Span) {
        let before = self.module.imports.iter().find(|i| static_target(&i.to).is_ok_and(|a| a == *addr));
        if let Some(before) = before {
            let detail = format!(
                "An import block for the resource {resource:?} was already declared at {}. A resource can have only one import block.",
                self.place(before.span)
            );
            self.error(span, format!("Duplicate import configuration for {resource:?}"), detail);
        }
    }
}

/// What is said where one instance of a resource is wanted and a module is named.
pub(super) const INSTANCE_WANTED: &str =
    "A resource instance address is required here. The module path must be followed by a resource instance specification.";

/// An address whose keys are all constants.
pub(super) fn static_target(expr: &Expr) -> Result<Target, Diagnostic> {
    target(expr, |key| constant_key(key).ok_or_else(|| Diagnostic::error("Invalid expression", STATIC).at(expr.span)))
}

/// An address, whatever its keys.
fn any_key_target(expr: &Expr) -> Result<Target, Diagnostic> {
    target(expr, |_| Ok(AddressStep::Key(InstanceKey::None)))
}

/// An address with its keys as `key` finds them.
///
/// # Errors
/// What is wrong with the expression, or the first error of `key`.
pub fn target(expr: &Expr, key: impl FnMut(&Expr) -> Result<AddressStep, Diagnostic>) -> Result<Target, Diagnostic> {
    read_target(expr, &[], key)
}

/// As [`target`], with steps that nobody wrote before those of the expression.
fn read_target(
    expr: &Expr,
    before: &[AddressStep],
    mut key: impl FnMut(&Expr) -> Result<AddressStep, Diagnostic>,
) -> Result<Target, Diagnostic> {
    let (root, steps) = as_path(expr).ok_or_else(|| Diagnostic::error("Invalid expression", STATIC).at(expr.span))?;
    let mut out = before.to_vec();
    out.push(AddressStep::Name(root));
    let mut spans = vec![expr.span; out.len()];
    for step in &steps {
        spans.push(step.span());
        out.push(match step {
            TraversalStep::Attr { name, .. } => AddressStep::Name(name.clone()),
            TraversalStep::Index { key: at, .. } => key(at)?,
        });
    }
    Target::from_steps(&out).map_err(|e| Diagnostic::error(e.summary, e.why).at(spans.get(e.at).copied().unwrap_or(expr.span)))
}

fn constant_key(key: &Expr) -> Option<AddressStep> {
    key_step(key.as_literal()?)
}

/// A value as the key of an instance; `None` when it can be none.
pub fn key_step(value: &levee_model::Value) -> Option<AddressStep> {
    match value.kind() {
        Kind::String(text) => Some(AddressStep::Key(InstanceKey::Str(Arc::from(&**text)))),
        Kind::Number(n) => {
            Some(n.as_i64().and_then(|n| u64::try_from(n).ok()).map_or(AddressStep::Fraction, |n| AddressStep::Key(InstanceKey::Int(n))))
        }
        _ => None,
    }
}

/// A module or a resource without keys.
fn removed_target(expr: &Expr) -> Result<Target, Diagnostic> {
    let mut keyed = None;
    // Every word but these may be a resource's type here, `var` and `local` among them.
    let own = as_path(expr).is_some_and(|(root, _)| matches!(&*root, "module" | "data" | "ephemeral"));
    let before: &[AddressStep] = if own { &[] } else { &[AddressStep::Name(Arc::from("resource"))] };
    let found = read_target(expr, before, |key| {
        keyed.get_or_insert(key.span);
        constant_key(key).ok_or_else(|| Diagnostic::error("Invalid expression", STATIC).at(expr.span))
    });
    let refused = |summary: &str, detail: &str| Err(Diagnostic::error(summary, detail).at(keyed.unwrap_or(expr.span)));
    match found? {
        Target::Module(module) if module.0.iter().any(is_keyed) => refused(
            "Module instance keys not allowed",
            "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \"module.foo[1]\").",
        ),
        Target::Resource(InstanceAddr { module: ModuleInstance(steps), .. }) if steps.iter().any(is_keyed) => refused(
            "Module instance keys not allowed",
            "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \"module.foo[1]\").",
        ),
        Target::Resource(addr) if addr.key != InstanceKey::None => refused(
            "Resource instance keys not allowed",
            "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance (e.g. \"test_instance.foo[1]\").",
        ),
        Target::Resource(addr) if addr.mode == Mode::Data => refused(
            "Data source address not allowed",
            "Data sources are never destroyed, so they are not valid targets of removed blocks. To remove the data source from state, remove the data source block from configuration.",
        ),
        other => Ok(other),
    }
}

fn is_keyed(step: &ModuleStep) -> bool {
    step.key != InstanceKey::None
}
