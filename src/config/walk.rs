//! Going through the expressions inside an expression.

use super::expr::{Expr, ExprKind, ObjectKey, Part, Reference, Subject, TraversalStep};

impl Expr {
    /// Calls `f` with every reference in it, in the order they are written, bound variables apart.
    pub fn visit_references<'a>(&'a self, f: &mut dyn FnMut(&'a Reference)) {
        self.visit(&mut |e| {
            if let ExprKind::Ref(r) = &e.kind
                && !matches!(r.subject, Subject::Bound { .. })
            {
                f(r);
            }
        });
    }

    /// Calls `f` with it and everything in it, outermost first.
    pub fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        match &self.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Template(parts) => visit_parts(parts, f),
            ExprKind::Ref(r) => visit_steps(&r.steps, f),
            ExprKind::Unresolved(u) => visit_steps(&u.steps, f),
            ExprKind::Traverse(source, steps) => {
                source.visit(f);
                visit_steps(steps, f);
            }
            ExprKind::Splat(s) => {
                s.source.visit(f);
                s.each.visit(f);
            }
            ExprKind::Unary(_, e) | ExprKind::Paren(e) | ExprKind::Wrap(e) => e.visit(f),
            ExprKind::Binary(chain) => {
                chain.first.visit(f);
                chain.rest.iter().for_each(|(_, operand)| operand.visit(f));
            }
            ExprKind::Faulty(faulty) => faulty.inner.visit(f),
            ExprKind::Conditional(c) => {
                c.0.visit(f);
                c.1.visit(f);
                c.2.visit(f);
            }
            ExprKind::For(x) => {
                x.collection.visit(f);
                x.key.iter().for_each(|e| e.visit(f));
                x.value.visit(f);
                x.condition.iter().for_each(|e| e.visit(f));
            }
            ExprKind::Tuple(items) => items.iter().for_each(|e| e.visit(f)),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    if let ObjectKey::Expr(e) = key {
                        e.visit(f);
                    }
                    value.visit(f);
                }
            }
            ExprKind::JsonString(s) => s.template.visit(f),
            ExprKind::Call(call) => call.arguments.iter().for_each(|e| e.visit(f)),
        }
    }
}

fn visit_steps<'a>(steps: &'a [TraversalStep], f: &mut dyn FnMut(&'a Expr)) {
    for step in steps {
        if let TraversalStep::Index { key, .. } = step {
            key.visit(f);
        }
    }
}

fn visit_parts<'a>(parts: &'a [Part], f: &mut dyn FnMut(&'a Expr)) {
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Interpolation(e) => e.visit(f),
            Part::If(branch) => {
                branch.condition.visit(f);
                visit_parts(&branch.yes, f);
                visit_parts(&branch.no, f);
            }
            Part::For(x) => {
                x.collection.visit(f);
                visit_parts(&x.body, f);
            }
        }
    }
}
