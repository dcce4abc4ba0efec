//! The tree of a text, as it is written: names are not looked up, and what could not be read is [`ExprKind::Invalid`].
//!
//! Text is borrowed where it stands in the source as it is; only escapes and indentation make copies.

use levee_model::{Number, SourceId, Span};
use std::borrow::Cow;

/// Which bytes of the text something covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Range {
    /// From the beginning of this to the end of that.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }

    /// The place behind its last byte.
    #[must_use]
    pub fn after(self) -> Self {
        Self { start: self.end, end: self.end }
    }

    /// The place in front of its first byte.
    #[must_use]
    pub fn before(self) -> Self {
        Self { start: self.start, end: self.start }
    }

    /// As a place in a file, in which the text begins at `offset`.
    pub fn span(self, source: SourceId, offset: u32) -> Span {
        Span { source, start: offset.saturating_add(self.start), end: offset.saturating_add(self.end) }
    }
}

/// A whole file, or the inside of a block.
#[derive(Clone, Debug, Default)]
pub struct Body<'t> {
    /// Arguments in the order they are written; names are unique.
    pub attributes: Vec<Attribute<'t>>,
    /// Blocks in the order they are written.
    pub blocks: Vec<Block<'t>>,
}

/// `name = value`
#[derive(Clone, Debug)]
pub struct Attribute<'t> {
    /// The name.
    pub name: &'t str,
    /// Where the name stands.
    pub name_range: Range,
    /// The value.
    pub expr: Expr<'t>,
}

/// `type "label" { ... }`
#[derive(Clone, Debug)]
pub struct Block<'t> {
    /// The type.
    pub type_name: &'t str,
    /// Where the type stands.
    pub type_range: Range,
    /// Words or quoted texts after the type.
    pub labels: Vec<Label<'t>>,
    /// The opening brace; the type itself where none could be found.
    pub open: Range,
    /// The closing brace, likewise.
    pub close: Range,
    /// What stands between the braces.
    pub body: Body<'t>,
}

/// One label of a block.
#[derive(Clone, Debug)]
pub struct Label<'t> {
    /// The text, without quotes and escapes.
    pub text: Cow<'t, str>,
    /// With its quotes.
    pub range: Range,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr<'t> {
    /// What it is.
    pub kind: ExprKind<'t>,
    /// All of its text.
    pub range: Range,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind<'t> {
    /// It could not be read; the diagnostics say why.
    Invalid,
    /// `null`
    Null,
    /// `true` and `false`
    Bool(bool),
    /// A number, exactly as written.
    Number(Number),
    /// Text without any interpolation or directive, its escapes resolved.
    String(Cow<'t, str>),
    /// Text with interpolations or directives.
    Template(Vec<Part<'t>>),
    /// Text that is one interpolation and nothing else.
    Wrap(Box<Expr<'t>>),
    /// `(a)`
    Paren(Box<Expr<'t>>),
    /// A name.
    Name(&'t str),
    /// The element that a splat goes through, in the expression for each of them.
    Item,
    /// `a.b[0].1`
    Traverse(Box<Expr<'t>>, Vec<Step<'t>>),
    /// `a[*].b` and `a.*.b`
    Splat(Box<Splat<'t>>),
    /// `-a`, `!a`
    Unary(UnaryOp, Box<Expr<'t>>),
    /// `a + b - c`: operators of one precedence, from the left to the right
    Binary(Box<Binary<'t>>),
    /// `a ? b : c`
    Conditional(Box<Conditional<'t>>),
    /// `[for ...]`, `{for ...}`
    For(Box<For<'t>>),
    /// `[a, b]`
    Tuple(Vec<Expr<'t>>),
    /// `{a = b}`
    Object(Vec<Item<'t>>),
    /// `f(a, b...)`
    Call(Box<Call<'t>>),
}

/// A step of a traversal.
#[derive(Clone, Debug)]
pub enum Step<'t> {
    /// `.name`
    Attr {
        /// The name.
        name: &'t str,
        /// With the dot.
        range: Range,
    },
    /// `[key]`, or the old `.0`
    Index {
        /// The key.
        key: Expr<'t>,
        /// With the brackets, or the dot.
        range: Range,
    },
}

impl Step<'_> {
    /// Where it stands.
    pub fn range(&self) -> Range {
        match self {
            Self::Attr { range, .. } | Self::Index { range, .. } => *range,
        }
    }
}

/// A splat.
#[derive(Clone, Debug)]
pub struct Splat<'t> {
    /// What it goes through.
    pub source: Expr<'t>,
    /// Whether it is `[*]`, which takes all that follows to each element, and not `.*`, which takes attributes.
    pub full: bool,
    /// `[*]` or `.*`
    pub marker: Range,
    /// What is done with each element, which stands there as [`ExprKind::Item`].
    pub each: Expr<'t>,
}

/// A chain of operators of one precedence.
#[derive(Clone, Debug)]
pub struct Binary<'t> {
    /// The first operand.
    pub first: Expr<'t>,
    /// Each operator with its right operand. Never empty.
    pub rest: Vec<(BinaryOp, Expr<'t>)>,
}

/// `condition ? yes : no`
#[derive(Clone, Debug)]
pub struct Conditional<'t> {
    /// Before the question mark.
    pub condition: Expr<'t>,
    /// Before the colon.
    pub yes: Expr<'t>,
    /// After the colon.
    pub no: Expr<'t>,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For<'t> {
    /// The first of two names.
    pub key_name: Option<&'t str>,
    /// The only name, or the second.
    pub value_name: &'t str,
    /// What it goes through.
    pub collection: Expr<'t>,
    /// Whether it stands in braces.
    pub object: bool,
    /// Before `=>`
    pub key: Option<Expr<'t>>,
    /// The element.
    pub value: Expr<'t>,
    /// After `if`
    pub condition: Option<Expr<'t>>,
    /// `...` after the value
    pub grouping: bool,
}

/// One item of an object.
#[derive(Clone, Debug)]
pub struct Item<'t> {
    /// The left side.
    pub key: Expr<'t>,
    /// The right side.
    pub value: Expr<'t>,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call<'t> {
    /// The name, with its namespaces: `a::b`.
    pub name: Cow<'t, str>,
    /// Where the name stands.
    pub name_range: Range,
    /// The opening parenthesis.
    pub open: Range,
    /// The closing one; where reading went on, if there is none.
    pub close: Range,
    /// The arguments.
    pub arguments: Vec<Expr<'t>>,
    /// `...` after the last one
    pub expand_final: bool,
}

/// A part of a template. White space that `~` or `<<-` takes away is gone.
#[derive(Clone, Debug)]
pub enum Part<'t> {
    /// Text, its escapes resolved.
    Literal(Cow<'t, str>, Range),
    /// `${...}`
    Interpolation(Expr<'t>),
    /// `%{if}...%{else}...%{endif}`
    If(Box<PartIf<'t>>),
    /// `%{for}...%{endfor}`
    For(Box<PartFor<'t>>),
}

/// An `if` directive.
#[derive(Clone, Debug)]
pub struct PartIf<'t> {
    /// Which of the two it is.
    pub condition: Expr<'t>,
    /// What stands there if it is true.
    pub yes: Vec<Part<'t>>,
    /// What stands there if it is false.
    pub no: Vec<Part<'t>>,
    /// From the first marker to the last.
    pub range: Range,
}

/// A `for` directive.
#[derive(Clone, Debug)]
pub struct PartFor<'t> {
    /// The first of two names.
    pub key_name: Option<&'t str>,
    /// The only name, or the second.
    pub value_name: &'t str,
    /// What it goes through.
    pub collection: Expr<'t>,
    /// What is repeated.
    pub body: Vec<Part<'t>>,
    /// From the first marker to the last.
    pub range: Range,
}

/// `-` and `!`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl BinaryOp {
    /// How tightly it binds; equal ones go from the left to the right.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Modulo => 6,
        }
    }
}

impl Expr<'_> {
    /// The name that it is when names stand for themselves, as in an object's key: `true` and `null` are names, too.
    pub fn keyword(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Bool(true) => Some("true"),
            ExprKind::Bool(false) => Some("false"),
            ExprKind::Null => Some("null"),
            _ => None,
        }
    }
}
