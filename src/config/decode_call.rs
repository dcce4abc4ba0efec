//! `module` blocks.

use super::body::{BlockExpr, Body};
use super::decode::Decoder;
use super::decode_provider::NO_CONSTRAINT;
use super::expr::{Expr, ExprKind, ObjectKey};
use super::fields::Fields;
use super::module::{ModuleCall, Passed};
use super::provider::ProviderRef;
use super::source::{ModuleSource, SourceError};
use super::version::Constraints;
use levee_model::{Diagnostic, Span};
use std::sync::Arc;

/// Block types that may come to mean something in a `module` block.
const RESERVED: [&str; 3] = ["lifecycle", "locals", "provider"];

impl Decoder<'_> {
    pub(super) fn call(&mut self, block: BlockExpr) {
        let Some([(name, name_span)]) = self.labels(&block, ["name"]) else { return };
        self.check_name(&name, name_span, "module instance");
        if let Some(before) = self.module.calls.get(&name) {
            let detail = format!(
                "A module call named {name:?} was already defined at {}. Module calls must have unique names within a module.",
                self.place(before.span)
            );
            return self.error(block.span, "Duplicate module call", detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let count = f.expr("count");
        let for_each = f.take("for_each");
        let depends_on = f.expr("depends_on");
        let has_source = f.required("source");
        let version = f.take("version");
        let providers = f.expr("providers");
        let body = f.rest();
        let depends_on = self.depends_on(depends_on);
        if let (Some(_), Some(e)) = (&count, &for_each) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.";
            self.error(e.name_span, "Invalid combination of \"count\" and \"for_each\"", detail);
        }
        let body = self.call_body(body);
        let providers = providers.map_or_else(Vec::new, |e| self.passed(&e));
        let version = version.map(|v| (self.version_constraint(&v.expr), v.expr.span));
        let Some(source) = has_source else { return };
        let (text, address) = self.source(&source, version.is_some());
        let call = ModuleCall {
            name: name.clone(),
            source: text,
            address,
            source_span: source.span,
            version: version.and_then(|(text, span)| Some((text?, span))),
            count,
            for_each: for_each.map(|a| a.expr),
            depends_on,
            providers,
            arguments: body,
            span,
        };
        self.module.calls.insert(name, call);
    }

    /// What is left for the called module's variables.
    fn call_body(&mut self, body: Body) -> Body {
        let mut body = self.unescaped(body, "module input variables rather than as meta-arguments", "module");
        for b in body.blocks.extract_if(.., |b| RESERVED.contains(&&*b.type_name)) {
            if &*b.type_name == "provider" && self.labels(&b, ["type"]).is_none() {
                continue;
            }
            let detail = format!("The block type name {:?} is reserved for use by Terraform in a future version.", &*b.type_name);
            self.error(b.type_span, "Reserved block type name in module block", detail);
        }
        body
    }

    fn version_constraint(&mut self, expr: &Expr) -> Option<Arc<str>> {
        let text = self.constants.version("version", expr, self.diags)?;
        if let Err(_malformed) = Constraints::parse(&text) {
            self.error(expr.span, "Invalid version constraint", NO_CONSTRAINT);
            return None;
        }
        Some(text)
    }

    /// A source as written, and what it means; nothing when that is a mistake, which is told.
    fn source(&mut self, source: &Expr, versioned: bool) -> (Arc<str>, Option<ModuleSource>) {
        let Some(text) = self.constants.text(source, self.diags) else { return (Arc::from(""), None) };
        let parsed = if versioned { ModuleSource::parse_registry(&text) } else { ModuleSource::parse(&text) };
        let (summary, detail) = match parsed {
            Ok(address) => return (text, Some(address)),
            Err(SourceError::MaybeRelative(address)) => (
                "Invalid module source address",
                format!(
                    "Terraform failed to determine your intended installation method for remote module package {address:?}.\n\nIf you intended this as a path relative to the current module, use \"./{address}\" instead. The \"./\" prefix indicates that the address is a relative filesystem path."
                ),
            ),
            Err(SourceError::Invalid(why)) if versioned => (
                "Invalid registry module source address",
                format!(
                    "Failed to parse module registry address: {why}.\n\nTerraform assumed that you intended a module registry source address because you also set the argument \"version\", which applies only to registry modules."
                ),
            ),
            Err(SourceError::Invalid(why)) => ("Invalid module source address", format!("Failed to parse module source address: {why}.")),
        };
        self.error(source.span, summary, detail);
        (text, None)
    }

    /// `providers = { aws = aws.west }`
    fn passed(&mut self, expr: &Expr) -> Vec<Passed> {
        let ExprKind::Object(items) = &expr.kind else {
            self.error(expr.span, "Invalid expression", "A static map expression is required.");
            return Vec::new();
        };
        let mut out: Vec<Passed> = Vec::with_capacity(items.len());
        for (key, value) in items {
            let child = match key {
                ObjectKey::Name(name, span) => {
                    self.provider_name(name, *span).then(|| ProviderRef { name: name.clone(), alias: None, span: *span })
                }
                ObjectKey::Expr(Expr { kind: ExprKind::Faulty(faulty), .. }) => self.provider_ref(&faulty.inner, "providers"),
                ObjectKey::Expr(e) => self.provider_ref(e, "providers"),
            };
            let parent = self.provider_ref(value, "providers");
            let (Some(child), Some(parent)) = (child, parent) else { continue };
            if let Some(before) = out.iter().find(|p| p.child.same(&child)) {
                let at = self.place(Span { end: before.parent.span.end, ..before.child.span });
                let detail = format!(
                    "A provider configuration was already passed to {child} at {at}. Each child provider configuration can be assigned only once."
                );
                self.diags.push(Diagnostic::error("Duplicate provider address", detail).at(value.span));
                continue;
            }
            out.push(Passed { child, parent });
        }
        out
    }
}
