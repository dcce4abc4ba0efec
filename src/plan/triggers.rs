//! What replaces an object although its own configuration did not ask for it: `replace_triggered_by`, and `-replace` where
//! it names an object that is none.

use super::evaluate;
use super::managed::Making;
use super::values::{NodeId, Role, Shape};
use super::walk::Walk;
use crate::config::{Expr, ExprKind, Resource, Subject, TraversalStep};
use crate::graph::BlockId;
use levee_model::{Action, Diagnostic, InstanceAddr, InstanceKey, Path, ResourceAddr, Value};

impl Walk<'_> {
    /// What `replace_triggered_by` names that changes.
    pub(super) fn triggers(&mut self, r: &Resource, making: &mut Making) -> Vec<String> {
        let exprs = r.lifecycle.as_ref().map_or(&[][..], |l| &l.replace_triggered_by);
        let mut out = Vec::new();
        for expr in exprs {
            match self.trigger(making, expr) {
                Ok((node, path)) => {
                    if self.triggers_replacement(node, &path) {
                        out.push(self.world.config.sources.text(expr.span).to_owned());
                    }
                    making.needs.push(node);
                }
                Err(problem) => self.diagnostics.push(problem),
            }
        }
        out
    }

    /// The node that an expression names, and what in it.
    fn trigger(&self, making: &Making, expr: &Expr) -> Result<(NodeId, Path), Diagnostic> {
        let home = self.world.module(making.module).path();
        let place = if home.is_root() { "the root module".to_owned() } else { home.to_string() };
        let ExprKind::Ref(reference) = &expr.kind else { return Err(no_resource(expr)) };
        let Subject::Resource { mode, type_name, name } = &reference.subject else { return Err(no_resource(expr)) };
        let addr = ResourceAddr { module: home, mode: *mode, type_name: type_name.clone(), name: name.clone() };
        let entry = self.world.blocks.resource(&addr).and_then(|b| self.world.resource(b, making.module));
        let Some(entry) = entry else {
            let detail = format!("A resource {} has not been declared in {place}", reference.subject);
            return Err(Diagnostic::error("Reference to undeclared resource", detail).at(expr.span));
        };
        let (key, steps) = match &*reference.steps {
            [] => return Ok((entry.group, Path::root())),
            [TraversalStep::Index { key, .. }, rest @ ..] => (self.trigger_key(making, key)?, rest),
            steps => (InstanceKey::None, steps),
        };
        let node = entry.instances.get(&key).map(|(node, _)| *node);
        let node = node.ok_or_else(|| Diagnostic::error(format!("no change found for {}{key} in {place}", reference.subject), ""))?;
        // What stands behind a key that must be evaluated is not looked into.
        Ok((node, Path(steps.iter().map_while(TraversalStep::constant).collect())))
    }

    fn trigger_key(&self, making: &Making, key: &Expr) -> Result<InstanceKey, Diagnostic> {
        for r in key.references() {
            let (root, argument) = match r.subject {
                Subject::Count if !matches!(making.addr.key, InstanceKey::Int(_)) => ("count", "count"),
                Subject::Each if !matches!(making.addr.key, InstanceKey::Str(_)) => ("each", "for_each"),
                _ => continue,
            };
            let (summary, only) = match root {
                "count" => ("Reference to \"count\" in non-counted context", "can only be used"),
                _ => ("Reference to \"each\" in context without for_each", "can be used only"),
            };
            let detail = format!("The {root:?} object {only} in \"resource\" blocks when the {argument:?} argument is set.");
            return Err(Diagnostic::error(summary, detail).at(key.span));
        }
        let found = evaluate::expression(&self.world, making.module, making.repeated.clone(), key);
        if let Some(problem) = found.diagnostics.into_iter().find(Diagnostic::is_error) {
            return Err(problem);
        }
        let (value, span) = (found.value.unmark_deep().0, key.span);
        let number = value.as_number().and_then(|n| n.as_u64()).map(InstanceKey::Int);
        let key = number.or_else(|| value.as_str().map(|s| InstanceKey::Str(s.into())));
        key.ok_or_else(|| Diagnostic::error("Invalid index key", "Either a string or a number is required.").at(span))
    }

    /// Whether a node is updated or replaced, in what `path` names if it names something; or any of a group.
    fn triggers_replacement(&self, node: NodeId, path: &Path) -> bool {
        match &self.world.node(node).role {
            Role::Instance(_) => self.changes_at(node, path),
            Role::Group => self.world.node(node).needs.iter().any(|n| self.changes_at(*n, path)),
            Role::Value | Role::Expansion => false,
        }
    }

    fn changes_at(&self, node: NodeId, path: &Path) -> bool {
        let Some(change) = self.changing.get(&node).map(|i| &self.items[*i].change) else { return false };
        let at = |v: &Option<Value>| v.as_ref().and_then(|v| v.at(path)).map(|v| v.unmark_deep().0);
        matches!(change.action, Action::Update | Action::Replace(_)) && (path.0.is_empty() || at(&change.before) != at(&change.after))
    }

    /// Says so where `-replace` names a resource that has instances, and none of them.
    pub(super) fn check_requests(&mut self, id: BlockId, addr: &ResourceAddr) {
        let named = |r: &&InstanceAddr| r.key == InstanceKey::None && r.resource() == *addr;
        let requests: Vec<_> = self.options.replace.iter().filter(named).cloned().collect();
        for request in requests {
            for module in self.world.instances_of(&addr.module) {
                let Some(entry) = self.world.resource(id, module) else { continue };
                if entry.shape == Shape::Single || entry.instances.is_empty() {
                    continue;
                }
                let home = self.world.module(module).clone();
                let options: Vec<_> =
                    entry.instances.keys().map(|k| format!("  -replace={:?}", addr.instance(&home, k.clone()).to_string())).collect();
                let how = match options.len() {
                    1 => "To force replacement of the single declared instance, use the following option instead:",
                    _ => "To force replacement of particular instances, use one or more of the following options instead:",
                };
                let detail = format!(
                    "Your force-replace request for {request} doesn't match any resource instances because it lacks an instance key.\n\n{how}\n{}",
                    options.join("\n")
                );
                self.diagnostics.push(Diagnostic::warning("Incompletely-matched force-replace resource instance", detail));
            }
        }
    }
}

fn no_resource(expr: &Expr) -> Diagnostic {
    Diagnostic::error("Invalid replace_triggered_by expression", "Missing resource reference in replace_triggered_by expression.")
        .at(expr.span)
}
