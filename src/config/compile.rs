//! The parser's expressions to ours: names are bound, numbers read exactly, places kept.

use super::expr::{BinaryOp, Call, Expr, ExprKind, For, ObjectKey, Splat, TraversalStep, UnaryOp};
use super::names::Names;
use hcl_edit::expr::{self as hcl, Expression, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span as _};
use levee_model::{Diagnostic, Diagnostics, Number, SourceId, Span, Type, Value};
use std::ops::Range;
use std::sync::Arc;

/// Compiles the expressions of one piece of a file.
pub(super) struct Compiler<'a> {
    /// The file.
    pub(super) source: SourceId,
    /// Where the piece begins in it; added with wrapping, so that a piece may have been given a longer beginning.
    pub(super) base: usize,
    /// The piece's text.
    pub(super) text: &'a str,
    /// Shared names.
    pub(super) names: &'a mut Names,
    /// Mistakes found.
    pub(super) diags: &'a mut Diagnostics,
    /// Names bound around the expression, by slot. Empty names cannot be referred to.
    pub(super) bound: Vec<Arc<str>>,
}

impl Compiler<'_> {
    /// A range of the piece as a place in the file.
    pub(super) fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or(0..0);
        Span::new(self.source, self.base.wrapping_add(range.start)..self.base.wrapping_add(range.end))
    }

    pub(super) fn error(&mut self, span: Span, summary: &str, detail: impl Into<String>) {
        self.diags.push(Diagnostic::error(summary, detail).at(span));
    }

    /// Compiles one expression.
    pub(super) fn expr(&mut self, e: &Expression) -> Expr {
        let span = self.span(e.span());
        let kind = match e {
            Expression::Null(_) => ExprKind::Literal(Value::null(Type::Dynamic)),
            Expression::Bool(b) => ExprKind::Literal(Value::bool(*b.value())),
            Expression::Number(_) => self.number(e.span().unwrap_or(0..0), span),
            Expression::String(s) => self.string(s, e.span(), span),
            Expression::Array(items) => ExprKind::Tuple(items.iter().map(|e| self.expr(e)).collect()),
            Expression::Object(object) => self.object(object),
            Expression::StringTemplate(t) => self.quoted(t.iter()),
            Expression::HeredocTemplate(t) => self.heredoc(t, e.span().unwrap_or(0..0)),
            Expression::Parenthesis(p) => ExprKind::Paren(Box::new(self.expr(p.inner()))),
            Expression::Variable(name) => self.name(name, span),
            Expression::Conditional(c) => {
                let parts = (self.expr(&c.cond_expr), self.expr(&c.true_expr), self.expr(&c.false_expr));
                ExprKind::Conditional(Box::new(parts))
            }
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(t) => return self.traversal(&t.expr, &t.operators),
            Expression::UnaryOp(op) => {
                let operator = match op.operator.value() {
                    hcl::UnaryOperator::Neg => UnaryOp::Negate,
                    hcl::UnaryOperator::Not => UnaryOp::Not,
                };
                ExprKind::Unary(operator, Box::new(self.expr(&op.expr)))
            }
            Expression::BinaryOp(op) => {
                let pair = (self.expr(&op.lhs_expr), self.expr(&op.rhs_expr));
                let span = Span { source: self.source, start: pair.0.span.start, end: pair.1.span.end };
                return Expr { kind: ExprKind::Binary(binary(*op.operator.value()), Box::new(pair)), span };
            }
            Expression::ForExpr(f) => self.for_expr(f),
        };
        Expr { kind, span }
    }

    /// Reads a number from the text, which is exact where the parser's own number is not.
    fn number(&mut self, range: Range<usize>, span: Span) -> ExprKind {
        let text = self.text.get(range).unwrap_or("").trim();
        let digits = text.strip_prefix('-').map(str::trim_start);
        let Some(number) = Number::parse(digits.unwrap_or(text)) else {
            self.error(span, "Invalid number literal", format!("{text:?} cannot be read as a number."));
            return ExprKind::Literal(Value::unknown(Type::Number));
        };
        let literal = ExprKind::Literal(Value::number(number));
        match digits {
            Some(d) => {
                let start = span.end - u32::try_from(d.len()).unwrap_or(0);
                ExprKind::Unary(UnaryOp::Negate, Box::new(Expr { kind: literal, span: Span { start, ..span } }))
            }
            None => literal,
        }
    }

    fn string(&mut self, text: &str, range: Option<Range<usize>>, span: Span) -> ExprKind {
        self.check_one_line(range, span);
        ExprKind::Literal(Value::string(levee_model::text::nfc(text)))
    }

    /// Quoted text must not go over a line's end.
    pub(super) fn check_one_line(&mut self, range: Option<Range<usize>>, span: Span) {
        if range.and_then(|r| self.text.get(r)).is_some_and(|t| t.contains('\n')) {
            let detail = "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use \
                          the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.";
            self.error(span, "Invalid multi-line string", detail);
        }
    }

    fn object(&mut self, object: &hcl::Object) -> ExprKind {
        let mut items = Vec::with_capacity(object.len());
        for (key, value) in object {
            let key = match key {
                hcl::ObjectKey::Ident(name) => ObjectKey::Name(self.names.get(name.as_str()), self.span(name.span())),
                hcl::ObjectKey::Expression(e) => self.object_key(e),
            };
            items.push((key, self.expr(value.expr())));
        }
        ExprKind::Object(items.into())
    }

    fn object_key(&mut self, e: &Expression) -> ObjectKey {
        let span = self.span(e.span());
        match e {
            Expression::Variable(name) => ObjectKey::Name(self.names.get(name.as_str()), span),
            Expression::Bool(b) => ObjectKey::Name(self.names.get(if *b.value() { "true" } else { "false" }), span),
            Expression::Null(_) => ObjectKey::Name(self.names.get("null"), span),
            Expression::Traversal(t) if matches!(t.expr, Expression::Variable(_)) => {
                let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead \
                              intended as a literal name containing periods, wrap it in quotes to create a string literal.";
                self.error(span, "Ambiguous attribute key", detail);
                ObjectKey::Expr(self.expr(e))
            }
            _ => ObjectKey::Expr(self.expr(e)),
        }
    }

    fn call(&mut self, call: &hcl::FuncCall) -> ExprKind {
        let name: String = if call.name.is_namespaced() {
            let spaces = call.name.namespace.iter().map(|n| n.as_str());
            spaces.chain([call.name.name.as_str()]).collect::<Vec<_>>().join("::")
        } else {
            call.name.name.as_str().to_owned()
        };
        let first = call.name.namespace.first().unwrap_or(&call.name.name).span().unwrap_or(0..0);
        let last = call.name.name.span().unwrap_or(0..0);
        ExprKind::Call(Box::new(Call {
            name: self.names.get(&name),
            name_span: self.span(Some(first.start..last.end)),
            arguments: call.args.iter().map(|e| self.expr(e)).collect(),
            expand_final: call.args.expand_final(),
        }))
    }

    fn for_expr(&mut self, f: &hcl::ForExpr) -> ExprKind {
        let collection = self.expr(&f.intro.collection_expr);
        let slot = self.bind(f.intro.key_var.as_ref(), &f.intro.value_var);
        let node = For {
            collection,
            slot,
            has_key: f.intro.key_var.is_some(),
            key: f.key_expr.as_ref().map(|e| self.expr(e)),
            value: self.expr(&f.value_expr),
            condition: f.cond.as_ref().map(|c| self.expr(&c.expr)),
            grouping: f.grouping,
        };
        self.unbind(slot);
        ExprKind::For(Box::new(node))
    }

    /// Binds a key (if it is named) and a value; answers the first slot.
    pub(super) fn bind(&mut self, key: Option<&Decorated<Ident>>, value: &Decorated<Ident>) -> u32 {
        let slot = self.next_slot();
        for name in key.into_iter().chain([value]) {
            let name = self.names.get(name.as_str());
            self.bound.push(name);
        }
        slot
    }

    pub(super) fn next_slot(&self) -> u32 {
        u32::try_from(self.bound.len()).unwrap_or(u32::MAX)
    }

    /// Forgets everything bound from `slot` on.
    pub(super) fn unbind(&mut self, slot: u32) {
        self.bound.truncate(slot as usize);
    }

    fn traversal(&mut self, base: &Expression, operators: &[Decorated<TraversalOperator>]) -> Expr {
        for pair in operators.windows(2) {
            if let [TraversalOperator::LegacyIndex(_), TraversalOperator::LegacyIndex(_)] = [pair[0].value(), pair[1].value()] {
                let at = self.operator_span(&pair[1]);
                let detail = "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax instead, like [0][1].";
                self.error(at, "Invalid legacy index syntax", detail);
            }
        }
        let plain = operators.iter().take_while(|o| !is_splat(o.value())).count();
        let steps: Vec<TraversalStep> = operators[..plain].iter().map(|o| self.step(o)).collect();
        let source = match base {
            Expression::Variable(name) => {
                let root = self.span(name.span());
                self.reference(name.as_str(), root, steps)
            }
            _ => self.traverse(base, steps),
        };
        self.splats(source, &operators[plain..])
    }

    fn traverse(&mut self, base: &Expression, steps: Vec<TraversalStep>) -> Expr {
        let source = self.expr(base);
        traverse(source, steps)
    }

    /// Applies what follows from the first splat on.
    fn splats(&mut self, source: Expr, operators: &[Decorated<TraversalOperator>]) -> Expr {
        let Some((first, rest)) = operators.split_first() else { return source };
        let marker = self.operator_span(first);
        let full = matches!(first.value(), TraversalOperator::FullSplat(_));
        // `[*]` takes everything that follows to each element; `.*` takes names only.
        let taken = if full { rest.len() } else { rest.iter().take_while(|o| is_name(o.value())).count() };
        let slot = self.next_slot();
        let anonymous = self.names.get("");
        self.bound.push(anonymous.clone());
        let plain = rest[..taken].iter().take_while(|o| !is_splat(o.value())).count();
        let steps: Vec<TraversalStep> = rest[..plain].iter().map(|o| self.step(o)).collect();
        let item = Self::bound_reference(anonymous, slot, source.span, steps);
        let each = if full { self.splats(item, &rest[plain..]) } else { item };
        self.unbind(slot);
        let span = Span { end: each.span.end.max(marker.end), ..source.span };
        let splat = Expr { kind: ExprKind::Splat(Box::new(Splat { source, each, slot, marker })), span };
        if full {
            return splat;
        }
        if let Some(next) = rest.get(taken).filter(|o| matches!(o.value(), TraversalOperator::AttrSplat(_))) {
            let at = self.operator_span(next);
            let detail = "A splat expression (*) cannot be used inside another attribute-only splat expression.";
            self.error(at, "Nested splat expression not allowed", detail);
            return splat;
        }
        let after = &rest[taken..];
        let plain = after.iter().take_while(|o| !is_splat(o.value())).count();
        let steps: Vec<TraversalStep> = after[..plain].iter().map(|o| self.step(o)).collect();
        let traversed = traverse(splat, steps);
        self.splats(traversed, &after[plain..])
    }

    fn operator_span(&self, o: &Decorated<TraversalOperator>) -> Span {
        self.span(o.span())
    }

    fn step(&mut self, o: &Decorated<TraversalOperator>) -> TraversalStep {
        let span = self.operator_span(o);
        match o.value() {
            TraversalOperator::GetAttr(name) => TraversalStep::Attr { name: self.names.get(name.as_str()), span },
            TraversalOperator::Index(key) => TraversalStep::Index { key: self.expr(key), span },
            TraversalOperator::LegacyIndex(n) => {
                let inner = Span { start: span.start + 1, ..span };
                TraversalStep::Index { key: Expr::literal(Value::number(**n), inner), span }
            }
            // Splats are split off before steps are read.
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => TraversalStep::Attr { name: self.names.get("*"), span },
        }
    }
}

/// `source` followed by steps; a name takes them into its own.
fn traverse(source: Expr, steps: Vec<TraversalStep>) -> Expr {
    let Some(last) = steps.last() else { return source };
    let span = Span { end: last.span().end, ..source.span };
    Expr { kind: ExprKind::Traverse(Box::new(source), steps.into()), span }
}

fn is_splat(o: &TraversalOperator) -> bool {
    matches!(o, TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
}

fn is_name(o: &TraversalOperator) -> bool {
    matches!(o, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
}

fn binary(op: hcl::BinaryOperator) -> BinaryOp {
    use hcl::BinaryOperator as B;
    match op {
        B::Eq => BinaryOp::Equal,
        B::NotEq => BinaryOp::NotEqual,
        B::LessEq => BinaryOp::LessOrEqual,
        B::GreaterEq => BinaryOp::GreaterOrEqual,
        B::Less => BinaryOp::Less,
        B::Greater => BinaryOp::Greater,
        B::Plus => BinaryOp::Add,
        B::Minus => BinaryOp::Subtract,
        B::Mul => BinaryOp::Multiply,
        B::Div => BinaryOp::Divide,
        B::Mod => BinaryOp::Modulo,
        B::And => BinaryOp::And,
        B::Or => BinaryOp::Or,
    }
}
