//! `lifecycle` blocks and the conditions in them.

use super::body::{BlockExpr, Body};
use super::decode::Decoder;
use super::expr::{Expr, ExprKind, Subject, TraversalStep};
use super::fields::{Fields, STATIC_REFERENCE};
use super::quoted::Unquoted;
use super::resource::{Condition, IgnoreChanges, IgnorePath, Lifecycle};
use super::types::{as_path, keyword};
use levee_model::{Diagnostics, Mode, Span};
use std::sync::Arc;

/// The arguments that only managed resources have.
const ARGUMENTS: [&str; 4] = ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];

/// The resource that a block belongs to.
pub(super) type Owner<'a> = (Mode, &'a Arc<str>, &'a Arc<str>);

impl Decoder<'_> {
    pub(super) fn lifecycle(&mut self, blocks: Vec<BlockExpr>, owner: Owner<'_>) -> Option<Box<Lifecycle>> {
        let mut blocks = blocks.into_iter();
        let block = blocks.next()?;
        for extra in blocks {
            let detail = format!("This resource already has a lifecycle block at {}.", self.place(block.span));
            self.error(extra.span, "Duplicate lifecycle block", detail);
        }
        self.labels::<0>(&block, [])?;
        if owner.0 != Mode::Managed {
            self.only_conditions(&block.body, owner.0);
        }
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let create_before_destroy = f.flag("create_before_destroy");
        let prevent_destroy = f.flag("prevent_destroy").unwrap_or(false);
        let ignored = f.expr("ignore_changes");
        let triggers = f.expr("replace_triggered_by");
        let (pre, post) = (f.blocks("precondition"), f.blocks("postcondition"));
        f.finish();
        Some(Box::new(Lifecycle {
            create_before_destroy,
            prevent_destroy,
            ignore_changes: ignored.map_or(IgnoreChanges::None, |e| self.ignore_changes(&e)),
            replace_triggered_by: triggers.map_or_else(Vec::new, |e| self.triggers(e)),
            preconditions: pre.into_iter().filter_map(|b| self.resource_condition(b, owner)).collect(),
            postconditions: post.into_iter().filter_map(|b| self.resource_condition(b, owner)).collect(),
        }))
    }

    fn only_conditions(&mut self, body: &Body, mode: Mode) {
        let kind = if mode == Mode::Data { "data" } else { "ephemeral" };
        for a in body.attributes.iter().filter(|a| ARGUMENTS.contains(&&*a.name)) {
            let detail = format!(
                "The lifecycle argument {:?} is defined only for managed resources (\"resource\" blocks), and is not valid for {kind} resources.",
                &*a.name
            );
            self.error(a.name_span, format!("Invalid {kind} resource lifecycle argument"), detail);
        }
    }

    fn ignore_changes(&mut self, expr: &Expr) -> IgnoreChanges {
        if keyword(expr) == Some("all") {
            return IgnoreChanges::All;
        }
        let ExprKind::Tuple(items) = &expr.kind else {
            self.error(expr.span, "Invalid expression", "A static list expression is required.");
            return IgnoreChanges::None;
        };
        let mut paths = Vec::with_capacity(items.len());
        let mut wildcard: Option<Span> = None;
        for item in items {
            if item.as_literal().and_then(|v| v.as_str()) == Some("*") {
                let detail = "The [\"*\"] form of ignore_changes wildcard is was deprecated and is now invalid. Use \"ignore_changes = all\" to ignore changes to all attributes.";
                self.error(expr.span, "Invalid ignore_changes wildcard", detail);
                wildcard = Some(item.span);
            } else {
                paths.extend(self.ignored_path(item));
            }
        }
        if let Some(span) = wildcard.filter(|_| !paths.is_empty()) {
            let detail = "Cannot mix wildcard string \"*\" with non-wildcard references.";
            self.error(span, "Invalid ignore_changes ruleset", detail);
        }
        IgnoreChanges::Paths(paths)
    }

    /// An attribute and constant steps into it; older configurations wrote it in quotes.
    fn ignored_path(&mut self, item: &Expr) -> Option<IgnorePath> {
        let name = match self.unquoted(item) {
            Unquoted::Bare => None,
            Unquoted::Name(name) => Some(name),
            Unquoted::Wrong => return None,
        };
        let constant = |steps: &[TraversalStep]| {
            steps.iter().all(|s| match s {
                TraversalStep::Attr { .. } => true,
                TraversalStep::Index { key, .. } => key.as_literal().is_some(),
            })
        };
        match as_path(name.as_ref().unwrap_or(item)).filter(|(_, steps)| constant(steps)) {
            Some((root, steps)) => Some(IgnorePath { root, steps, span: item.span }),
            None => {
                self.error(item.span, "Invalid expression", STATIC_REFERENCE);
                None
            }
        }
    }

    fn triggers(&mut self, expr: Expr) -> Vec<Expr> {
        let span = expr.span;
        let ExprKind::Tuple(items) = expr.kind else {
            self.error(span, "Invalid expression", "A static list expression is required.");
            return Vec::new();
        };
        for item in &items {
            let before = self.diags.len();
            self.trigger(item);
            if self.diags.len() > before {
                break;
            }
        }
        items.into_vec()
    }

    /// One resource, and beside it only what tells its instances apart.
    fn trigger(&mut self, item: &Expr) {
        let mut problems = Diagnostics::new();
        item.visit(&mut |e| {
            if let ExprKind::Unresolved(u) = &e.kind {
                problems.push(u.problem.clone());
            }
        });
        if problems.has_errors() {
            return self.diags.extend(problems);
        }
        let mut resources = 0;
        for r in item.references() {
            let only = |wanted: &str| matches!(r.steps.first(), Some(TraversalStep::Attr { name, .. }) if &**name == wanted);
            let problem = match &r.subject {
                Subject::Resource { .. } => {
                    resources += 1;
                    continue;
                }
                Subject::Each if only("key") => continue,
                Subject::Count if only("index") => continue,
                Subject::Each => {
                    ("Invalid each reference in replace_triggered_by expression", "Only each.key may be used in replace_triggered_by.")
                }
                Subject::Count => {
                    ("Invalid count reference in replace_triggered_by expression", "Only count.index may be used in replace_triggered_by.")
                }
                _ => (
                    "Invalid reference in replace_triggered_by expression",
                    "Only resources, count.index, and each.key may be used in replace_triggered_by.",
                ),
            };
            self.error(item.span, problem.0, problem.1);
        }
        let which = match resources {
            0 => "Missing",
            1 => return,
            _ => "Multiple",
        };
        let noun = if resources == 0 { "reference" } else { "references" };
        let detail = format!("{which} resource {noun} in replace_triggered_by expression.");
        self.error(item.span, "Invalid replace_triggered_by expression", detail);
    }

    /// A condition of a resource. It must not name that resource: `self` is its object, and before it is made there is none.
    fn resource_condition(&mut self, block: BlockExpr, owner: Owner<'_>) -> Option<Condition> {
        let kind = block.type_name.clone();
        let condition = self.checked_condition(block)?;
        let (mode, type_name, name) = owner;
        let own = Subject::Resource { mode, type_name: type_name.clone(), name: name.clone() };
        for expr in [&condition.condition, &condition.error_message] {
            if expr.references().iter().any(|r| r.subject == own) {
                let detail = format!("Configuration for {own} may not refer to itself.");
                self.error(expr.span, format!("Invalid reference in {kind}"), detail);
            }
        }
        Some(condition)
    }

    /// A condition that must look at something.
    pub(super) fn checked_condition(&mut self, block: BlockExpr) -> Option<Condition> {
        let kind = block.type_name.clone();
        self.condition(block, Some(&kind))
    }
}
