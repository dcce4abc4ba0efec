//! JSON values to blocks.

use super::super::body::{Attribute, BlockExpr, Body, Dynamic, Label, Syntax};
use super::super::expr::Expr;
use super::super::names::Names;
use super::super::parse::Item;
use super::super::schema::{NestedBlocks, SchemaOf, Schemas};
use super::super::suggest::suggest;
use super::super::types::as_path;
use super::layout::{Form, Layout, Nested, Open, ROOT, VALUES};
use levee_model::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use levee_syntax::json::{Node, NodeKind, Property};
use std::sync::Arc;

const SUMMARY: &str = "Incorrect JSON value type";

/// Reads the values of one file.
pub(super) struct Reader<'a> {
    pub(super) source: SourceId,
    pub(super) sources: &'a Sources,
    pub(super) names: &'a mut Names,
    pub(super) diags: &'a mut Diagnostics,
    pub(super) schemas: Schemas,
    /// Iterators of the dynamic blocks around.
    pub(super) bound: Vec<Arc<str>>,
}

/// The place of a block's word, and what it is.
#[derive(Clone, Copy)]
struct Heading<'n> {
    type_name: &'n Arc<str>,
    type_span: Span,
}

/// A block's inside.
#[derive(Clone, Copy)]
struct Found<'n> {
    labels: &'n [Label],
    node: &'n Node,
    /// Where it, or the array it stands in, begins.
    span: Span,
}

/// What is done with each block's inside.
type Each<'e, R> = &'e mut dyn FnMut(&mut R, Found<'_>);

/// What a body may hold: what the language says, and what a schema says.
#[derive(Clone, Copy)]
struct Rules<'n> {
    layout: &'static Layout,
    schema: Option<&'n NestedBlocks>,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, span: Span, summary: &str, detail: impl Into<String>) {
        self.diags.push(Diagnostic::error(summary, detail).at(span));
    }

    /// The blocks of a configuration file.
    pub(super) fn file(&mut self, root: &Node) -> Vec<Item> {
        let body = self.body(root, Rules { layout: &ROOT, schema: None });
        for a in &body.attributes {
            let known = ROOT.blocks.iter().map(|b| b.name);
            let tail = suggest(&a.name, known).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
            let detail = format!("No argument or block type is named {:?}.{tail}", &*a.name);
            self.error(a.name_span, "Extraneous JSON object property", detail);
        }
        body.blocks.into_iter().map(Item::Block).collect()
    }

    /// One argument, unless one of its name stands before it: `duplicate` is what is said then, and how often.
    fn argument(
        &mut self,
        p: &Property,
        before: &[&Property],
        duplicate: (&str, usize),
        read: impl FnOnce(&mut Self, &Node) -> Expr,
    ) -> Option<Attribute> {
        if let Some(first) = before.iter().find(|q| q.name == p.name) {
            let at = self.sources.place(Span { end: first.value.span.end, ..first.name_span });
            let detail = format!("The argument {:?} was already set at {at}.", &*p.name);
            (0..duplicate.1).for_each(|_| self.error(p.name_span, duplicate.0, &*detail));
            return None;
        }
        Some(Attribute { name: self.names.get(&p.name), name_span: p.name_span, expr: read(self, &p.value) })
    }

    fn body(&mut self, node: &Node, rules: Rules<'_>) -> Body {
        let mut out = Body { syntax: Syntax::Json, ..Body::empty(node.missing()) };
        let layout = rules.layout;
        if layout.form != Form::Mixed {
            out.attributes = self.all_arguments(node, layout.form);
            return out;
        }
        let properties = self.properties(node, None, layout.passes);
        for (i, p) in properties.iter().enumerate() {
            let heading = Heading { type_name: &p.name, type_span: p.name_span };
            if &*p.name == "//" {
                continue;
            } else if let Some(nested) = layout.blocks.iter().find(|b| b.name == &*p.name) {
                self.language_blocks(heading, nested, &p.value, rules.schema, &mut out.blocks);
            } else if let Some(schema) = rules.schema.filter(|_| &*p.name == "dynamic") {
                self.labelled(heading, &p.value, &["type"], 1, &mut |r, found| r.dynamics(heading, found, schema, &mut out.blocks));
            } else if let Some((schema, labels)) = rules.schema.and_then(|s| s.get(&p.name)) {
                self.labelled(heading, &p.value, labels, 1, &mut |r, found| r.schema_blocks(heading, found, schema, &mut out.blocks));
            } else {
                let read = Self::reading(layout, &p.name);
                out.attributes.extend(self.argument(p, &properties[..i], ("Duplicate argument", (layout.passes / 2).max(1)), read));
            }
        }
        out
    }

    /// How an argument of a layout is read.
    fn reading(layout: &Layout, name: &str) -> fn(&mut Self, &Node) -> Expr {
        if layout.texts.contains(&name) {
            |r, n| r.text(n)
        } else if layout.names.contains(&name) {
            |r, n| r.name(n)
        } else if layout.expressions.contains(&name) {
            |r, n| r.expression(n)
        } else {
            |r, n| r.value(n)
        }
    }

    /// The properties of an object, each an argument.
    pub(super) fn all_arguments(&mut self, node: &Node, form: Form) -> Vec<Attribute> {
        let NodeKind::Object(properties) = &node.kind else {
            self.error(node.start(), SUMMARY, "A JSON object is required here, setting the arguments for this block.");
            return Vec::new();
        };
        let properties: Vec<&Property> = properties.iter().filter(|p| &*p.name != "//").collect();
        let mut out = Vec::new();
        for (i, p) in properties.iter().enumerate() {
            let argument = self.argument(p, &properties[..i], ("Duplicate attribute definition", 1), |r, n| match form {
                Form::Texts => r.text(n),
                Form::Requirements => r.requirement(n),
                Form::Mixed | Form::Values => r.value(n),
            });
            out.extend(argument);
        }
        out
    }

    /// The properties of an object, or of all objects of an array. `label` is what the names are, if they are labels.
    fn properties<'n>(&mut self, node: &'n Node, label: Option<&str>, passes: usize) -> Vec<&'n Property> {
        let purpose = match label {
            None => "to define arguments and child blocks.".to_owned(),
            Some(label) => format!("to specify {label} labels for this block."),
        };
        match &node.kind {
            NodeKind::Null => Vec::new(),
            NodeKind::Object(properties) => properties.iter().collect(),
            NodeKind::Array(items) => {
                let mut out = Vec::new();
                for item in items {
                    match &item.kind {
                        NodeKind::Object(properties) => out.extend(properties),
                        _ => self.repeat(item.start(), &format!("A JSON object is required here, {purpose}"), passes),
                    }
                }
                out
            }
            _ => {
                let detail = format!("Either a JSON object or JSON array of objects is required here, {purpose}");
                self.repeat(node.start(), &detail, passes);
                Vec::new()
            }
        }
    }

    fn repeat(&mut self, span: Span, detail: &str, passes: usize) {
        (0..passes).for_each(|_| self.error(span, SUMMARY, detail));
    }

    /// Goes down as many objects as there are labels, and hands over what stands below each path of them.
    fn labelled(&mut self, heading: Heading<'_>, node: &Node, labels: &[&str], passes: usize, each: Each<'_, Self>) {
        self.label(heading, node, labels, &mut Vec::new(), passes, each);
    }

    fn label(&mut self, heading: Heading<'_>, node: &Node, left: &[&str], used: &mut Vec<Label>, passes: usize, each: Each<'_, Self>) {
        let Some((label, left)) = left.split_first() else { return self.contents(heading, node, used, passes, each) };
        let properties = self.properties(node, Some(label), passes);
        if properties.is_empty() {
            let kind = heading.type_name;
            let detail = format!("At least one object property is required, whose name represents the {kind} block's {label}.");
            self.error(node.start(), "Missing block label", detail);
        }
        for p in properties {
            used.push(Label { text: self.names.get(&p.name), span: p.name_span });
            self.label(heading, &p.value, left, used, passes, each);
            used.pop();
        }
    }

    /// One block for an object, several for an array.
    fn contents(&mut self, heading: Heading<'_>, node: &Node, labels: &[Label], passes: usize, each: Each<'_, Self>) {
        match &node.kind {
            NodeKind::Null => {}
            NodeKind::Object(_) => each(self, Found { labels, node, span: node.start() }),
            NodeKind::Array(items) => items.iter().for_each(|n| each(self, Found { labels, node: n, span: node.start() })),
            _ => {
                let kind = heading.type_name;
                let detail =
                    format!("Either a JSON object or a JSON array is required, representing the contents of one or more {kind:?} blocks.");
                self.repeat(node.start(), &detail, passes);
            }
        }
    }

    /// Blocks that the language defines.
    fn language_blocks(
        &mut self,
        heading: Heading<'_>,
        nested: &'static Nested,
        value: &Node,
        around: Option<&NestedBlocks>,
        out: &mut Vec<BlockExpr>,
    ) {
        self.labelled(heading, value, nested.labels, nested.passes, &mut |r, found| {
            let first = found.labels.first().map_or("", |l| &*l.text);
            let of_type = match nested.layout.open {
                Open::No | Open::Around => None,
                Open::Resource(mode) => Some((r.schemas.0)(SchemaOf::Resource(mode, first))),
                Open::Provider => Some((r.schemas.0)(SchemaOf::Provider(first))),
            };
            let schema = if nested.layout.open == Open::Around { around } else { of_type.as_ref() };
            let body = r.body(found.node, Rules { layout: nested.layout, schema });
            out.push(r.block(heading, found, body));
        });
    }

    fn block(&mut self, heading: Heading<'_>, found: Found<'_>, body: Body) -> BlockExpr {
        BlockExpr {
            type_name: self.names.get(heading.type_name),
            type_span: heading.type_span,
            labels: found.labels.to_vec(),
            body,
            dynamic: None,
            span: found.span,
        }
    }

    /// A block that a schema defines.
    fn schema_blocks(&mut self, heading: Heading<'_>, found: Found<'_>, schema: &NestedBlocks, out: &mut Vec<BlockExpr>) {
        let body = self.body(found.node, Rules { layout: &VALUES, schema: Some(schema) });
        out.push(self.block(heading, found, body));
    }

    /// A `dynamic` block.
    fn dynamics(&mut self, heading: Heading<'_>, found: Found<'_>, schema: &NestedBlocks, out: &mut Vec<BlockExpr>) {
        let Some(made) = found.labels.first() else { return };
        let node = found.node;
        let properties = self.properties(node, None, 1);
        let one = |name: &str| properties.iter().find(|p| &*p.name == name).map(|p| &p.value);
        for p in &properties {
            if !["for_each", "iterator", "labels", "content", "//"].contains(&&*p.name) {
                let detail = format!("No argument or block type is named {:?}.", &*p.name);
                self.error(p.name_span, "Extraneous JSON object property", detail);
            }
        }
        let Some(for_each) = one("for_each") else {
            let detail = "The argument \"for_each\" is required, but no definition was found.";
            return self.error(node.missing(), "Missing required argument", detail);
        };
        let for_each = self.value(for_each);
        let iterator = match one("iterator") {
            None => made.text.clone(),
            Some(node) => match self.iterator(node) {
                Some(name) => name,
                None => return,
            },
        };
        let slot = u32::try_from(self.bound.len()).unwrap_or(u32::MAX);
        self.bound.push(iterator.clone());
        let labels = one("labels").map(|n| self.value(n));
        let content = self.content(heading, &properties, node, schema.get(&made.text).map(|(inner, _)| inner));
        self.bound.truncate(slot as usize);
        let Some(body) = content else { return };
        let problems = Diagnostics::new();
        let dynamic = Dynamic { for_each, iterator, slot, labels, problems, span: heading.type_span };
        out.push(BlockExpr {
            type_name: made.text.clone(),
            type_span: made.span,
            labels: Vec::new(),
            body,
            dynamic: Some(Box::new(dynamic)),
            span: found.span,
        });
    }

    fn iterator(&mut self, node: &Node) -> Option<Arc<str>> {
        let expr = self.name(node);
        match as_path(&expr) {
            Some((name, steps)) if steps.is_empty() => Some(name),
            _ => {
                self.error(node.span, "Invalid expression", "The iterator is a single name.");
                None
            }
        }
    }

    /// The inside of the blocks that a `dynamic` block makes.
    fn content(&mut self, heading: Heading<'_>, properties: &[&Property], node: &Node, schema: Option<&NestedBlocks>) -> Option<Body> {
        let mut found = Vec::new();
        for p in properties.iter().filter(|p| &*p.name == "content") {
            let heading = Heading { type_name: &p.name, ..heading };
            self.contents(heading, &p.value, &[], 1, &mut |r, inside| {
                found.push(r.body(inside.node, Rules { layout: &VALUES, schema }));
            });
        }
        if found.len() != 1 {
            let (summary, detail) = if found.is_empty() {
                ("Insufficient content blocks", "A dynamic block has exactly one \"content\" block, which describes the blocks to make.")
            } else {
                ("Too many content blocks", "A dynamic block has exactly one \"content\" block.")
            };
            self.error(node.missing(), summary, detail);
        }
        found.into_iter().next()
    }
}
