//! The code that a struct's fields become.

use crate::field::{AttrFlags, BlockFlags, FieldKind, FieldSpec, doc_text};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;
use syn::{Data, DeriveInput, Error, Fields, Ident, Result};

/// `impl Shape` and `impl Debug` for the struct.
pub(crate) fn shape(input: &DeriveInput) -> Result<TokenStream> {
    let fields = specs(input)?;
    let ident = &input.ident;
    let doc = doc_text(&input.attrs);
    let block = block_body(&fields);
    let from_value = from_value_body(&fields);
    let to_value = to_value_body(&fields);
    let debug = debug_body(ident, &fields);
    Ok(quote! {
        const _: () = {
            use ::levee_sdk::derive_support as __s;

            #[automatically_derived]
            impl __s::Shape for #ident {
                fn block() -> __s::Block { #block }
                fn doc() -> &'static str { #doc }
                fn ty() -> __s::Type {
                    static TYPE: ::std::sync::LazyLock<__s::Type> =
                        ::std::sync::LazyLock::new(|| <#ident as __s::Shape>::block().ty());
                    TYPE.clone()
                }
                fn from_value(value: &__s::Value) -> ::std::result::Result<Self, __s::ShapeError> { #from_value }
                fn to_value(&self) -> __s::Value { #to_value }
            }

            #[automatically_derived]
            impl ::std::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { #debug }
            }
        };
    })
}

fn specs(input: &DeriveInput) -> Result<Vec<FieldSpec<'_>>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "Shape is for structs"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.ident.span(), "Shape is for structs without generics"));
    }
    let fields = match &data.fields {
        Fields::Named(named) => named.named.iter().map(FieldSpec::parse).collect::<Result<Vec<_>>>()?,
        Fields::Unit => Vec::new(),
        Fields::Unnamed(_) => return Err(Error::new(input.ident.span(), "fields need names")),
    };
    let mut seen = BTreeSet::new();
    for field in &fields {
        if !seen.insert(&field.name) {
            return Err(Error::new(field.ident.span(), format!("two fields are named {}", field.name)));
        }
    }
    Ok(fields)
}

fn block_body(fields: &[FieldSpec<'_>]) -> TokenStream {
    let inserts = fields.iter().map(|field| match &field.kind {
        FieldKind::Attr(flags) => attribute(field, flags),
        FieldKind::Block(flags) => nested_block(field, flags),
    });
    quote! {
        let mut block = __s::Block::default();
        #(#inserts)*
        block
    }
}

fn attribute(field: &FieldSpec<'_>, flags: &AttrFlags) -> TokenStream {
    let FieldSpec { ty, name, doc, .. } = field;
    let made = if flags.set { quote!(__s::set_type(&<#ty as __s::Field>::ty())) } else { quote!(<#ty as __s::Field>::ty()) };
    let bools = &flags.flags;
    let deprecated = flags.deprecated.iter();
    let default = flags.default.iter();
    let equality = flags.equality.iter();
    let secrets = flags.secrets.iter();
    let nested = match (flags.nested, flags.set) {
        (false, _) => None,
        (true, false) => Some(quote!(<#ty as __s::Field>::members().map(::std::boxed::Box::new))),
        (true, true) => Some(quote!(<#ty as __s::Field>::members().map(__s::set_members).map(::std::boxed::Box::new))),
    };
    let nested = nested.iter();
    quote! {
        block.attributes.insert(__s::Arc::from(#name), {
            let mut attribute = __s::Attribute::new(#made);
            #(attribute.#bools = true;)*
            #(attribute.deprecated = ::std::option::Option::Some(#deprecated);)*
            #(attribute.default = ::std::option::Option::Some(#default);)*
            #(attribute.equality = __s::Equality::#equality;)*
            #(attribute.secrets = ::std::option::Option::Some(#secrets);)*
            #(attribute.nested = #nested;)*
            attribute.doc = #doc;
            attribute
        });
    }
}

fn nested_block(field: &FieldSpec<'_>, flags: &BlockFlags) -> TokenStream {
    let FieldSpec { ty, name, .. } = field;
    let nesting = &flags.nesting;
    let bools = &flags.flags;
    let deprecated = flags.deprecated.iter();
    let min = flags.min.iter();
    let max = flags.max.iter();
    quote! {
        block.blocks.insert(__s::Arc::from(#name), {
            let mut nested = <#ty as __s::Blocks<__s::nesting::#nesting>>::nested();
            #(nested.#bools = true;)*
            #(nested.deprecated = ::std::option::Option::Some(#deprecated);)*
            #(nested.min = #min;)*
            #(nested.max = ::std::option::Option::Some(#max);)*
            nested
        });
    }
}

fn from_value_body(fields: &[FieldSpec<'_>]) -> TokenStream {
    let reads = fields.iter().map(|FieldSpec { ident, ty, name, kind, .. }| match kind {
        FieldKind::Attr(_) => quote!(#ident: __s::read_field(members, #name)?),
        FieldKind::Block(BlockFlags { nesting, .. }) => {
            quote!(#ident: __s::read_blocks::<__s::nesting::#nesting, #ty>(members, #name)?)
        }
    });
    quote! {
        let members = __s::members(value)?;
        let _ = &members;
        ::std::result::Result::Ok(Self { #(#reads),* })
    }
}

fn to_value_body(fields: &[FieldSpec<'_>]) -> TokenStream {
    let count = fields.len();
    let names = fields.iter().map(|f| &f.name);
    let values = fields.iter().map(|FieldSpec { ident, ty, kind, .. }| match kind {
        // What is write-only must not come back: the result of `to_value` is what is stored.
        FieldKind::Attr(flags) if flags.has("write_only") => {
            quote!({
                let _ = &self.#ident;
                __s::Value::null(<#ty as __s::Field>::ty())
            })
        }
        FieldKind::Attr(flags) if flags.set => {
            quote!(__s::set_value(<#ty as __s::Field>::to_value(&self.#ident)))
        }
        FieldKind::Attr(_) => quote!(<#ty as __s::Field>::to_value(&self.#ident)),
        FieldKind::Block(BlockFlags { nesting, .. }) => {
            quote!(<#ty as __s::Blocks<__s::nesting::#nesting>>::to_value(&self.#ident))
        }
    });
    quote! {
        static NAMES: ::std::sync::LazyLock<[__s::Arc<str>; #count]> =
            ::std::sync::LazyLock::new(|| [#(__s::Arc::from(#names)),*]);
        let values: [__s::Value; #count] = [#(#values),*];
        __s::Value::object(NAMES.iter().cloned().zip(values).collect())
    }
}

fn debug_body(ident: &Ident, fields: &[FieldSpec<'_>]) -> TokenStream {
    let title = ident.to_string();
    let shown = fields.iter().map(|FieldSpec { ident, name, kind, .. }| match kind {
        FieldKind::Attr(flags) if flags.is_secret() => quote!(.field(#name, &::std::format_args!("(sensitive)"))),
        _ => quote!(.field(#name, &self.#ident)),
    });
    quote!(f.debug_struct(#title)#(#shown)*.finish())
}
