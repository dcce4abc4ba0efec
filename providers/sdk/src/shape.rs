//! Structs as values: what `#[derive(Shape)]` implements, and how its fields are read and written.
//!
//! A field of an attribute is a [`Field`]: `Option` of an [`Element`], or a plain [`Value`] for a dynamic attribute. A field
//! of a nested block is [`Blocks`] of a [`nesting`]. Reading drops marks, and what is unknown reads as `None`.

use crate::schema::{Block, NestedAttribute, NestedBlock, Nesting};
use levee_model::{Kind, Members, Path, Step, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A value that does not fit the struct it is read into. Never holds the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// Where, from the struct's own value on.
    pub path: Path,
    /// What was wanted there.
    pub message: String,
}

impl ShapeError {
    fn wanted(what: impl fmt::Display, got: &Value) -> Self {
        let got = if got.is_null() { "null".to_owned() } else { got.ty().friendly_name() };
        Self { path: Path::root(), message: format!("{what} wanted, not {got}") }
    }

    fn inside(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ShapeError {}

/// A struct whose fields are the arguments of a block, or the members of an object. Derive it.
pub trait Shape: Sized {
    /// The schema.
    fn block() -> Block;
    /// The struct's doc comment.
    fn doc() -> &'static str;
    /// The object type of its value.
    fn ty() -> Type {
        Self::block().ty()
    }
    /// Reads an object. Of null and of unknown, every field is `None` or empty.
    fn from_value(value: &Value) -> Result<Self, ShapeError>;
    /// The object. Write-only fields are null in it, since it is what gets stored.
    fn to_value(&self) -> Value;
}

/// The type of a field with `#[attr(...)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an attribute",
    label = "wanted: an Option of String, bool, i64, f64, Vec, BTreeSet, BTreeMap<String, _> or a Shape; or a plain Value"
)]
pub trait Field: Sized {
    /// The attribute's type.
    fn ty() -> Type;
    /// What its objects are made of, if it holds objects that derive [`Shape`].
    fn members() -> Option<NestedAttribute> {
        None
    }
    /// Reads it; null and unknown are nothing.
    fn from_value(value: &Value) -> Result<Self, ShapeError>;
    /// Writes it; nothing is null.
    fn to_value(&self) -> Value;
}

/// What an attribute or a collection may hold: a primitive, a collection, or an object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be held by an attribute",
    label = "wanted: String, bool, i64, f64, Vec, BTreeSet, BTreeMap<String, _>, Value or a struct that derives Shape"
)]
pub trait Element: Sized {
    /// Its type.
    fn element_type() -> Type;
    /// What its objects are made of, if it is or holds objects that derive [`Shape`].
    fn members() -> Option<NestedAttribute> {
        None
    }
    /// Reads it; `None` where it, or an element that it needs, is unknown. Null is an error.
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError>;
    /// Writes it.
    fn to_element(&self) -> Value;
}

impl<T: Element> Field for Option<T> {
    fn ty() -> Type {
        T::element_type()
    }
    fn members() -> Option<NestedAttribute> {
        T::members()
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        if value.is_null() { Ok(None) } else { T::from_element(value) }
    }
    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(|| Value::null(T::element_type()), T::to_element)
    }
}

/// A dynamic attribute: the value as it is, without marks; null and unknown stay what they are.
impl Field for Value {
    fn ty() -> Type {
        Type::Dynamic
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        Ok(value.clone().unmark_deep().0)
    }
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl Element for Value {
    fn element_type() -> Type {
        Type::Dynamic
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        Ok(value.is_known().then(|| value.clone().unmark_deep().0))
    }
    fn to_element(&self) -> Value {
        self.clone()
    }
}

/// A primitive: how it is read from a known value, and written.
macro_rules! primitive {
    ($rust:ty, $ty:expr, $what:literal, |$value:ident| $read:expr, |$it:ident| $write:expr) => {
        impl Element for $rust {
            fn element_type() -> Type {
                $ty
            }
            fn from_element($value: &Value) -> Result<Option<Self>, ShapeError> {
                if !$value.is_known() {
                    return Ok(None);
                }
                $read.map(Some).ok_or_else(|| ShapeError::wanted($what, $value))
            }
            fn to_element(&self) -> Value {
                let $it = self;
                $write
            }
        }
    };
}

primitive!(String, Type::String, "a string", |value| value.as_str().map(str::to_owned), |it| Value::string(it.as_str()));
primitive!(bool, Type::Bool, "a bool", |value| value.as_bool(), |it| Value::bool(*it));
primitive!(i64, Type::Number, "a whole number of 64 bits", |value| value.as_number().and_then(levee_model::Number::as_i64), |it| {
    Value::number(*it)
});
primitive!(f64, Type::Number, "a number", |value| value.as_number().map(levee_model::Number::as_f64), |it| Value::number(*it));

impl<T: Shape> Element for T {
    fn element_type() -> Type {
        T::ty()
    }
    fn members() -> Option<NestedAttribute> {
        Some(NestedAttribute { nesting: Nesting::Single, attributes: T::block().attributes })
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        match value.kind() {
            Kind::Unknown(..) => Ok(None),
            Kind::Object(_) => T::from_value(value).map(Some),
            _ => Err(ShapeError::wanted("an object", value)),
        }
    }
    fn to_element(&self) -> Value {
        T::to_value(self)
    }
}

/// An element that may be null: `Option<BTreeMap<String, Option<String>>>`.
impl<T: Element> Element for Option<T> {
    fn element_type() -> Type {
        T::element_type()
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        if value.is_null() { Ok(Some(None)) } else { Ok(T::from_element(value)?.map(Some)) }
    }
    fn to_element(&self) -> Value {
        Field::to_value(self)
    }
}

/// Reads the elements of a list, set or tuple; `None` where it or one of them is unknown.
fn elements<T: Element, C: FromIterator<T>>(value: &Value) -> Result<Option<C>, ShapeError> {
    if !value.is_known() {
        return Ok(None);
    }
    let elements = value.elements().ok_or_else(|| ShapeError::wanted("a list or set", value))?;
    let read = |(i, e)| T::from_element(e).map_err(|error| error.inside(Step::Index(i)));
    elements.iter().enumerate().map(read).collect()
}

impl<T: Element> Element for Vec<T> {
    fn element_type() -> Type {
        Type::list(T::element_type())
    }
    fn members() -> Option<NestedAttribute> {
        T::members().map(|m| NestedAttribute { nesting: Nesting::List, ..m })
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        elements(value)
    }
    fn to_element(&self) -> Value {
        Value::list(T::element_type(), self.iter().map(T::to_element).collect::<Vec<_>>())
    }
}

impl<T: Element + Ord> Element for BTreeSet<T> {
    fn element_type() -> Type {
        Type::set(T::element_type())
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        elements(value)
    }
    fn to_element(&self) -> Value {
        Value::set(T::element_type(), self.iter().map(T::to_element).collect())
    }
}

impl<T: Element> Element for BTreeMap<String, T> {
    fn element_type() -> Type {
        Type::map(T::element_type())
    }
    fn from_element(value: &Value) -> Result<Option<Self>, ShapeError> {
        if !value.is_known() {
            return Ok(None);
        }
        let members = value.members().ok_or_else(|| ShapeError::wanted("a map", value))?;
        let read = |(key, element): (&Arc<str>, &Value)| match T::from_element(element) {
            Ok(read) => Ok(read.map(|element| (key.to_string(), element))),
            Err(error) => Err(error.inside(Step::Key(key.clone()))),
        };
        members.iter().map(read).collect()
    }
    fn to_element(&self) -> Value {
        let members = self.iter().map(|(key, element)| (Arc::from(key.as_str()), element.to_element()));
        Value::map(T::element_type(), members.collect())
    }
}

/// The nestings as types, so that the compiler can tell whether a field's type fits the nesting it claims.
pub mod nesting {
    /// See [`Nesting::Single`](crate::schema::Nesting::Single).
    #[derive(Debug)]
    pub struct Single;
    /// See [`Nesting::List`](crate::schema::Nesting::List).
    #[derive(Debug)]
    pub struct List;
    /// See [`Nesting::Set`](crate::schema::Nesting::Set).
    #[derive(Debug)]
    pub struct Set;
    /// See [`Nesting::Map`](crate::schema::Nesting::Map).
    #[derive(Debug)]
    pub struct Map;
    /// See [`Nesting::Group`](crate::schema::Nesting::Group).
    #[derive(Debug)]
    pub struct Group;
}

/// The type of a field with `#[block(N, ...)]`, where `N` is one of [`nesting`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold nested blocks of this nesting",
    label = "wanted: Vec<T> for list and set, Option<T> for single, T for group, BTreeMap<String, T> for map"
)]
pub trait Blocks<N>: Sized {
    /// Its schema, without bounds and flags.
    fn nested() -> NestedBlock;
    /// Reads the blocks; null and unknown are none.
    fn from_value(value: &Value) -> Result<Self, ShapeError>;
    /// Writes them.
    fn to_value(&self) -> Value;
}

fn nested<T: Shape>(nesting: Nesting) -> NestedBlock {
    NestedBlock { nesting, min: 0, max: None, force_new: false, computed: false, unsupported: false, deprecated: None, block: T::block() }
}

impl<T: Shape> Blocks<nesting::List> for Vec<T> {
    fn nested() -> NestedBlock {
        nested::<T>(Nesting::List)
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        <Option<Self> as Field>::from_value(value).map(Option::unwrap_or_default)
    }
    fn to_value(&self) -> Value {
        self.to_element()
    }
}

impl<T: Shape> Blocks<nesting::Set> for Vec<T> {
    fn nested() -> NestedBlock {
        nested::<T>(Nesting::Set)
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        <Option<Self> as Field>::from_value(value).map(Option::unwrap_or_default)
    }
    fn to_value(&self) -> Value {
        set_value(self.to_element())
    }
}

impl<T: Shape> Blocks<nesting::Single> for Option<T> {
    fn nested() -> NestedBlock {
        nested::<T>(Nesting::Single)
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        Field::from_value(value)
    }
    fn to_value(&self) -> Value {
        Field::to_value(self)
    }
}

impl<T: Shape> Blocks<nesting::Group> for T {
    fn nested() -> NestedBlock {
        nested::<T>(Nesting::Group)
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        <T as Shape>::from_value(value)
    }
    fn to_value(&self) -> Value {
        <T as Shape>::to_value(self)
    }
}

impl<T: Shape> Blocks<nesting::Map> for BTreeMap<String, T> {
    fn nested() -> NestedBlock {
        nested::<T>(Nesting::Map)
    }
    fn from_value(value: &Value) -> Result<Self, ShapeError> {
        <Option<Self> as Field>::from_value(value).map(Option::unwrap_or_default)
    }
    fn to_value(&self) -> Value {
        self.to_element()
    }
}

/// The members of an object; none of null and of unknown.
#[doc(hidden)]
pub fn members(value: &Value) -> Result<Option<&Members>, ShapeError> {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => Ok(None),
        Kind::Object(members) | Kind::Map(_, members) => Ok(Some(members)),
        _ => Err(ShapeError::wanted("an object", value)),
    }
}

fn member<'a>(members: Option<&'a Members>, name: &str) -> std::borrow::Cow<'a, Value> {
    use std::borrow::Cow;
    members.and_then(|m| m.get(name)).map_or_else(|| Cow::Owned(Value::null(Type::Dynamic)), Cow::Borrowed)
}

/// Reads an attribute of an object.
#[doc(hidden)]
pub fn read_field<F: Field>(members: Option<&Members>, name: &str) -> Result<F, ShapeError> {
    F::from_value(&member(members, name)).map_err(|e| e.inside(Step::Attribute(Arc::from(name))))
}

/// Reads the nested blocks of a name.
#[doc(hidden)]
pub fn read_blocks<N, B: Blocks<N>>(members: Option<&Members>, name: &str) -> Result<B, ShapeError> {
    B::from_value(&member(members, name)).map_err(|e| e.inside(Step::Attribute(Arc::from(name))))
}

/// The set type with the elements of a list type.
#[doc(hidden)]
pub fn set_type(list: &Type) -> Type {
    list.element().map_or_else(|| list.clone(), |element| Type::set(element.clone()))
}

/// The same, as a set.
#[doc(hidden)]
pub fn set_members(list: NestedAttribute) -> NestedAttribute {
    NestedAttribute { nesting: Nesting::Set, ..list }
}

/// The set with the elements of a list.
#[doc(hidden)]
pub fn set_value(list: Value) -> Value {
    match list.kind() {
        Kind::List(element, elements) => Value::set(element.clone(), elements.to_vec()),
        Kind::Null(ty) => Value::null(set_type(ty)),
        _ => list,
    }
}

#[cfg(test)]
mod tests;
