//! `resource`, `data` and `module` blocks, and conditions.

use super::body::{BlockExpr, Body};
use super::decode::Decoder;
use super::expr::{Expr, ExprKind};
use super::fields::Fields;
use super::refused::{Construct, refuse};
use super::resource::{Condition, IgnoreChanges, IgnorePath, Lifecycle, Resource};
use super::types::{as_path, keyword};
use levee_model::Mode;
use std::sync::Arc;

impl Decoder<'_> {
    pub(super) fn resource(&mut self, block: BlockExpr, mode: Mode) {
        let Some([(type_name, type_span), (name, name_span)]) = self.labels(&block, ["type", "name"]) else { return };
        self.check_name(&type_name, type_span, if mode == Mode::Data { "data source" } else { "resource type" });
        self.check_name(&name, name_span, if mode == Mode::Data { "data source" } else { "resource" });
        let key = (mode, type_name.clone(), name.clone());
        if let Some(before) = self.module.resources.get(&key) {
            let at = self.place(before.span);
            let (what, noun) = if mode == Mode::Data { ("data", "data resource") } else { ("resource", "resource") };
            let detail = format!(
                "A {type_name} {noun} named {name:?} was already declared at {at}. Resource names must be unique per type in each module."
            );
            return self.error(block.span, format!("Duplicate {what} {type_name:?} configuration"), detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.diags);
        let (count, for_each) = (f.expr("count"), f.expr("for_each"));
        let depends_on = f.depends_on();
        let provider = f.expr("provider");
        let lifecycles = f.blocks("lifecycle");
        for (type_name, construct) in
            [("provisioner", Construct::Provisioner), ("connection", Construct::Connection), ("_", Construct::EscapeBlock)]
        {
            // Data sources may have blocks of these names in their schema.
            if mode == Mode::Managed || type_name == "_" {
                f.blocks(type_name).iter().for_each(|b| f.diags.push(refuse(construct, b.span)));
            }
        }
        let body = f.rest();
        self.check_repetition(count.as_ref(), for_each.as_ref());
        let provider = provider.and_then(|e| self.provider_ref(&e, "provider"));
        let lifecycle = self.lifecycle(lifecycles, mode);
        let resource = Resource { mode, type_name, name, count, for_each, depends_on, provider, lifecycle, body, span };
        self.module.resources.insert(key, Arc::new(resource));
    }

    fn check_repetition(&mut self, count: Option<&Expr>, for_each: Option<&Expr>) {
        if let (Some(_), Some(e)) = (count, for_each) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.";
            self.error(e.span, "Invalid combination of \"count\" and \"for_each\"", detail);
        }
    }

    fn lifecycle(&mut self, blocks: Vec<BlockExpr>, mode: Mode) -> Option<Box<Lifecycle>> {
        let mut blocks = blocks.into_iter();
        let block = blocks.next()?;
        for extra in blocks {
            let detail = format!("This resource already has a lifecycle block at {}.", self.place(block.span));
            self.error(extra.span, "Duplicate lifecycle block", detail);
        }
        self.labels::<0>(&block, [])?;
        if mode == Mode::Data {
            self.only_conditions(&block.body);
        }
        let mut f = Fields::new(block.body, self.diags);
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
            preconditions: pre.into_iter().filter_map(|b| self.checked_condition(b)).collect(),
            postconditions: post.into_iter().filter_map(|b| self.checked_condition(b)).collect(),
        }))
    }

    fn only_conditions(&mut self, body: &Body) {
        for a in &body.attributes {
            let detail = format!(
                "The lifecycle argument {:?} is defined only for managed resources (\"resource\" blocks), and is not valid for data resources.",
                &*a.name
            );
            self.error(a.name_span, "Invalid data resource lifecycle argument", detail);
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
        for item in items {
            let text = item.as_literal().and_then(|v| v.as_str());
            if text == Some("*") {
                let detail = "The [\"*\"] form of ignore_changes wildcard is no longer valid. Use \"ignore_changes = all\" to ignore changes to all attributes.";
                self.error(item.span, "Invalid ignore_changes wildcard", detail);
                continue;
            }
            match text.map(|t| (Arc::from(t), Vec::new())).or_else(|| as_path(item)) {
                Some((root, steps)) => paths.push(IgnorePath { root, steps, span: item.span }),
                None => self.error(
                    item.span,
                    "Invalid expression",
                    "Each item names an attribute of this resource, such as tags or tags[\"Name\"].",
                ),
            }
        }
        IgnoreChanges::Paths(paths)
    }

    fn triggers(&mut self, expr: Expr) -> Vec<Expr> {
        let span = expr.span;
        let ExprKind::Tuple(items) = expr.kind else {
            self.error(span, "Invalid expression", "A static list expression is required.");
            return Vec::new();
        };
        for item in &items {
            if let ExprKind::Unresolved(u) = &item.kind {
                self.diags.push(u.problem.clone());
            } else if !matches!(item.kind, ExprKind::Ref(_)) {
                self.error(
                    item.span,
                    "Invalid replace_triggered_by expression",
                    "Each item refers to a resource, an instance of one, or one of its attributes.",
                );
            }
        }
        items.into_vec()
    }

    /// A condition that must look at something.
    fn checked_condition(&mut self, block: BlockExpr) -> Option<Condition> {
        let kind = block.type_name.clone();
        let condition = self.condition(block)?;
        if condition.condition.references().is_empty() {
            let detail = "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be checking anything.";
            self.error(condition.condition.span, format!("Invalid {kind} expression"), detail);
        }
        Some(condition)
    }

    /// A block with a condition and what is said when it does not hold.
    pub(super) fn condition(&mut self, block: BlockExpr) -> Option<Condition> {
        self.labels::<0>(&block, [])?;
        let span = block.span;
        let mut f = Fields::new(block.body, self.diags);
        let (condition, error_message) = (f.required("condition"), f.required("error_message"));
        f.finish();
        Some(Condition { condition: condition?, error_message: error_message?, span })
    }
}
