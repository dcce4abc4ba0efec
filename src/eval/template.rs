//! Templates to strings.

use super::conditional::{Decision, either};
use super::expression::Evaluator;
use super::iteration::{Items, bindings};
use super::refine::{safe_prefix, unknown_not_null};
use crate::config::expr::{Expr, Part, TemplateFor, TemplateIf};
use levee_model::convert::convert;
use levee_model::text::nfc;
use levee_model::{Marks, Refinement, Span, Type, Value};
use std::sync::Arc;

/// Text so far; what follows something unknown is still evaluated, but no longer added.
struct Rendered {
    so_far: String,
    known: bool,
    marks: Marks,
}

impl Evaluator<'_> {
    pub(super) fn template(&mut self, parts: &[Part]) -> Value {
        const LONGEST_PREFIX: usize = 256;
        let before = self.errors;
        let mut out = Rendered { so_far: String::new(), known: true, marks: Marks::NONE };
        for part in parts {
            match part {
                Part::Literal(text) => out.push(text),
                Part::Interpolation(e) => {
                    let value = self.eval(e);
                    self.interpolate(value, e, e.span, &mut out);
                }
                Part::If(branch) => {
                    let value = self.template_if(branch);
                    self.interpolate(value, &branch.condition, branch.condition.span, &mut out);
                }
                Part::For(node) => {
                    let value = self.template_for(node);
                    self.interpolate(value, &node.collection, node.span, &mut out);
                }
            }
        }
        let value = if self.errors > before {
            Value::unknown(Type::String)
        } else if out.known {
            Value::string(nfc(&out.so_far))
        } else {
            let mut end = out.so_far.len().min(LONGEST_PREFIX);
            while !out.so_far.is_char_boundary(end) {
                end -= 1;
            }
            let normal = nfc(&out.so_far[..end]);
            let prefix = Some(safe_prefix(&normal)).filter(|p| !p.is_empty()).map(Arc::from);
            Value::refined(Type::String, Refinement { not_null: true, prefix, ..Refinement::default() })
        };
        value.mark(out.marks)
    }

    fn interpolate(&mut self, value: Value, expr: &Expr, span: Span, out: &mut Rendered) {
        const SUMMARY: &str = "Invalid template interpolation value";
        let (value, marks) = value.unmark();
        out.marks = out.marks.union(marks);
        if value.is_null() {
            let detail = "The expression result is null. Cannot include a null value in a string template.";
            self.fail(expr, span, SUMMARY, detail);
            return;
        }
        if !value.is_known() {
            out.known = false;
            return;
        }
        match convert(&value, &Type::String) {
            Ok(text) => out.push(text.as_str().unwrap_or("")),
            Err(error) => {
                let detail = format!("Cannot include the given value in a string template: {}.", error.message);
                self.fail(expr, span, SUMMARY, detail);
            }
        }
    }

    fn template_if(&mut self, branch: &TemplateIf) -> Value {
        let (yes_value, yes_diags) = self.apart(|e| e.template(&branch.yes));
        let (no_value, no_diags) = self.apart(|e| e.template(&branch.no));
        let (decision, marks) = self.decide(&branch.condition);
        match decision {
            Decision::Yes => {
                self.adopt(yes_diags);
                yes_value.mark(marks)
            }
            Decision::No => {
                self.adopt(no_diags);
                no_value.mark(marks)
            }
            Decision::Unknown => either(yes_value, no_value, Type::String, marks),
            Decision::Wrong => unknown_not_null(Type::String),
        }
    }

    fn template_for(&mut self, node: &TemplateFor) -> Value {
        let (items, mut marks) = self.items(&node.collection);
        let Items::Known(items) = items else { return unknown_not_null(Type::String).mark(marks) };
        let mut text = String::new();
        let mut known = true;
        for item in items {
            let value = self.with_bound(node.slot, bindings(node.has_key, item), |e| e.template(&node.body));
            marks = marks.union(value.marks());
            match value.as_str() {
                Some(more) => text.push_str(more),
                None => known = false,
            }
        }
        if known { Value::string(text) } else { unknown_not_null(Type::String) }.mark(marks)
    }
}

impl Rendered {
    fn push(&mut self, text: &str) {
        if self.known {
            self.so_far.push_str(text);
        }
    }
}
