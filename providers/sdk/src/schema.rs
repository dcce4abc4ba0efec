//! What a type looks like: its attributes and nested blocks, with everything the engine needs to plan it.

use levee_model::{Path, Type, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A resource type, a data source or a provider configuration.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Raised when stored values of an earlier version must be upgraded.
    pub version: u64,
    /// Its arguments.
    pub block: Block,
    /// One paragraph for the reference.
    pub doc: &'static str,
    made: Made,
}

/// What is made of a schema once, and asked for with every object.
#[derive(Clone, Debug, Default)]
struct Made {
    ty: OnceLock<Type>,
    unknown: OnceLock<Value>,
}

impl Schema {
    /// A schema.
    pub fn new(version: u64, block: Block, doc: &'static str) -> Self {
        Self { version, block, doc, made: Made::default() }
    }

    /// The object type of its values.
    pub fn ty(&self) -> Type {
        self.made.ty.get_or_init(|| self.block.ty()).clone()
    }

    /// An object of which nothing but its type is known: each part is unknown.
    pub fn unknown_parts(&self) -> Value {
        let made = self.made.unknown.get_or_init(|| match self.ty() {
            Type::Object(o) => Value::object(o.attributes.iter().map(|(name, ty)| (name.clone(), Value::unknown(ty.clone()))).collect()),
            ty => Value::unknown(ty),
        });
        made.clone()
    }
}

/// The inside of a block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Arguments written `name = value`.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Arguments written `name { ... }`.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
}

/// One argument.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag of Terraform's schema format")]
pub struct Attribute {
    /// Its type.
    pub ty: Type,
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// The provider fills it in (when it is not set, if it is optional as well).
    pub computed: bool,
    /// Cannot be changed in place.
    pub force_new: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Which parts of its value are never shown, where that depends on the value.
    pub secrets: Option<fn(&Value) -> Vec<Path>>,
    /// Sent to the API, never stored.
    pub write_only: bool,
    /// Declared because Terraform's provider has it, but not carried out yet: an error when it is set.
    pub unsupported: bool,
    /// A value for it is judged by the type's own check, though it is one that only the provider decides.
    pub judged: bool,
    /// Why not to use it.
    pub deprecated: Option<&'static str>,
    /// What it is when it is not set.
    pub default: Option<Value>,
    /// When two different values mean the same.
    pub equality: Equality,
    /// Set for attributes whose object members have flags of their own (protocol 6).
    pub nested: Option<Box<NestedAttribute>>,
    /// One sentence for the reference.
    pub doc: &'static str,
}

impl Attribute {
    /// An attribute of a type with no flag set.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            required: false,
            optional: false,
            computed: false,
            force_new: false,
            sensitive: false,
            secrets: None,
            write_only: false,
            unsupported: false,
            judged: false,
            deprecated: None,
            default: None,
            equality: Equality::Exact,
            nested: None,
            doc: "",
        }
    }
}

/// The members of a nested attribute.
#[derive(Clone, Debug)]
pub struct NestedAttribute {
    /// How many there may be.
    pub nesting: Nesting,
    /// Its members.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
}

/// When two different values mean the same, so that a difference is no change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Equality {
    /// Never.
    #[default]
    Exact,
    /// JSON documents with the same content.
    Json,
    /// IAM policy documents that mean the same: order of sets, scalar or list, account id or its root principal.
    IamPolicy,
    /// Text that differs in case only.
    CaseInsensitive,
    /// CIDR blocks of the same network.
    Cidr,
}

/// How often a nested block may stand, and what its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// Once; an object or null.
    Single,
    /// Any number; a list of objects.
    List,
    /// Any number; a set of objects.
    Set,
    /// Any number with a label each; a map of objects.
    Map,
    /// Once, and never null.
    Group,
}

/// A nested block type.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// How often it may stand.
    pub nesting: Nesting,
    /// Least number.
    pub min: usize,
    /// Greatest number, where there is one.
    pub max: Option<usize>,
    /// A change anywhere in it cannot be made in place.
    pub force_new: bool,
    /// The provider fills it in when it is not written (a list or set attribute written as blocks).
    pub computed: bool,
    /// Declared, but not carried out yet: an error when it is written.
    pub unsupported: bool,
    /// Why not to use it.
    pub deprecated: Option<&'static str>,
    /// Its inside.
    pub block: Block,
}

impl Block {
    /// The object type of the block's value: attributes and nested blocks together.
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|(n, a)| (n.clone(), a.ty.clone()));
        let blocks = self.blocks.iter().map(|(n, b)| (n.clone(), b.ty()));
        Type::object(attributes.chain(blocks).collect())
    }
}

impl NestedBlock {
    /// The type of the argument's value.
    pub fn ty(&self) -> Type {
        let inner = self.block.ty();
        match self.nesting {
            Nesting::Single | Nesting::Group => inner,
            Nesting::List => Type::list(inner),
            Nesting::Set => Type::set(inner),
            Nesting::Map => Type::map(inner),
        }
    }
}

/// All schemas of a provider, as `providers schema -json` shows them.
#[derive(Clone, Debug, Default)]
pub struct ProviderSchema {
    /// The provider block.
    pub provider: Schema,
    /// Resource types.
    pub resources: BTreeMap<&'static str, Arc<Schema>>,
    /// Data sources.
    pub data_sources: BTreeMap<&'static str, Arc<Schema>>,
    /// Ephemeral types.
    pub ephemeral: BTreeMap<&'static str, Arc<Schema>>,
}
