//! JSON values to expressions.

use super::super::expr::{Expr, ExprKind, Faulty, JsonString, ObjectKey, Unresolved};
use super::super::parse::{expression_at, template_at};
use super::body::Reader;
use levee_model::text::nfc;
use levee_model::{Diagnostic, Diagnostics, Type, Value};
use levee_syntax::File;
use levee_syntax::json::{Node, NodeKind, Property};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Reader<'_> {
    /// A value: strings in it are templates, and so are names of properties.
    pub(super) fn value(&mut self, node: &Node) -> Expr {
        let kind = match &node.kind {
            NodeKind::String(text) => self.template(text, node),
            NodeKind::Array(items) => ExprKind::Tuple(items.iter().map(|n| self.value(n)).collect()),
            NodeKind::Object(properties) => {
                let items = properties.iter().map(|p| (self.value_key(p), self.value(&p.value)));
                let kind = ExprKind::Object(items.collect());
                match self.twice(properties).next() {
                    Some(problem) => ExprKind::Faulty(Box::new(Faulty { inner: Expr { kind, span: node.span }, problem })),
                    None => kind,
                }
            }
            _ => ExprKind::Literal(plain(node)),
        };
        Expr { kind, span: node.span }
    }

    fn template(&mut self, text: &Arc<str>, node: &Node) -> ExprKind {
        if !text.contains("${") && !text.contains("%{") {
            return ExprKind::Literal(Value::string(nfc(text)));
        }
        let template = match template_at(self.inside(node, text), self.names, &self.bound) {
            Ok(template) => template,
            Err(diags) => self.unreadable(diags, node),
        };
        ExprKind::JsonString(Box::new(JsonString { text: text.clone(), template }))
    }

    /// The text of a string, which begins behind its quote.
    fn inside<'t>(&self, node: &Node, text: &'t str) -> File<'t> {
        File { offset: node.span.start + 1, ..File::unnamed(self.source, text) }
    }

    /// An expression that could not be read: why, is told where its value is wanted.
    fn unreadable(&mut self, diags: Diagnostics, node: &Node) -> Expr {
        let first = diags.into_iter().next();
        let first = first.unwrap_or_else(|| Diagnostic::error("Invalid expression", "This text cannot be read.").at(node.span));
        let problem = Unresolved { root: self.names.get(""), steps: Box::default(), problem: first, nameless: None };
        Expr { kind: ExprKind::Unresolved(Box::new(problem)), span: node.span }
    }

    fn value_key(&mut self, p: &Property) -> ObjectKey {
        let node = Node { kind: NodeKind::String(p.name.clone()), span: p.name_span };
        match self.template(&p.name, &node) {
            ExprKind::Literal(_) => ObjectKey::Name(nfc(&p.name), p.name_span),
            kind => ObjectKey::Expr(Expr { kind, span: p.name_span }),
        }
    }

    /// What is said of names that are given twice.
    fn twice(&self, properties: &[Property]) -> impl Iterator<Item = Diagnostic> {
        let again = |(i, p): (usize, &Property)| {
            let first = properties[..i].iter().find(|q| q.name == p.name)?;
            let at = self.sources.place(first.name_span);
            let detail = format!("An attribute named {:?} was already defined at {at}.", &*p.name);
            Some(Diagnostic::error("Duplicate object attribute", detail).at(p.name_span))
        };
        properties.iter().enumerate().filter_map(again)
    }

    /// A constant: strings are taken as they are.
    pub(super) fn text(&mut self, node: &Node) -> Expr {
        Expr::literal(self.constant(node), node.span)
    }

    fn constant(&mut self, node: &Node) -> Value {
        match &node.kind {
            NodeKind::Array(items) => Value::tuple(items.iter().map(|n| self.constant(n)).collect::<Vec<_>>()),
            NodeKind::Object(properties) => {
                let twice: Vec<Diagnostic> = self.twice(properties).collect();
                self.diags.extend(twice);
                let mut members = BTreeMap::new();
                for p in properties {
                    let value = self.constant(&p.value);
                    members.entry(nfc(&p.name)).or_insert(value);
                }
                Value::object(members.into())
            }
            _ => plain(node),
        }
    }

    /// An expression of names: a string holds a reference, a type or a keyword, or an array or object holds such strings.
    /// Whoever wants a name refuses a string that holds none.
    pub(super) fn name(&mut self, node: &Node) -> Expr {
        self.parsed(node, &Self::nameless)
    }

    /// A string that holds no name, or something else than a string.
    fn nameless(&mut self, node: &Node, diags: Diagnostics) -> Expr {
        match &node.kind {
            // Told apart where changes are ignored.
            NodeKind::String(text) if &**text != "*" => {
                let template = self.unreadable(diags, node);
                Expr { kind: ExprKind::JsonString(Box::new(JsonString { text: text.clone(), template })), span: node.span }
            }
            // Unlike a bare word, a constant is no name here.
            _ => Expr { kind: ExprKind::Paren(Box::new(Expr::literal(plain(node), node.span))), span: node.span },
        }
    }

    /// An expression of which the references are read.
    pub(super) fn expression(&mut self, node: &Node) -> Expr {
        if matches!(node.kind, NodeKind::Array(_) | NodeKind::String(_)) {
            return self.parsed(node, &Self::explain);
        }
        Expr::literal(plain(node), node.span)
    }

    /// What is wrong with a string in which an expression was expected, or with something else.
    fn explain(&mut self, node: &Node, diags: Diagnostics) -> Expr {
        let wanted = Diagnostic::error("Invalid reference expression", "A single reference string is required.").at(node.span);
        self.unreadable(if diags.is_empty() { wanted.into() } else { diags }, node)
    }

    fn parsed(&mut self, node: &Node, otherwise: &dyn Fn(&mut Self, &Node, Diagnostics) -> Expr) -> Expr {
        let kind = match &node.kind {
            NodeKind::String(text) => {
                return match expression_at(self.inside(node, text), self.names, &self.bound) {
                    Ok(expr) => expr,
                    Err(diags) => otherwise(self, node, diags),
                };
            }
            NodeKind::Array(items) => ExprKind::Tuple(items.iter().map(|n| self.parsed(n, otherwise)).collect()),
            NodeKind::Object(properties) => {
                let items = properties.iter().map(|p| (self.name_key(p), self.parsed(&p.value, otherwise)));
                ExprKind::Object(items.collect())
            }
            _ => return otherwise(self, node, Diagnostics::new()),
        };
        Expr { kind, span: node.span }
    }

    fn name_key(&mut self, p: &Property) -> ObjectKey {
        let expr = self.name(&Node { kind: NodeKind::String(p.name.clone()), span: p.name_span });
        match &expr.kind {
            ExprKind::Unresolved(u) if u.steps.is_empty() => ObjectKey::Name(u.root.clone(), p.name_span),
            _ => ObjectKey::Expr(expr),
        }
    }

    /// An entry of `required_providers`: texts, and a list of names.
    pub(super) fn requirement(&mut self, node: &Node) -> Expr {
        let NodeKind::Object(properties) = &node.kind else { return self.text(node) };
        let items = properties.iter().map(|p| {
            let value = if &*p.name == "configuration_aliases" { self.name(&p.value) } else { self.text(&p.value) };
            (ObjectKey::Name(p.name.clone(), p.name_span), value)
        });
        Expr { kind: ExprKind::Object(items.collect()), span: node.span }
    }
}

/// The value of a node that holds no other, with its string as it is.
fn plain(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Bool(b) => Value::bool(*b),
        NodeKind::Number(n) => Value::number(n.clone()),
        NodeKind::String(s) => Value::string(nfc(s)),
        NodeKind::Null => Value::null(Type::Dynamic),
        NodeKind::Array(_) | NodeKind::Object(_) | NodeKind::Invalid => Value::unknown(Type::Dynamic),
    }
}
