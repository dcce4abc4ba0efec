//! What the attributes of one field say.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, ExprUnary, Field, Ident, Lit, LitInt, LitStr, Meta, Path, Result, Type, UnOp};

/// One field: an attribute or a nested block of the schema.
pub(crate) struct FieldSpec<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// Terraform's name for it.
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) kind: FieldKind,
}

pub(crate) enum FieldKind {
    Attr(AttrFlags),
    Block(BlockFlags),
}

#[derive(Default)]
pub(crate) struct AttrFlags {
    /// The schema's bool flags that are set, under their names in `levee_sdk::Attribute`.
    pub(crate) flags: Vec<Ident>,
    pub(crate) set: bool,
    /// Whether its members have flags of their own (protocol 6).
    pub(crate) nested: bool,
    pub(crate) rename: Option<String>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) default: Option<TokenStream>,
    pub(crate) equality: Option<Ident>,
    pub(crate) secrets: Option<Path>,
}

#[derive(Default)]
pub(crate) struct BlockFlags {
    /// The schema's bool flags that are set, under their names in `levee_sdk::NestedBlock`.
    pub(crate) flags: Vec<Ident>,
    /// A variant of `levee_sdk::Nesting`.
    pub(crate) nesting: Option<Ident>,
    pub(crate) rename: Option<String>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) min: Option<LitInt>,
    pub(crate) max: Option<LitInt>,
}

const ATTR_FLAGS: [&str; 8] = ["required", "optional", "computed", "force_new", "sensitive", "write_only", "unsupported", "judged"];
const BLOCK_FLAGS: [&str; 3] = ["force_new", "computed", "unsupported"];
const NESTINGS: [(&str, &str); 5] = [("single", "Single"), ("list", "List"), ("set", "Set"), ("map", "Map"), ("group", "Group")];

impl AttrFlags {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// Whether its value must not be printed.
    pub(crate) fn is_secret(&self) -> bool {
        self.has("sensitive") || self.has("write_only")
    }

    fn parse(attribute: &Attribute) -> Result<Self> {
        let mut it = Self::default();
        attribute.parse_nested_meta(|meta| it.take(&meta))?;
        it.check(attribute.span())?;
        Ok(it)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let flag = meta.path.require_ident()?;
        match flag.to_string().as_str() {
            known if ATTR_FLAGS.contains(&known) => add_flag(&mut self.flags, flag)?,
            "set" => self.set = true,
            "nested" => self.nested = true,
            "rename" => self.rename = Some(meta.value()?.parse::<LitStr>()?.value()),
            "deprecated" => self.deprecated = Some(meta.value()?.parse()?),
            "equality" => self.equality = Some(meta.value()?.parse()?),
            "secrets" => self.secrets = Some(meta.value()?.parse()?),
            "default" => self.default = Some(default_value(&meta.value()?.parse()?)?),
            _ => {
                let known = ATTR_FLAGS.join(", ");
                let text = format!("unknown flag; known: {known}, set, nested, rename, deprecated, equality, secrets, default");
                return Err(meta.error(text));
            }
        }
        Ok(())
    }

    fn check(&self, span: Span) -> Result<()> {
        let [required, optional, computed] = ["required", "optional", "computed"].map(|f| self.has(f));
        if !required && !optional && !computed {
            return Err(Error::new(span, "say who sets it: required, optional or computed"));
        }
        if required && (optional || computed) {
            return Err(Error::new(span, "a required attribute is neither optional nor computed"));
        }
        if self.default.is_some() && !optional {
            return Err(Error::new(span, "only an optional attribute has a default"));
        }
        if self.has("write_only") && computed {
            return Err(Error::new(span, "a write-only attribute is never stored, so it cannot be computed"));
        }
        Ok(())
    }
}

impl BlockFlags {
    fn parse(attribute: &Attribute) -> Result<Self> {
        let mut it = Self::default();
        attribute.parse_nested_meta(|meta| it.take(&meta))?;
        if it.nesting.is_none() {
            return Err(Error::new(attribute.span(), "say how often it stands: single, list, set, map or group"));
        }
        Ok(it)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let flag = meta.path.require_ident()?;
        let text = flag.to_string();
        if let Some((_, variant)) = NESTINGS.iter().find(|(name, _)| *name == text) {
            if self.nesting.replace(Ident::new(variant, flag.span())).is_some() {
                return Err(Error::new(flag.span(), "one nesting is enough"));
            }
            return Ok(());
        }
        match text.as_str() {
            known if BLOCK_FLAGS.contains(&known) => add_flag(&mut self.flags, flag)?,
            "rename" => self.rename = Some(meta.value()?.parse::<LitStr>()?.value()),
            "deprecated" => self.deprecated = Some(meta.value()?.parse()?),
            "min" => self.min = Some(meta.value()?.parse()?),
            "max" => self.max = Some(meta.value()?.parse()?),
            _ => {
                let known = "single, list, set, map, group, min, max, force_new, computed, unsupported, rename, deprecated";
                return Err(meta.error(format!("unknown flag; known: {known}")));
            }
        }
        Ok(())
    }
}

fn add_flag(flags: &mut Vec<Ident>, flag: &Ident) -> Result<()> {
    if flags.contains(flag) {
        return Err(Error::new(flag.span(), "said twice"));
    }
    flags.push(flag.clone());
    Ok(())
}

/// The `Value` that a literal stands for, as code.
fn default_value(expr: &Expr) -> Result<TokenStream> {
    let bad = || Error::new(expr.span(), "a default is a literal bool, number or string");
    let (minus, lit) = match expr {
        Expr::Lit(ExprLit { lit, .. }) => (false, lit),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr: inner, .. }) => match inner.as_ref() {
            Expr::Lit(ExprLit { lit: lit @ Lit::Int(_), .. }) => (true, lit),
            _ => return Err(bad()),
        },
        _ => return Err(bad()),
    };
    match lit {
        Lit::Bool(b) => Ok(quote!(__s::Value::bool(#b))),
        Lit::Int(n) if minus => Ok(quote!(__s::Value::number(-(#n as i64)))),
        Lit::Int(n) => Ok(quote!(__s::Value::number(#n as i64))),
        Lit::Str(s) => Ok(quote!(__s::Value::string(#s))),
        _ => Err(bad()),
    }
}

impl<'a> FieldSpec<'a> {
    pub(crate) fn parse(field: &'a Field) -> Result<Self> {
        let ident = field.ident.as_ref().ok_or_else(|| Error::new(field.span(), "fields need names"))?;
        let mut ours = field.attrs.iter().filter(|a| a.path().is_ident("attr") || a.path().is_ident("block"));
        let (first, second) = (ours.next(), ours.next());
        if let Some(second) = second {
            return Err(Error::new(second.span(), "one #[attr(...)] or #[block(...)] is enough"));
        }
        let Some(first) = first else {
            return Err(Error::new(ident.span(), "needs #[attr(...)] or #[block(...)]"));
        };
        let kind = if first.path().is_ident("attr") {
            FieldKind::Attr(AttrFlags::parse(first)?)
        } else {
            FieldKind::Block(BlockFlags::parse(first)?)
        };
        let rename = match &kind {
            FieldKind::Attr(flags) => flags.rename.clone(),
            FieldKind::Block(flags) => flags.rename.clone(),
        };
        let name = rename.unwrap_or_else(|| ident.unraw().to_string());
        Ok(Self { ident, ty: &field.ty, name, doc: doc_text(&field.attrs), kind })
    }
}

/// The text of the `///` comments: lines joined, paragraphs kept.
pub(crate) fn doc_text(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value else { continue };
        let line = line.value();
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}
