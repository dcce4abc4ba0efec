//! What a name followed by steps refers to.

use super::compile::Compiler;
use super::expr::{Expr, ExprKind, Reference, Subject, TraversalStep, Unresolved};
use levee_model::{Diagnostic, Kind, Mode, Span};
use std::sync::Arc;

impl Compiler<'_> {
    /// A name and its steps.
    pub(super) fn reference(&mut self, root: &str, root_span: Span, steps: Vec<TraversalStep>) -> Expr {
        let span = Span { end: steps.last().map_or(root_span.end, |s| s.span().end), ..root_span };
        let name = self.names.get(root);
        if let Some(slot) = self.bound.iter().rposition(|b| **b == *root && !root.is_empty()) {
            let slot = u32::try_from(slot).unwrap_or(u32::MAX);
            return Self::bound_reference(name, slot, root_span, steps);
        }
        let kind = match self.subject(root, &steps, span) {
            Ok((subject, used)) => {
                let steps = steps.into_iter().skip(used).collect();
                ExprKind::Ref(Box::new(Reference { subject, steps, span }))
            }
            Err(problem) => {
                let problem = problem.at_if_none(Some(span));
                let is_named = matches!(steps.first(), Some(TraversalStep::Attr { .. }));
                let nameless = if is_named { None } else { self.nameless(root, span) };
                ExprKind::Unresolved(Box::new(Unresolved { root: name, steps: steps.into(), problem, nameless }))
            }
        };
        Expr { kind, span }
    }

    /// A bound variable and its steps.
    pub(super) fn bound_reference(name: Arc<str>, slot: u32, root: Span, steps: Vec<TraversalStep>) -> Expr {
        let span = Span { end: steps.last().map_or(root.end, |s| s.span().end), ..root };
        let subject = Subject::Bound { name, slot };
        Expr { kind: ExprKind::Ref(Box::new(Reference { subject, steps: steps.into(), span })), span }
    }

    /// What a name that needs another one after it refers to where that is missing.
    fn nameless(&mut self, root: &str, span: Span) -> Option<Reference> {
        let name = self.names.get("");
        let subject = match root {
            "var" => Subject::Variable(name.clone()),
            "local" => Subject::Local(name.clone()),
            "count" => Subject::Count,
            "each" => Subject::Each,
            "path" => Subject::Path,
            "terraform" => Subject::Terraform,
            _ => return None,
        };
        let own = matches!(subject, Subject::Variable(_) | Subject::Local(_));
        let steps = if own { Box::default() } else { Box::from([TraversalStep::Attr { name, span }]) };
        Some(Reference { subject, steps, span })
    }

    /// The subject, and how many of the steps belong to its name.
    fn subject(&mut self, root: &str, steps: &[TraversalStep], span: Span) -> Result<(Subject, usize), Diagnostic> {
        match root {
            "var" => Ok((Subject::Variable(member("var", steps, span)?), 1)),
            "local" => Ok((Subject::Local(member("local", steps, span)?), 1)),
            "module" => {
                let name = member("module", steps, span)?;
                instance_key("module", steps.get(1))?;
                Ok((Subject::Module(name), 1))
            }
            "each" => one_of(
                "each",
                steps,
                span,
                &["key", "value"],
                "each.key and each.value, the current key and value pair of the \"for_each\" attribute set",
            )
            .map(|()| (Subject::Each, 0)),
            "count" => one_of(
                "count",
                steps,
                span,
                &["index"],
                "count.index, which is the index of each instance of a resource block that has the \"count\" argument set",
            )
            .map(|()| (Subject::Count, 0)),
            "path" => member("path", steps, span).map(|_| (Subject::Path, 0)),
            "terraform" => member("terraform", steps, span).map(|_| (Subject::Terraform, 0)),
            "self" => Ok((Subject::SelfObject, 0)),
            "data" => self.resource(Mode::Data, "data", steps, span, 1),
            "ephemeral" => self.resource(Mode::Ephemeral, "ephemeral", steps, span, 1),
            "resource" => self.resource(Mode::Managed, "resource", steps, span, 1),
            "template" | "lazy" | "arg" => {
                let detail = format!(
                    "The symbol name {root:?} is reserved for use in a future Terraform version. If you are using a provider that already uses this as a resource type name, add the prefix \"resource.\" to force interpretation as a resource type name."
                );
                Err(Diagnostic::error("Reserved symbol name", detail))
            }
            _ => self.resource(Mode::Managed, root, steps, span, 0),
        }
    }

    /// A resource; `skip` steps come before its type, which is `root` itself when there is none to skip.
    fn resource(
        &mut self,
        mode: Mode,
        root: &str,
        steps: &[TraversalStep],
        span: Span,
        skip: usize,
    ) -> Result<(Subject, usize), Diagnostic> {
        let short = match mode {
            Mode::Data => "The \"data\" object must be followed by two attribute names: the data source type and the resource name.",
            Mode::Ephemeral => {
                "The \"ephemeral\" object must be followed by two attribute names: the ephemeral resource type and the resource name."
            }
            Mode::Managed if skip == 1 => {
                "The \"resource\" object must be followed by two attribute names: the resource type and the resource name."
            }
            Mode::Managed => {
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name."
            }
        };
        let type_name = if skip == 0 { Some(self.names.get(root)) } else { steps.first().and_then(attr) };
        let name = steps.get(skip).map(|s| attr(s).ok_or(s.span()));
        match (type_name, name) {
            (Some(type_name), Some(Ok(name))) => {
                instance_key("resource", steps.get(skip + 1))?;
                Ok((Subject::Resource { mode, type_name, name }, skip + 1))
            }
            (Some(_), Some(Err(at))) => {
                let what = match mode {
                    Mode::Managed => "resource type",
                    Mode::Data => "data source",
                    Mode::Ephemeral => "ephemeral resource type",
                };
                let detail =
                    format!("A reference to a {what} must be followed by at least one attribute access, specifying the resource name.");
                Err(invalid(detail).at(at))
            }
            _ => Err(invalid(short).at(span)),
        }
    }
}

fn invalid(detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid reference", detail)
}

/// Whether an index that is written out can name an instance.
fn instance_key(of: &str, step: Option<&TraversalStep>) -> Result<(), Diagnostic> {
    let Some(TraversalStep::Index { key: Expr { kind: ExprKind::Literal(key), .. }, span }) = step else { return Ok(()) };
    let why = match key.kind() {
        Kind::Number(n) if n.as_i64().is_none() => "value must be a whole number, between -9223372036854775808 and 9223372036854775807",
        Kind::Number(_) | Kind::String(_) => return Ok(()),
        _ => "either a string or an integer is required",
    };
    Err(Diagnostic::error("Invalid index key", format!("Invalid index for {of} instance: {why}.")).at(*span))
}

fn attr(step: &TraversalStep) -> Option<Arc<str>> {
    match step {
        TraversalStep::Attr { name, .. } => Some(name.clone()),
        TraversalStep::Index { .. } => None,
    }
}

/// The name that must follow `var`, `local` and the like.
fn member(root: &str, steps: &[TraversalStep], span: Span) -> Result<Arc<str>, Diagnostic> {
    match steps.first() {
        None => Err(invalid(format!("The {root:?} object cannot be accessed directly. Instead, access one of its attributes.")).at(span)),
        Some(TraversalStep::Attr { name, .. }) => Ok(name.clone()),
        Some(TraversalStep::Index { span, .. }) => Err(invalid(format!("The {root:?} object does not support this operation.")).at(*span)),
    }
}

fn one_of(root: &str, steps: &[TraversalStep], span: Span, known: &[&str], what: &str) -> Result<(), Diagnostic> {
    let name = member(root, steps, span)?;
    if known.contains(&&*name) {
        return Ok(());
    }
    let supported = if known.len() == 1 { "only supported attribute is" } else { "supported attributes are" };
    let detail = format!("The {root:?} object does not have an attribute named {name:?}. The {supported} {what}.");
    Err(Diagnostic::error(format!("Invalid {root:?} attribute"), detail).at(steps[0].span()))
}
