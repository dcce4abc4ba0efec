//! The parts of templates.

use super::compile::Compiler;
use super::expr::{ExprKind, Part, TemplateFor, TemplateIf};
use levee_model::stack;
use levee_model::text::nfc;
use levee_syntax::ast;

impl Compiler<'_> {
    /// A template that is neither plain text nor one interpolation alone.
    pub(super) fn template(&mut self, parts: &[ast::Part]) -> ExprKind {
        ExprKind::Template(self.parts(parts))
    }

    fn parts(&mut self, parts: &[ast::Part]) -> Box<[Part]> {
        stack::deep(|| parts.iter().map(|p| self.part(p)).collect())
    }

    fn part(&mut self, part: &ast::Part) -> Part {
        match part {
            ast::Part::Literal(text, _) => Part::Literal(nfc(text)),
            ast::Part::Interpolation(e) => Part::Interpolation(self.expr(e)),
            ast::Part::If(node) => {
                let condition = self.expr(&node.condition);
                Part::If(Box::new(TemplateIf { condition, yes: self.parts(&node.yes), no: self.parts(&node.no) }))
            }
            ast::Part::For(node) => {
                let collection = self.expr(&node.collection);
                let slot = self.bind(node.key_name, node.value_name);
                let body = self.parts(&node.body);
                self.unbind(slot);
                let has_key = node.key_name.is_some();
                Part::For(Box::new(TemplateFor { collection, slot, has_key, body, span: self.span(node.range) }))
            }
        }
    }
}
