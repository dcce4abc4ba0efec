//! A tree to text. Reading the text again gives the same tree, apart from where things stand; how it was laid out and its
//! comments are lost. Whoever wants to keep those formats the text instead.

use crate::ast::{BinaryOp, Body, Expr, ExprKind, For, Item, Part, Splat, Step, UnaryOp};
use std::fmt::Write as _;

/// The text of a body, one argument a line, arguments before blocks.
#[must_use]
pub fn print_body(body: &Body<'_>) -> String {
    let mut printer = Printer::default();
    printer.body(body, 0);
    printer.out
}

/// The text of an expression, on one line.
#[must_use]
pub fn print_expr(expr: &Expr<'_>) -> String {
    let mut printer = Printer::default();
    printer.expr(expr);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    /// Whether indexes are written with a dot: inside `.*`, brackets would end what goes to each element.
    dotted: bool,
}

impl Printer {
    fn body(&mut self, body: &Body<'_>, depth: usize) {
        let indent = "  ".repeat(depth);
        for attribute in &body.attributes {
            let _ = write!(self.out, "{indent}{} = ", attribute.name);
            self.expr(&attribute.expr);
            self.out.push('\n');
        }
        for block in &body.blocks {
            let _ = write!(self.out, "{indent}{}", block.type_name);
            for label in &block.labels {
                self.out.push_str(" \"");
                self.escaped(&label.text);
                self.out.push('"');
            }
            self.out.push_str(" {\n");
            self.body(&block.body, depth + 1);
            let _ = writeln!(self.out, "{indent}}}");
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match &expr.kind {
            ExprKind::Invalid | ExprKind::Null => self.out.push_str("null"),
            ExprKind::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            // So large a number is no number, but its text is.
            ExprKind::Number(number) if number.is_infinite() => self.out.push_str("1e9999999999"),
            ExprKind::Number(number) => {
                let _ = write!(self.out, "{number}");
            }
            ExprKind::String(text) => self.quoted(|p| p.escaped(text)),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Wrap(inner) => self.quoted(|p| p.interpolation(inner)),
            ExprKind::Paren(inner) => self.between("(", ")", |p| p.expr(inner)),
            ExprKind::Name(name) => self.out.push_str(name),
            ExprKind::Item => {}
            ExprKind::Traverse(source, steps) => {
                self.expr(source);
                steps.iter().for_each(|step| self.step(step));
            }
            ExprKind::Splat(splat) => self.splat(splat),
            ExprKind::Unary(op, operand) => {
                self.out.push(if *op == UnaryOp::Negate { '-' } else { '!' });
                self.expr(operand);
            }
            ExprKind::Binary(chain) => {
                self.expr(&chain.first);
                for (op, operand) in &chain.rest {
                    let _ = write!(self.out, " {} ", sign(*op));
                    self.expr(operand);
                }
            }
            ExprKind::Conditional(parts) => {
                self.expr(&parts.condition);
                self.out.push_str(" ? ");
                self.expr(&parts.yes);
                self.out.push_str(" : ");
                self.expr(&parts.no);
            }
            ExprKind::For(node) => self.for_expr(node),
            ExprKind::Tuple(items) => self.between("[", "]", |p| p.list(items)),
            ExprKind::Object(items) => self.object(items),
            ExprKind::Call(call) => {
                self.out.push_str(&call.name);
                self.between("(", ")", |p| {
                    p.list(&call.arguments);
                    p.out.push_str(if call.expand_final { "..." } else { "" });
                });
            }
        }
    }

    /// Writes something between two marks, inside which an index has its brackets.
    fn between(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        let dotted = std::mem::take(&mut self.dotted);
        self.out.push_str(open);
        inside(self);
        self.out.push_str(close);
        self.dotted = dotted;
    }

    fn quoted(&mut self, inside: impl FnOnce(&mut Self)) {
        self.between("\"", "\"", inside);
    }

    fn list(&mut self, items: &[Expr<'_>]) {
        for (i, item) in items.iter().enumerate() {
            self.out.push_str(if i > 0 { ", " } else { "" });
            self.expr(item);
        }
    }

    fn object(&mut self, items: &[Item<'_>]) {
        self.between("{", "}", |p| {
            for (i, item) in items.iter().enumerate() {
                p.out.push_str(if i > 0 { ", " } else { "" });
                p.expr(&item.key);
                p.out.push_str(" = ");
                p.expr(&item.value);
            }
        });
    }

    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Attr { name, .. } => {
                let _ = write!(self.out, ".{name}");
            }
            Step::Index { key, .. } if self.dotted => {
                self.out.push('.');
                self.expr(key);
            }
            Step::Index { key, .. } => self.between("[", "]", |p| p.expr(key)),
        }
    }

    fn splat(&mut self, splat: &Splat<'_>) {
        self.expr(&splat.source);
        self.out.push_str(if splat.full { "[*]" } else { ".*" });
        let before = std::mem::replace(&mut self.dotted, !splat.full);
        self.expr(&splat.each);
        self.dotted = before;
    }

    fn for_expr(&mut self, node: &For<'_>) {
        let (open, close) = if node.object { ("{", "}") } else { ("[", "]") };
        self.between(open, close, |p| {
            p.out.push_str("for ");
            p.names(node.key_name, node.value_name);
            p.expr(&node.collection);
            p.out.push_str(" : ");
            if let Some(key) = &node.key {
                p.expr(key);
                p.out.push_str(" => ");
            }
            p.expr(&node.value);
            p.out.push_str(if node.grouping { "..." } else { "" });
            if let Some(condition) = &node.condition {
                p.out.push_str(" if ");
                p.expr(condition);
            }
        });
    }

    fn names(&mut self, key: Option<&str>, value: &str) {
        let _ = match key {
            Some(key) => write!(self.out, "{key}, {value} in "),
            None => write!(self.out, "{value} in "),
        };
    }

    fn template(&mut self, parts: &[Part<'_>]) {
        self.quoted(|p| match parts {
            // Only trimming leaves an interpolation alone in a template; without it, it would be no template.
            [Part::Interpolation(inner)] => {
                p.out.push_str("${");
                p.expr(inner);
                p.out.push_str(" ~} ");
            }
            parts => p.parts(parts),
        });
    }

    fn parts(&mut self, parts: &[Part<'_>]) {
        for part in parts {
            match part {
                Part::Literal(text, _) => self.escaped(text),
                Part::Interpolation(inner) => self.interpolation(inner),
                Part::If(node) => {
                    self.between("%{ if ", " }", |p| p.expr(&node.condition));
                    self.parts(&node.yes);
                    if !node.no.is_empty() {
                        self.out.push_str("%{ else }");
                        self.parts(&node.no);
                    }
                    self.out.push_str("%{ endif }");
                }
                Part::For(node) => {
                    self.between("%{ for ", " }", |p| {
                        p.names(node.key_name, node.value_name);
                        p.expr(&node.collection);
                    });
                    self.parts(&node.body);
                    self.out.push_str("%{ endfor }");
                }
            }
        }
    }

    fn interpolation(&mut self, inner: &Expr<'_>) {
        self.between("${", "}", |p| p.expr(inner));
    }

    /// Text inside quotes. What could be read as the beginning of a marker, by itself or with what follows, is written as a
    /// code point.
    fn escaped(&mut self, text: &str) {
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let _ = match c {
                '"' => write!(self.out, "\\\""),
                '\\' => write!(self.out, "\\\\"),
                '\n' => write!(self.out, "\\n"),
                '\r' => write!(self.out, "\\r"),
                '\t' => write!(self.out, "\\t"),
                '$' | '%' if matches!(rest.peek(), None | Some('{' | '$' | '%')) => write!(self.out, "\\u{:04x}", u32::from(c)),
                c if c.is_control() => write!(self.out, "\\u{:04x}", u32::from(c)),
                c => write!(self.out, "{c}"),
            };
        }
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
    }
}
