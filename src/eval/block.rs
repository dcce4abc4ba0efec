//! Whole blocks against a schema: an object of the schema's type.

use super::Scope;
use super::expression::Evaluator;
use super::iteration::elements;
use crate::config::{Attribute as Written, BlockExpr, Body, Dynamic, Syntax, suggest};
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Marks, ObjectType, Span, Type, Value};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Evaluates a block's inside. The result is an object of `schema.ty()`: what is not written is null (nested blocks: an
/// empty collection, or null where the provider fills it in), what depends on something unknown is unknown. All mistakes
/// go to `diags`.
pub fn evaluate_body(body: &Body, schema: &Block, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let mut evaluator = Evaluator::new(scope, Vec::new());
    let value = evaluator.block(body, schema);
    diags.extend(evaluator.diags);
    value
}

/// What is said of a `dynamic` block that does not have the one label that names what it makes.
fn nameless_dynamic(block: &BlockExpr) -> Diagnostic {
    match block.labels.get(1) {
        Some(more) => {
            Diagnostic::error("Extraneous label for dynamic", "Only 1 labels (type) are expected for dynamic blocks.").at(more.span)
        }
        None => Diagnostic::error("Missing type for dynamic", "All dynamic blocks must have 1 labels (type).").at(block.span),
    }
}

/// The blocks of one type, evaluated.
struct Made {
    /// Values, each with its first label.
    items: Vec<(Option<Arc<str>>, Value)>,
    /// Whether a dynamic block's number of blocks is not known.
    unknown: bool,
}

impl Evaluator<'_> {
    fn block(&mut self, body: &Body, schema: &Block) -> Value {
        self.check_names(body, schema);
        let mut members = Vec::with_capacity(schema.attributes.len() + schema.blocks.len());
        for (name, attribute) in &schema.attributes {
            let value = match body.attribute(name) {
                Some(written) => self.argument(written, attribute),
                None => self.missing_argument(body, name, attribute),
            };
            members.push((name.clone(), value));
        }
        for (name, nested) in &schema.blocks {
            members.push((name.clone(), self.nested(body, name, nested)));
        }
        Value::object(members.into())
    }

    /// Reports arguments and blocks that the schema does not have.
    fn check_names(&mut self, body: &Body, schema: &Block) {
        if body.overridden {
            return;
        }
        for a in body.attributes.iter().filter(|a| !schema.attributes.contains_key(&a.name)) {
            let tail = if body.syntax == Syntax::Json {
                let left = schema.attributes.keys().filter(|n| body.attribute(n).is_none());
                did_you_mean(&a.name, left.chain(schema.blocks.keys()))
            } else if schema.blocks.contains_key(&a.name) {
                format!(" Did you mean to define a block of type {:?}?", &*a.name)
            } else {
                did_you_mean(&a.name, schema.attributes.keys())
            };
            self.report(body.unexpected_argument(a, &tail));
        }
        for b in &body.blocks {
            if schema.blocks.contains_key(&b.type_name) || schema.attributes.get(&b.type_name).is_some_and(|a| as_blocks(&a.ty).is_some()) {
                continue;
            }
            if &*b.type_name == "dynamic" && b.dynamic.is_none() {
                self.report(nameless_dynamic(b));
                continue;
            }
            let tail = if b.dynamic.is_some() {
                String::new()
            } else if schema.attributes.contains_key(&b.type_name) {
                format!(" Did you mean to define argument {:?}? If so, use the equals sign to assign it a value.", &*b.type_name)
            } else {
                did_you_mean(&b.type_name, schema.blocks.keys())
            };
            let detail = format!("Blocks of type {:?} are not expected here.{tail}", &*b.type_name);
            self.report(Diagnostic::error("Unsupported block type", detail).at(b.type_span));
        }
    }

    fn argument(&mut self, written: &Written, attribute: &Attribute) -> Value {
        let name = &*written.name;
        let ty = constraint(attribute);
        let before = self.errors;
        let value = self.eval(&written.expr);
        if self.errors > before {
            return Value::unknown(attribute.ty.clone());
        }
        let converted = match convert(&value, &ty) {
            Ok(value) => value,
            Err(error) => {
                let path = error.path.to_string();
                let at = if path.is_empty() { String::new() } else { format!("{}: ", within(&path)) };
                let detail = format!("Inappropriate value for attribute {name:?}: {at}{}.", error.message);
                self.fail(&written.expr, written.expr.span, "Incorrect attribute value type", detail);
                return Value::unknown(attribute.ty.clone());
            }
        };
        self.check_settable(written, attribute, &converted);
        converted
    }

    /// Reports values for arguments that cannot take one.
    fn check_settable(&mut self, written: &Written, attribute: &Attribute, value: &Value) {
        let name = &*written.name;
        if value.is_null() {
            if attribute.required {
                self.missing(written.expr.span, name);
            }
            return;
        }
        // A block that may never be there may also be there with null.
        if !attribute.required && !attribute.optional && !attribute.judged && !self.doubtful {
            let detail = format!(
                "Can't configure a value for {name:?}: its value will be decided automatically based on the result of applying this configuration."
            );
            self.report(Diagnostic::error("Value for unconfigurable attribute", detail).at(written.name_span));
        }
        if attribute.unsupported {
            self.report(unsupported("argument", name, written.name_span));
        }
        if let Some(why) = attribute.deprecated {
            self.report(Diagnostic::warning("Argument is deprecated", why).at(written.name_span));
        }
    }

    fn missing(&mut self, span: Span, name: &str) {
        let detail = format!("The argument {name:?} is required, but no definition was found.");
        self.report(Diagnostic::error("Missing required argument", detail).at(span));
    }

    /// An argument that is not written as one; it may be written as blocks.
    fn missing_argument(&mut self, body: &Body, name: &str, attribute: &Attribute) -> Value {
        if let Some(block) = as_blocks(&attribute.ty)
            && body.blocks_of(name).next().is_some()
        {
            let made = self.make(body, name, &block);
            if let Some(first) = body.blocks_of(name).next() {
                if attribute.unsupported {
                    self.report(unsupported("block", name, first.type_span));
                }
                if let Some(why) = attribute.deprecated {
                    self.report(Diagnostic::warning("Argument is deprecated", why).at(first.type_span));
                }
            }
            let nesting = if matches!(attribute.ty, Type::Set(_)) { Nesting::Set } else { Nesting::List };
            return gather(nesting, &block.ty(), made);
        }
        if attribute.required {
            self.missing(body.span, name);
        }
        Value::null(attribute.ty.clone())
    }

    fn nested(&mut self, body: &Body, name: &str, schema: &NestedBlock) -> Value {
        let first = body.blocks_of(name).next().map(|b| b.type_span);
        if let Some(span) = first {
            if schema.unsupported {
                self.report(unsupported("block", name, span));
            }
            if let Some(why) = schema.deprecated {
                self.report(Diagnostic::warning("Block is deprecated", why).at(span));
            }
        }
        let made = self.make(body, name, &schema.block);
        self.check_number(name, schema, &made, first.unwrap_or(body.span));
        let ty = schema.block.ty();
        if made.items.is_empty() && !made.unknown {
            if schema.nesting == Nesting::Group {
                return self.block(&Body::empty(body.span), &schema.block);
            }
            if schema.computed {
                return Value::null(schema.ty());
            }
        }
        gather(schema.nesting, &ty, made)
    }

    fn check_number(&mut self, name: &str, schema: &NestedBlock, made: &Made, span: Span) {
        if made.unknown {
            return;
        }
        let n = made.items.len();
        let single = matches!(schema.nesting, Nesting::Single | Nesting::Group);
        let max = if single { Some(1) } else { schema.max };
        if n < schema.min {
            let (summary, detail) = if single {
                (format!("Missing {name} block"), format!("A {name} block is required."))
            } else {
                let plural = if schema.min == 1 { "block is" } else { "blocks are" };
                (format!("Insufficient {name} blocks"), format!("At least {} {name:?} {plural} required.", schema.min))
            };
            self.report(Diagnostic::error(summary, detail).at(span));
        }
        if let Some(max) = max.filter(|max| n > *max) {
            let (summary, detail) = if single {
                (format!("Duplicate {name} block"), format!("Only one {name} block is allowed."))
            } else {
                (format!("Too many {name} blocks"), format!("No more than {max} {name:?} blocks are allowed."))
            };
            self.report(Diagnostic::error(summary, detail).at(span));
        }
    }

    fn make(&mut self, body: &Body, name: &str, schema: &Block) -> Made {
        let mut made = Made { items: Vec::new(), unknown: false };
        for block in body.blocks_of(name) {
            match &block.dynamic {
                None => {
                    let label = block.labels.first().map(|l| l.text.clone());
                    let value = self.block(&block.body, schema);
                    made.items.push((label, value));
                }
                Some(dynamic) => self.make_dynamic(block, dynamic, schema, &mut made),
            }
        }
        made
    }

    fn make_dynamic(&mut self, block: &BlockExpr, dynamic: &Dynamic, schema: &Block, made: &mut Made) {
        const SUMMARY: &str = "Invalid dynamic for_each value";
        if !dynamic.problems.is_empty() {
            dynamic.problems.iter().for_each(|d| self.report(d.clone()));
            made.unknown = true;
            return;
        }
        let before = self.errors;
        let (value, marks) = self.eval(&dynamic.for_each).unmark();
        if self.errors > before {
            made.unknown = true;
            return;
        }
        let span = dynamic.for_each.span;
        if value.is_null() {
            self.fail(&dynamic.for_each, span, SUMMARY, "Cannot use a null value in for_each.");
            return;
        }
        if !value.ty().is_collection() && value.ty() != Type::Dynamic {
            let detail = format!("Cannot use a {} value in for_each. An iterable collection is required.", value.ty().friendly_name());
            self.fail(&dynamic.for_each, span, SUMMARY, detail);
            return;
        }
        let Some(items) = elements(&value) else {
            // The content is still checked, with an iterator of which nothing is known.
            let unknown = (Value::unknown(Type::Dynamic), Value::unknown(Type::Dynamic));
            let outside = std::mem::replace(&mut self.doubtful, true);
            self.one_dynamic(block, dynamic, schema, unknown, marks);
            self.doubtful = outside;
            made.unknown = true;
            return;
        };
        for item in items {
            let one = self.one_dynamic(block, dynamic, schema, item, marks);
            made.items.push(one);
        }
    }

    fn one_dynamic(
        &mut self,
        block: &BlockExpr,
        dynamic: &Dynamic,
        schema: &Block,
        item: (Value, Value),
        marks: Marks,
    ) -> (Option<Arc<str>>, Value) {
        let iterator = Value::object([(Arc::from("key"), item.0), (Arc::from("value"), item.1)].into());
        self.bound.truncate(dynamic.slot as usize);
        self.bound.push(iterator);
        let label = dynamic.labels.as_ref().and_then(|labels| {
            let value = self.eval(labels);
            value.elements()?.first()?.as_str().map(Arc::from)
        });
        let value = self.block(&block.body, schema);
        self.bound.truncate(dynamic.slot as usize);
        (label, value.mark(marks))
    }
}

/// The value of a nested block type.
fn gather(nesting: Nesting, ty: &Type, made: Made) -> Value {
    let whole = match nesting {
        Nesting::Single | Nesting::Group => ty.clone(),
        Nesting::List => Type::list(ty.clone()),
        Nesting::Set => Type::set(ty.clone()),
        Nesting::Map => Type::map(ty.clone()),
    };
    if made.unknown {
        return Value::unknown(whole);
    }
    let mut values = made.items;
    match nesting {
        Nesting::Single | Nesting::Group => values.pop().map_or_else(|| Value::null(whole), |(_, v)| v),
        Nesting::List => {
            let items: Vec<Value> = values.into_iter().map(|(_, v)| v).collect();
            if ty.has_dynamic() { Value::tuple(items) } else { Value::list(ty.clone(), items) }
        }
        Nesting::Set => Value::set(ty.clone(), values.into_iter().map(|(_, v)| v).collect()),
        Nesting::Map => {
            let items = values.into_iter().map(|(label, v)| (label.unwrap_or_else(|| Arc::from("")), v)).collect();
            if ty.has_dynamic() { Value::object(items) } else { Value::map(ty.clone(), items) }
        }
    }
}

/// A list or set of objects may be written as blocks: the schema of such a block.
fn as_blocks(ty: &Type) -> Option<Block> {
    let (Type::List(element) | Type::Set(element)) = ty else { return None };
    let Type::Object(object) = &**element else { return None };
    let member = |(name, ty): (&Arc<str>, &Type)| {
        let mut attribute = Attribute::new(ty.clone());
        attribute.optional = true;
        (name.clone(), attribute)
    };
    Some(Block { attributes: object.attributes.iter().map(member).collect(), blocks: BTreeMap::new() })
}

/// The type that a value is converted to: members of nested attributes may be left out unless they are required.
fn constraint(attribute: &Attribute) -> Type {
    let Some(nested) = &attribute.nested else { return attribute.ty.clone() };
    let attributes = nested.attributes.iter().map(|(n, a)| (n.clone(), constraint(a))).collect();
    let optional = nested.attributes.iter().filter(|(_, a)| !a.required).map(|(n, _)| n.clone()).collect();
    let inner = Type::Object(Arc::new(ObjectType { attributes, optional }));
    match nested.nesting {
        Nesting::Single | Nesting::Group => inner,
        Nesting::List => Type::list(inner),
        Nesting::Set => Type::set(inner),
        Nesting::Map => Type::map(inner),
    }
}

fn unsupported(kind: &str, name: &str, span: Span) -> Diagnostic {
    let detail =
        format!("levee knows the {kind} {name:?}, but does not carry it out yet. It is refused so that it is not ignored silently.");
    Diagnostic::error(format!("Unsupported {kind}"), detail).at(span).hint(format!("Take the {kind} out."))
}

fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a Arc<str>>) -> String {
    suggest(name, known.map(|k| &**k)).map_or_else(String::new, |close| format!(" Did you mean {close:?}?"))
}

/// Where in a value a conversion failed, in words.
fn within(path: &str) -> String {
    if path.starts_with('[') { format!("element {path}") } else { format!("attribute {path:?}") }
}
