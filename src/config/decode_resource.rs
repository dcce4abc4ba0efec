//! `resource`, `data` and `module` blocks, and conditions.

use super::body::BlockExpr;
use super::decode::Decoder;
use super::expr::{Expr, ExprKind, Subject};
use super::fields::Fields;
use super::resource::{Condition, Resource};
use levee_model::Mode;

impl Decoder<'_> {
    pub(super) fn resource(&mut self, block: BlockExpr, mode: Mode) {
        let Some([(type_name, type_span), (name, name_span)]) = self.labels(&block, ["type", "name"]) else { return };
        let (type_noun, noun) = match mode {
            Mode::Managed => ("resource type", "resource"),
            Mode::Data => ("data source", "data source"),
            Mode::Ephemeral => ("ephemeral resource type", "ephemeral resource"),
        };
        self.check_name(&type_name, type_span, type_noun);
        self.check_name(&name, name_span, noun);
        let key = (mode, type_name.clone(), name.clone());
        if let Some(before) = self.resources.get(&key) {
            let before = before.span;
            let at = self.place(before);
            let (what, noun) = match mode {
                Mode::Managed => ("resource", "resource"),
                Mode::Data => ("data", "data resource"),
                Mode::Ephemeral => ("ephemeral", "ephemeral resource"),
            };
            let detail = format!(
                "A {type_name} {noun} named {name:?} was already declared at {at}. Resource names must be unique per type in each module."
            );
            return self.error(block.span, format!("Duplicate {what} {type_name:?} configuration"), detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (count, for_each) = (f.expr("count"), f.expr("for_each"));
        let depends_on = f.expr("depends_on");
        let provider = f.expr("provider");
        let (lifecycles, reserved, escapes) = (f.blocks("lifecycle"), f.blocks("locals"), f.blocks("_"));
        // Data sources may have blocks of these names in their schema.
        let managed = mode == Mode::Managed;
        let provisioners = if managed { f.blocks("provisioner") } else { Vec::new() };
        let connections = if managed { f.blocks("connection") } else { Vec::new() };
        let mut body = f.rest();
        let depends_on = self.depends_on(depends_on);
        let kind = match mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        self.reserved_blocks(&reserved, kind);
        let provisioners = self.provisioners(provisioners, connections);
        self.escape(&mut body, escapes, "resource-type-specific", kind);
        self.check_repetition(count.as_ref(), for_each.as_ref());
        let provider = provider.and_then(|e| self.provider_ref(&e, "provider")).map(Box::new);
        let (count, for_each) = (count.map(Box::new), for_each.map(Box::new));
        let lifecycle = self.lifecycle(lifecycles, (mode, &type_name, &name));
        let container = None;
        let resource =
            Resource { mode, type_name, name, count, for_each, depends_on, provider, lifecycle, provisioners, container, body, span };
        self.resources.add(key, resource);
    }

    fn check_repetition(&mut self, count: Option<&Expr>, for_each: Option<&Expr>) {
        if let (Some(_), Some(e)) = (count, for_each) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.";
            self.error(e.span, "Invalid combination of \"count\" and \"for_each\"", detail);
        }
    }

    /// A block with a condition and what is said when it does not hold.
    /// `kind` is what it is called where it must look at something.
    pub(super) fn condition(&mut self, block: BlockExpr, kind: Option<&str>) -> Option<Condition> {
        self.labels::<0>(&block, [])?;
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (condition, error_message) = (f.required("condition"), f.required("error_message"));
        f.finish();
        if let (Some(kind), Some(condition)) = (kind, &condition) {
            let mut names = false;
            condition.visit(&mut |e| {
                names |= match &e.kind {
                    ExprKind::Ref(r) => !matches!(r.subject, Subject::Bound { .. }),
                    ExprKind::Unresolved(_) => true,
                    _ => false,
                }
            });
            if !names {
                let detail = "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be checking anything.";
                self.error(condition.span, format!("Invalid {kind} expression"), detail);
            }
        }
        Some(Condition { condition: condition?, error_message: error_message?, span })
    }
}
