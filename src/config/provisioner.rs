//! `provisioner` and `connection` blocks: what is run when an object has been made, or before it is deleted.

use super::body::{BlockExpr, Body};
use super::decode::Decoder;
use super::expr::{Expr, ExprKind, Reference, Subject, TraversalStep};
use super::fields::Fields;
use super::quoted::Unquoted;
use super::types::keyword;
use levee_model::{Diagnostic, Diagnostics, Span};
use std::sync::Arc;

/// One `provisioner` block.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// Its type: `local-exec`.
    pub kind: Arc<str>,
    /// When it is run.
    pub when: When,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// Its arguments.
    pub body: Body,
    /// How to reach the object: the resource's `connection` with this one's own laid over it.
    pub connection: Option<Body>,
    /// The block's heading.
    pub span: Span,
}

/// When a provisioner is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// After the object has been made.
    #[default]
    Create,
    /// Before the object is deleted.
    Destroy,
}

/// What a provisioner's failure means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The object is tainted, or not deleted.
    #[default]
    Fail,
    /// Nothing.
    Continue,
}

/// Provisioners that earlier versions of Terraform had.
const REMOVED: [&str; 4] = ["chef", "habitat", "puppet", "salt-masterless"];

impl Provisioner {
    /// Every expression in it, the connection's among them.
    pub fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        self.body.visit(f);
        if let Some(connection) = &self.connection {
            connection.visit(f);
        }
    }

    /// What it refers to. One that runs before a deletion refers to nothing but its own object.
    pub fn references(&self) -> Vec<&Reference> {
        let mut out = Vec::new();
        if self.when == When::Create {
            self.visit(&mut |e| e.visit_references(&mut |r| out.push(r)));
        }
        out
    }
}

impl Decoder<'_> {
    /// The `provisioner` blocks of a resource, and its `connection`, which they share.
    pub(super) fn provisioners(&mut self, blocks: Vec<BlockExpr>, connections: Vec<BlockExpr>) -> Vec<Provisioner> {
        let base = self.only_one(connections, "Duplicate connection block", "This resource already has a connection block at");
        let made: Vec<Provisioner> = blocks.into_iter().filter_map(|b| self.provisioner(b, base.as_ref())).collect();
        if let Some(base) = base.filter(|_| made.iter().any(|p| p.when == When::Destroy)) {
            only_self(&base, self.diags);
        }
        made
    }

    /// The first of blocks that may stand once; the others are reported.
    fn only_one(&mut self, blocks: Vec<BlockExpr>, summary: &str, detail: &str) -> Option<Body> {
        let mut blocks = blocks.into_iter();
        let first = blocks.next()?;
        for extra in blocks {
            let detail = format!("{detail} {}.", self.place(first.span));
            self.error(extra.span, summary, detail);
        }
        Some(first.body)
    }

    fn provisioner(&mut self, block: BlockExpr, base: Option<&Body>) -> Option<Provisioner> {
        let [(kind, kind_span)] = self.labels(&block, ["type"])?;
        let span = block.span;
        if REMOVED.contains(&&*kind) {
            let detail = format!(
                "The {kind:?} provisioner was deprecated in Terraform 0.13.4 has been removed from Terraform. Visit https://learn.hashicorp.com/collections/terraform/provision for alternatives to using provisioners that are a better fit for the Terraform workflow."
            );
            self.error(kind_span, format!("The {kind:?} provisioner has been removed"), detail);
            return None;
        }
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (when, on_failure) = (f.expr("when"), f.expr("on_failure"));
        let (connections, escapes, reserved) = (f.blocks("connection"), f.blocks("_"), f.blocks("lifecycle"));
        let mut body = f.rest();
        let when = when.map_or(When::Create, |e| match self.quoted_keyword(&e).as_deref() {
            Some("create") => When::Create,
            Some("destroy") => When::Destroy,
            _ => {
                let detail = "The \"when\" argument requires one of the following keywords: create or destroy.";
                self.error(e.span, "Invalid \"when\" keyword", detail);
                When::Create
            }
        });
        let on_failure = on_failure.map_or(OnFailure::Fail, |e| match self.quoted_keyword(&e).as_deref() {
            Some("fail") => OnFailure::Fail,
            Some("continue") => OnFailure::Continue,
            _ => {
                let detail = "The \"on_failure\" argument requires one of the following keywords: continue or fail.";
                self.error(e.span, "Invalid \"on_failure\" keyword", detail);
                OnFailure::Fail
            }
        });
        self.reserved_blocks(&reserved, "provisioner");
        let own = self.only_one(connections, "Duplicate connection block", "This provisioner already has a connection block at");
        if when == When::Destroy {
            only_self(&body, self.diags);
            own.iter().for_each(|c| only_self(c, self.diags));
        }
        self.escape(&mut body, escapes, "provisioner-typpe-specific", "provisioner");
        let connection = match (base, own) {
            (Some(base), Some(own)) => Some(over(base, own)),
            (base, own) => own.or_else(|| base.cloned()),
        };
        Some(Provisioner { kind, when, on_failure, body, connection, span })
    }

    /// The arguments in a `_` block belong to the type, whatever they are called.
    pub(super) fn escape(&mut self, body: &mut Body, blocks: Vec<BlockExpr>, specific: &str, kind: &str) {
        let mut first: Option<Span> = None;
        let once = blocks.len() == 1;
        for block in blocks {
            if let Some(first) = first {
                let detail = format!(
                    "The special block type \"_\" can be used to force particular arguments to be interpreted as {specific} rather than as meta-arguments, but each {kind} block can have only one such block. The first escaping block was at {}.",
                    self.place(first)
                );
                self.error(block.span, "Duplicate escaping block", detail);
                continue;
            }
            first = Some(block.span);
            for a in block.body.attributes {
                match body.attribute(&a.name) {
                    Some(before) if once => {
                        let detail = format!("Argument {:?} was already set at {}", &*a.name, self.place(before.name_span));
                        self.error(a.name_span, "Duplicate argument", detail);
                    }
                    Some(_) => {}
                    None => body.attributes.push(a),
                }
            }
            body.blocks.extend(block.body.blocks);
        }
    }

    /// Blocks whose names are kept for later versions of the language.
    pub(super) fn reserved_blocks(&mut self, blocks: &[BlockExpr], kind: &str) {
        for b in blocks {
            let detail = format!("The block type name {:?} is reserved for use by Terraform in a future version.", &*b.type_name);
            self.error(b.type_span, format!("Reserved block type name in {kind} block"), detail);
        }
    }

    /// A keyword, which older configurations wrote in quotes.
    fn quoted_keyword(&mut self, expr: &Expr) -> Option<Arc<str>> {
        match self.unquoted_keyword(expr) {
            Unquoted::Bare => keyword(expr).map(Arc::from),
            Unquoted::Name(name) => keyword(&name).map(Arc::from),
            Unquoted::Wrong => None,
        }
    }
}

/// One connection laid over another: its arguments win, its blocks take the place of those of their type.
fn over(base: &Body, own: Body) -> Body {
    let mut out = own;
    let attributes = base.attributes.iter().filter(|a| out.attribute(&a.name).is_none()).cloned().collect::<Vec<_>>();
    let blocks = base.blocks.iter().filter(|b| out.blocks_of(&b.type_name).next().is_none()).cloned().collect::<Vec<_>>();
    out.attributes.extend(attributes);
    out.blocks.extend(blocks);
    out
}

/// Reports what a provisioner that runs before a deletion must not refer to: other objects may be gone by then.
fn only_self(body: &Body, diags: &mut Diagnostics) {
    for a in &body.attributes {
        let mut wrong = 0;
        a.expr.visit(&mut |e| match &e.kind {
            ExprKind::Ref(r) if !is_own(r) => wrong += 1,
            ExprKind::Unresolved(_) => wrong += 1,
            _ => {}
        });
        for _ in 0..wrong {
            let detail = "Destroy-time provisioners and their connection configurations may only reference attributes of the related resource, via 'self', 'count.index', or 'each.key'.\n\nReferences to other resources during the destroy phase can cause dependency cycles and interact poorly with create_before_destroy.";
            diags.push(Diagnostic::error("Invalid reference from destroy provisioner", detail).at(a.expr.span));
        }
    }
}

fn is_own(r: &Reference) -> bool {
    let only = |wanted: &str| matches!(&*r.steps, [TraversalStep::Attr { name, .. }] if &**name == wanted);
    match &r.subject {
        Subject::SelfObject | Subject::Path | Subject::Terraform | Subject::Bound { .. } => true,
        Subject::Count => only("index"),
        Subject::Each => only("key"),
        Subject::Variable(_) | Subject::Local(_) | Subject::Resource { .. } | Subject::Module(_) => false,
    }
}
