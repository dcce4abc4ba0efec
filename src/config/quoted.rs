//! References and keywords in quotes, as early configurations have them: still read, and told of as deprecated.

use super::decode::Decoder;
use super::expr::{Expr, ExprKind, Reference};
use super::fields::{STATIC_REFERENCE, is_identifier};
use super::names::Names;
use super::parse::expression_at;
use super::types::as_path;
use levee_model::{Diagnostic, Span};
use levee_syntax::File;

/// What the text in the quotes should be, with the warning that it needs none.
const REFERENCE: (&str, &str) = (
    "Quoted references are deprecated",
    "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier required quotes, but quoted references are now deprecated and will be removed in a future version of Terraform. Remove the quotes surrounding this reference to silence this warning.",
);
const KEYWORD: (&str, &str) = (
    "Quoted keywords are deprecated",
    "In this context, keywords are expected literally rather than in quotes. Terraform 0.11 and earlier required quotes, but quoted keywords are now deprecated and will be removed in a future version of Terraform. Remove the quotes surrounding this keyword to silence this warning.",
);

/// What a text is called that does not begin with a name. It is no reference in any reading.
const NAMELESS: &str = "Variable name required";

/// What stands in an expression where a name is expected.
pub(super) enum Unquoted {
    /// It is in no quotes, or holds no name at all.
    Bare,
    /// The name in the quotes.
    Name(Expr),
    /// No name; it is told.
    Wrong,
}

impl Decoder<'_> {
    /// The reference that stands in quotes.
    pub(super) fn unquoted(&mut self, expr: &Expr) -> Unquoted {
        self.unquoted_as(expr, REFERENCE)
    }

    /// The keyword that stands in quotes.
    pub(super) fn unquoted_keyword(&mut self, expr: &Expr) -> Unquoted {
        self.unquoted_as(expr, KEYWORD)
    }

    fn unquoted_as(&mut self, expr: &Expr, (summary, detail): (&str, &str)) -> Unquoted {
        let in_quotes = match &expr.kind {
            ExprKind::Literal(value) => value.as_str().is_some(),
            ExprKind::Template(_) => true,
            _ => false,
        };
        let text = self.constants.try_value(expr).filter(|_| in_quotes);
        let Some(text) = text.as_ref().and_then(|v| v.as_str()) else { return Unquoted::Bare };
        let file = File { offset: expr.span.start + 1, ..File::unnamed(expr.span.source, text.trim()) };
        let name = expression_at(file, &mut Names::default(), &[]).ok().filter(|e| as_path(e).is_some());
        let problem = name.is_none().then(|| no_name(text.trim()));
        if let Some((summary, detail)) = problem {
            self.error(expr.span, summary, detail);
        }
        self.diags.push(Diagnostic::warning(summary, detail).at(expr.span));
        match name {
            Some(name) => Unquoted::Name(at(name, expr.span)),
            None if problem.is_some_and(|(summary, _)| summary == NAMELESS) => Unquoted::Bare,
            None => Unquoted::Wrong,
        }
    }

    /// `depends_on`: references to whole things.
    pub(super) fn depends_on(&mut self, expr: Option<Expr>) -> Vec<Reference> {
        let Some(expr) = expr else { return Vec::new() };
        let ExprKind::Tuple(items) = expr.kind else {
            self.error(expr.span, "Invalid expression", "A static list expression is required.");
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        let known = self.module.late.len();
        for item in items {
            let item = match self.unquoted(&item) {
                Unquoted::Bare => item,
                Unquoted::Name(name) => name,
                Unquoted::Wrong => continue,
            };
            match item.kind {
                // After a first mistake nothing more is looked up.
                ExprKind::Ref(r) if self.module.late.len() == known => out.push(*r),
                ExprKind::Ref(_) => {}
                ExprKind::Unresolved(u) => self.module.late.push(u.problem),
                ExprKind::Literal(_) if as_path(&item).is_some() => {
                    let detail =
                        "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.";
                    self.module.late.push(Diagnostic::error("Invalid reference", detail).at(item.span));
                }
                _ => self.error(item.span, "Invalid expression", STATIC_REFERENCE),
            }
        }
        out
    }
}

/// A name that stands, quotes and all, at `span`.
fn at(mut name: Expr, span: Span) -> Expr {
    name.span = span;
    match &mut name.kind {
        ExprKind::Ref(r) => r.span = span,
        ExprKind::Unresolved(u) => u.problem.span = Some(span),
        _ => {}
    }
    name
}

/// Why a text is no name with steps.
fn no_name(text: &str) -> (&'static str, &'static str) {
    let word = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(text.len());
    let (root, mut rest) = text.split_at(word(text));
    if !is_identifier(root) {
        return (NAMELESS, "Must begin with a variable name.");
    }
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('.') {
            let after = after.trim_start();
            if after.starts_with('*') {
                return ("Attribute name required", "Splat expressions (.*) may not be used here.");
            }
            let (name, more) = after.split_at(word(after));
            if !is_identifier(name) {
                return ("Attribute name required", "Dot must be followed by attribute name.");
            }
            rest = more;
        } else if let Some(after) = rest.strip_prefix('[') {
            let after = after.trim_start();
            if after.starts_with('*') {
                return ("Attribute name required", "Splat expressions ([*]) may not be used here.");
            }
            if !after.starts_with(|c: char| c.is_ascii_digit() || c == '"') {
                return ("Index value required", "Index brackets must contain either a literal number or a literal string.");
            }
            let Some((_, more)) = after.split_once(']') else {
                return ("Unclosed index brackets", "Index key must be followed by a closing bracket.");
            };
            rest = more;
        } else {
            return ("Invalid character", "Expected an attribute access or an index operator.");
        }
    }
}
