//! What is read from the environment.

use std::collections::BTreeMap;

const VARIABLE_PREFIX: &str = "TF_VAR_";

/// Input variables: `TF_VAR_zone=...`, by their names. What is not Unicode cannot be a value and is left out.
pub(crate) fn input_variables() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_owned(), value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Whether the user wants no colours anywhere (the convention of no-color.org).
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
}
