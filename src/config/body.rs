//! The inside of a block: arguments and nested blocks, as written.

use super::expr::{Expr, Reference};
use levee_model::{Diagnostic, Diagnostics, Span};
use std::sync::Arc;

/// The inside of a block.
#[derive(Clone, Debug)]
pub struct Body {
    /// Arguments in the order they are written; names are unique.
    pub attributes: Vec<Attribute>,
    /// Nested blocks in the order they are written.
    pub blocks: Vec<BlockExpr>,
    /// The heading of the block it belongs to: where what is missing is reported.
    pub span: Span,
    /// What it is written in.
    pub syntax: Syntax,
    /// Whether an override file had a say in it. Terraform then passes over what a schema does not expect.
    pub overridden: bool,
}

/// What a body is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// The language's own syntax.
    #[default]
    Native,
    /// JSON, where what nobody expects is neither an argument nor a block.
    Json,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value.
    pub expr: Expr,
}

/// One nested block, or a `dynamic` block that stands for several.
#[derive(Clone, Debug)]
pub struct BlockExpr {
    /// Its type. For a dynamic block, the type of the blocks it makes.
    pub type_name: Arc<str>,
    /// Where the type stands.
    pub type_span: Span,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Its inside. For a dynamic block, its `content`.
    pub body: Body,
    /// Set for a dynamic block.
    pub dynamic: Option<Box<Dynamic>>,
    /// Its type and labels.
    pub span: Span,
}

/// One label of a block.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text.
    pub text: Arc<str>,
    /// With its quotes.
    pub span: Span,
}

/// What makes a block dynamic.
#[derive(Clone, Debug)]
pub struct Dynamic {
    /// One block for each element.
    pub for_each: Expr,
    /// Name of the iterator.
    pub iterator: Arc<str>,
    /// Where the iterator stands: an object with `key` and `value`.
    pub slot: u32,
    /// Labels of each block.
    pub labels: Option<Expr>,
    /// What is wrong with how it is written, to be told where there can be blocks of its type.
    pub problems: Diagnostics,
    /// The word `dynamic`.
    pub span: Span,
}

impl Body {
    /// With nothing in it.
    pub fn empty(span: Span) -> Self {
        Self { attributes: Vec::new(), blocks: Vec::new(), span, syntax: Syntax::Native, overridden: false }
    }

    /// The argument of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| &*a.name == name)
    }

    /// The nested blocks of this type.
    pub fn blocks_of<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a BlockExpr> {
        self.blocks.iter().filter(move |b| &*b.type_name == type_name)
    }

    /// The complaint about an argument that nobody knows; `suggestion` is what may have been meant.
    pub fn unexpected_argument(&self, a: &Attribute, suggestion: &str) -> Diagnostic {
        let (summary, detail) = match self.syntax {
            Syntax::Native => ("Unsupported argument", format!("An argument named {:?} is not expected here.{suggestion}", &*a.name)),
            Syntax::Json => ("Extraneous JSON object property", format!("No argument or block type is named {:?}.{suggestion}", &*a.name)),
        };
        Diagnostic::error(summary, detail).at(a.name_span)
    }

    /// Every reference in it, nested and dynamic blocks included.
    pub fn references(&self) -> Vec<&Reference> {
        let mut out = Vec::new();
        self.visit(&mut |e| e.visit_references(&mut |r| out.push(r)));
        out
    }

    /// Every expression in those of its arguments and blocks whose names are wanted, and what dynamic blocks go through.
    pub fn expressions(&self, wanted: impl Fn(&str) -> bool) -> Vec<&Expr> {
        let mut out: Vec<&Expr> = self.attributes.iter().filter(|a| wanted(&a.name)).map(|a| &a.expr).collect();
        for b in &self.blocks {
            if wanted(&b.type_name) {
                b.visit(&mut |e| out.push(e));
            } else if let Some(dynamic) = &b.dynamic {
                out.push(&dynamic.for_each);
                out.extend(&dynamic.labels);
            }
        }
        out
    }

    /// Calls `f` with every expression that stands in it.
    pub fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        self.attributes.iter().for_each(|a| f(&a.expr));
        self.blocks.iter().for_each(|b| b.visit(f));
    }
}

impl BlockExpr {
    fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        if let Some(dynamic) = &self.dynamic {
            f(&dynamic.for_each);
            dynamic.labels.iter().for_each(&mut *f);
        }
        self.body.visit(f);
    }
}
