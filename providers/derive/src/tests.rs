//! What the derive says about mistakes.

use crate::expand::shape;
use proc_macro2::TokenStream;
use quote::quote;

/// The message about a struct with this field.
fn complaint(field: &TokenStream) -> String {
    let input = syn::parse2(quote!(struct Thing { #field })).expect("it is a struct");
    shape(&input).expect_err("it should be refused").to_string()
}

#[test]
fn mistakes_in_flags_are_named() {
    let cases = [
        (quote!(#[attr(requird)] a: X), "unknown flag; known: required, optional"),
        (quote!(#[attr(force_new)] a: X), "say who sets it"),
        (quote!(#[attr(required, computed)] a: X), "neither optional nor computed"),
        (quote!(#[attr(computed, default = 1)] a: X), "only an optional attribute has a default"),
        (quote!(#[attr(optional, default = f())] a: X), "a default is a literal"),
        (quote!(#[attr(optional, optional)] a: X), "said twice"),
        (quote!(#[attr(computed, write_only)] a: X), "never stored"),
        (quote!(#[block(min = 1)] a: X), "say how often it stands"),
        (quote!(#[block(list, set)] a: X), "one nesting is enough"),
        (quote!(#[block(list, maximum = 1)] a: X), "unknown flag; known: single, list"),
        (quote!(#[attr(optional)] #[block(list)] a: X), "is enough"),
        (quote!(a: X), "needs #[attr(...)] or #[block(...)]"),
        (quote!(#[attr(optional)] a: X, #[attr(optional, rename = "a")] b: X), "two fields are named a"),
    ];
    for (field, wanted) in cases {
        let said = complaint(&field);
        assert!(said.contains(wanted), "{said:?} does not contain {wanted:?}");
    }
}

#[test]
fn only_plain_structs_are_shapes() {
    for item in [
        quote!(
            enum E {}
        ),
        quote!(
            struct T(X);
        ),
        quote!(
            struct G<T> {
                #[attr(optional)]
                a: T,
            }
        ),
    ] {
        let input = syn::parse2(item).expect("it is an item");
        assert!(shape(&input).is_err());
    }
}
