//! Terraform's type system.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A type. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Not known yet, or "anything" in a constraint.
    Dynamic,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([T, ...])`
    Tuple(Arc<[Type]>),
    /// `object({name = T, ...})`
    Object(Arc<ObjectType>),
}

/// The members of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectType {
    /// Members by name.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Members that may be left out (only in constraints; values have none).
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }
    /// `set(element)`
    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }
    /// `map(element)`
    pub fn map(element: Type) -> Self {
        Self::Map(Arc::new(element))
    }
    /// `tuple([...])`
    pub fn tuple(elements: impl Into<Arc<[Type]>>) -> Self {
        Self::Tuple(elements.into())
    }
    /// `object({...})` without optional members.
    pub fn object(attributes: BTreeMap<Arc<str>, Type>) -> Self {
        Self::Object(Arc::new(ObjectType { attributes, optional: BTreeSet::new() }))
    }
    /// Whether it is bool, number or string.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
    /// Whether it is a list, set, tuple, map or object.
    pub fn is_collection(&self) -> bool {
        !self.is_primitive() && *self != Self::Dynamic
    }
    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(t) | Self::Set(t) | Self::Map(t) => Some(t),
            _ => None,
        }
    }
    /// Whether `Dynamic` stands anywhere in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(t) | Self::Set(t) | Self::Map(t) => t.has_dynamic(),
            Self::Tuple(ts) => ts.iter().any(Self::has_dynamic),
            Self::Object(o) => o.attributes.values().any(Self::has_dynamic),
        }
    }
    /// The type of a value in words, as Terraform's messages say it: `list of string`, `object`.
    pub fn friendly_name(&self) -> String {
        self.in_words("dynamic")
    }
    /// The type as something wanted: as [`Type::friendly_name`], but `list of any single type` where any will do.
    pub fn constraint_name(&self) -> String {
        if *self == Self::Dynamic { "any type".into() } else { self.in_words("any single type") }
    }

    fn in_words(&self, dynamic: &str) -> String {
        match self {
            Self::Dynamic => dynamic.into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(t) => format!("list of {}", t.in_words(dynamic)),
            Self::Set(t) => format!("set of {}", t.in_words(dynamic)),
            Self::Map(t) => format!("map of {}", t.in_words(dynamic)),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }
}

/// The type as a constraint is written: `list(string)`, `object({a=number})`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(t) => write!(f, "list({t})"),
            Self::Set(t) => write!(f, "set({t})"),
            Self::Map(t) => write!(f, "map({t})"),
            Self::Tuple(ts) => {
                f.write_str("tuple([")?;
                for (i, t) in ts.iter().enumerate() {
                    write!(f, "{}{t}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("])")
            }
            Self::Object(o) => {
                f.write_str("object({")?;
                for (i, (name, t)) in o.attributes.iter().enumerate() {
                    let sep = if i > 0 { ", " } else { "" };
                    if o.optional.contains(name) {
                        write!(f, "{sep}{name}=optional({t})")?;
                    } else {
                        write!(f, "{sep}{name}={t}")?;
                    }
                }
                f.write_str("})")
            }
        }
    }
}
