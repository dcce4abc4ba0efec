//! The derive behind `levee-sdk`: a resource's struct is its schema.
//!
//! `#[derive(Shape)]` reads the flags of each field ([`field`]), and writes an impl of `levee_sdk::Shape` and a `Debug`
//! that masks what is sensitive ([`expand`]).

mod expand;
mod field;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `levee_sdk::Shape` and `Debug` for a struct whose fields are arguments.
///
/// A field with `#[attr(...)]` is an attribute, written `name = value`; one with `#[block(...)]` is a nested block.
/// Doc comments become the reference's text. `docs/adding-a-resource.md` lists the flags.
#[proc_macro_derive(Shape, attributes(attr, block))]
pub fn derive_shape(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::shape(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

#[cfg(test)]
mod tests;
