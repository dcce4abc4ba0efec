//! What a type is made of: a table of fields, each with Terraform's name for it, Kubernetes' name for it, and how the one's
//! value becomes the other's. Schemas and both conversions are read from these tables.

use levee_sdk::model::{Type, Value};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use std::borrow::Cow;
use std::sync::Arc;

/// How a value looks on our side, and what it becomes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// A text. An empty one is not sent: Kubernetes takes it for nothing.
    Text,
    Bool,
    Number,
    /// A text with a whole number in it, which is a number there; it tells 0 from nothing.
    Int,
    /// A text: a whole number there if it looks like one, else a text (`80`, `http`, `25%`).
    IntOrText,
    /// A text with an octal number, which is a number there: the mode of a file.
    Octal,
    /// A text with an amount: `500m`, `1Gi`. Amounts that are the same are no difference.
    Quantity,
    Texts,
    TextSet,
    NumberSet,
    Numbers,
    TextMap,
    /// A text, which is in base64 there.
    Bytes,
    /// A map of texts, each of which is in base64 there.
    BytesMap,
    /// A map of amounts.
    Quantities,
    /// A block that stands once; an object there.
    One(&'static [Field]),
    /// A block that stands often; a list there.
    Many(&'static [Field]),
    /// As `Many`, without an order on our side.
    Set(&'static [Field]),
    /// The `timeouts` block with these members.
    Timeouts(&'static [&'static str]),
}

/// A default.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fixed {
    Text(&'static str),
    Bool(bool),
    Number(i64),
}

/// One argument.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag of Terraform's schema format")]
pub(crate) struct Field {
    /// Terraform's name.
    pub(crate) name: &'static str,
    /// Kubernetes' name, where it is not Terraform's in camel case.
    wire: Option<&'static str>,
    pub(crate) form: Form,
    pub(crate) required: bool,
    pub(crate) optional: bool,
    pub(crate) computed: bool,
    pub(crate) force_new: bool,
    pub(crate) sensitive: bool,
    pub(crate) write_only: bool,
    pub(crate) unsupported: bool,
    /// Kubernetes does not know it: what it says is for us.
    pub(crate) local: bool,
    /// 0 is not sent.
    pub(crate) unless_zero: bool,
    /// A block of it is an attribute of our side, which cannot be written as a block.
    attribute: bool,
    deprecated: bool,
    pub(crate) default: Option<Fixed>,
    /// What tells the elements of a list apart, in Kubernetes' name.
    pub(crate) key: Option<&'static str>,
    min: usize,
    max: Option<usize>,
}

const fn field(name: &'static str, form: Form) -> Field {
    Field {
        name,
        wire: None,
        form,
        required: false,
        optional: false,
        computed: false,
        force_new: false,
        sensitive: false,
        write_only: false,
        unsupported: false,
        local: false,
        unless_zero: false,
        attribute: false,
        deprecated: false,
        default: None,
        key: None,
        min: 0,
        max: None,
    }
}

/// One function a form, so that a table reads as a list of fields.
macro_rules! forms {
    ($($function:ident => $form:ident),+ $(,)?) => {$(
        pub(crate) const fn $function(name: &'static str) -> Field {
            field(name, Form::$form)
        }
    )+};
}

forms! {
    text => Text, boolean => Bool, number => Number, int => Int, int_or_text => IntOrText, octal => Octal, quantity => Quantity, bytes => Bytes,
    texts => Texts, text_set => TextSet, numbers => Numbers, number_set => NumberSet, text_map => TextMap, bytes_map => BytesMap, quantities => Quantities,
}

/// A block that stands at most once.
pub(crate) const fn one(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Form::One(fields)).at_most(1)
}

/// A block that may stand often.
pub(crate) const fn many(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Form::Many(fields))
}

/// A block that may stand often, in no order.
pub(crate) const fn set_of(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Form::Set(fields))
}

/// How long operations may take.
pub(crate) const fn timeouts(of: &'static [&'static str]) -> Field {
    field("timeouts", Form::Timeouts(of)).local()
}

/// One method a flag.
macro_rules! flags {
    ($($flag:ident),+ $(,)?) => {$(
        pub(crate) const fn $flag(mut self) -> Self {
            self.$flag = true;
            self
        }
    )+};
}

impl Field {
    flags!(required, optional, computed, force_new, sensitive, write_only, unsupported, local, unless_zero, attribute, deprecated);

    /// Kubernetes' name for it.
    pub(crate) const fn wire(mut self, name: &'static str) -> Self {
        self.wire = Some(name);
        self
    }
    /// Its fields are members of what it stands in.
    pub(crate) const fn inline(self) -> Self {
        self.wire(INLINE)
    }
    pub(crate) const fn default(mut self, value: Fixed) -> Self {
        self.default = Some(value);
        self
    }
    pub(crate) const fn keyed(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
    pub(crate) const fn at_least(mut self, min: usize) -> Self {
        self.min = min;
        self
    }
    pub(crate) const fn at_most(mut self, max: usize) -> Self {
        self.max = Some(max);
        self
    }
    /// Terraform's schema lets it stand often, though only the first one is anything.
    pub(crate) const fn loose(mut self) -> Self {
        self.max = None;
        self
    }

    /// Kubernetes' name for it; `None` where its fields are members of what it stands in.
    pub(crate) fn wire_name(&self) -> Option<Cow<'static, str>> {
        match self.wire {
            Some(INLINE) => None,
            Some(name) => Some(Cow::Borrowed(name)),
            None => Some(camel(self.name)),
        }
    }

    /// Whether it is always there.
    pub(crate) fn is_needed(&self) -> bool {
        self.required || self.min > 0
    }

    /// What it is made of, where it is a block.
    pub(crate) fn inside(&self) -> Option<&'static [Field]> {
        match self.form {
            Form::One(fields) | Form::Many(fields) | Form::Set(fields) => Some(fields),
            _ => None,
        }
    }

    /// The type of its value.
    pub(crate) fn ty(&self) -> Type {
        match self.form {
            Form::Text | Form::Int | Form::IntOrText | Form::Octal | Form::Quantity | Form::Bytes => Type::String,
            Form::Bool => Type::Bool,
            Form::Number => Type::Number,
            Form::Texts => Type::list(Type::String),
            Form::TextSet => Type::set(Type::String),
            Form::Numbers => Type::list(Type::Number),
            Form::NumberSet => Type::set(Type::Number),
            Form::TextMap | Form::BytesMap | Form::Quantities => Type::map(Type::String),
            Form::One(fields) | Form::Many(fields) => Type::list(object_type(fields)),
            Form::Set(fields) => Type::set(object_type(fields)),
            Form::Timeouts(of) => Type::object(of.iter().map(|name| (Arc::from(*name), Type::String)).collect()),
        }
    }

    /// What it is where the configuration says nothing.
    pub(crate) fn default_value(&self) -> Option<Value> {
        self.default.map(|fixed| match fixed {
            Fixed::Text(text) => Value::string(text),
            Fixed::Bool(b) => Value::bool(b),
            Fixed::Number(n) => Value::number(n),
        })
    }

    /// Nothing, as a value of it.
    pub(crate) fn nothing(&self) -> Value {
        match self.ty() {
            Type::List(element) if self.inside().is_some() => Value::list((*element).clone(), Vec::new()),
            Type::Set(element) if self.inside().is_some() => Value::set((*element).clone(), Vec::new()),
            ty => Value::null(ty),
        }
    }
}

const INLINE: &str = ".";

/// `min_ready_seconds` → `minReadySeconds`.
fn camel(name: &'static str) -> Cow<'static, str> {
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The type of an object with these fields.
pub(crate) fn object_type(fields: &[Field]) -> Type {
    Type::object(fields.iter().map(|f| (Arc::from(f.name), f.ty())).collect())
}

/// The schema of a block with these fields.
pub(crate) fn block(fields: &[Field]) -> Block {
    let mut block = Block::default();
    for field in fields {
        match field.form {
            Form::Timeouts(of) => {
                block.blocks.insert(Arc::from(field.name), timeouts_block(of));
            }
            Form::One(inside) | Form::Many(inside) | Form::Set(inside) if !field.attribute => {
                block.blocks.insert(Arc::from(field.name), nested(field, inside));
            }
            _ => {
                block.attributes.insert(Arc::from(field.name), attribute(field));
            }
        }
    }
    block
}

fn attribute(field: &Field) -> Attribute {
    Attribute {
        required: field.required,
        optional: field.optional,
        computed: field.computed,
        force_new: field.force_new,
        sensitive: field.sensitive,
        write_only: field.write_only,
        unsupported: field.unsupported,
        deprecated: field.deprecated.then_some("Terraform's provider has it for older configurations."),
        default: field.default_value(),
        ..Attribute::new(field.ty())
    }
}

fn nested(field: &Field, inside: &[Field]) -> NestedBlock {
    NestedBlock {
        nesting: if matches!(field.form, Form::Set(_)) { Nesting::Set } else { Nesting::List },
        min: field.min,
        max: field.max,
        force_new: field.force_new,
        computed: false,
        unsupported: field.unsupported,
        deprecated: None,
        block: block(inside),
    }
}

fn timeouts_block(of: &[&'static str]) -> NestedBlock {
    let attribute = || Attribute { optional: true, ..Attribute::new(Type::String) };
    let block = Block { attributes: of.iter().map(|name| (Arc::from(*name), attribute())).collect(), ..Block::default() };
    let nesting = Nesting::Single;
    NestedBlock { nesting, min: 0, max: None, force_new: false, computed: false, unsupported: false, deprecated: None, block }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_camel_case_unless_they_are_said() {
        assert_eq!(text("min_ready_seconds").wire_name().as_deref(), Some("minReadySeconds"));
        assert_eq!(text("cluster_ip").wire("clusterIP").wire_name().as_deref(), Some("clusterIP"));
        assert_eq!(one("source", &[]).inline().wire_name(), None);
    }
}
