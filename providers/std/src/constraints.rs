//! Checks of arguments that a schema cannot express. What is unknown is not judged.

use levee_model::{Diagnostic, Diagnostics, Value};

/// The known whole number of an argument.
pub(crate) fn whole(config: &Value, name: &str) -> Option<i64> {
    config.get(name)?.as_number()?.as_i64()
}

/// The known text of an argument.
pub(crate) fn text(config: &Value, name: &str) -> Option<String> {
    config.get(name)?.as_str().map(str::to_owned)
}

/// Whether an argument is known to be null or left out.
pub(crate) fn is_absent(config: &Value, name: &str) -> bool {
    config.get(name).is_none_or(|value| value.is_null())
}

/// The number must not be less.
pub(crate) fn at_least(config: &Value, name: &str, least: i64) -> Diagnostics {
    whole(config, name)
        .filter(|n| *n < least)
        .map(|n| Diagnostic::error(format!("Invalid value for {name}"), format!("{name} must be at least {least}, not {n}.")))
        .into_iter()
        .collect()
}

/// The text, if there is one, must satisfy a test; `wanted` completes "must be".
pub(crate) fn fits(config: &Value, name: &str, wanted: &str, test: impl Fn(&str) -> bool) -> Diagnostics {
    text(config, name)
        .filter(|text| !test(text))
        .map(|_| Diagnostic::error(format!("Invalid value for {name}"), format!("{name} must be {wanted}.")))
        .into_iter()
        .collect()
}

/// Exactly one of the arguments must be set. An unknown one may turn out null.
pub(crate) fn exactly_one_of(config: &Value, names: &[&str]) -> Diagnostics {
    let present: Vec<&str> = names.iter().copied().filter(|name| !is_absent(config, name)).collect();
    let known = present.iter().filter(|name| config.get(name).is_some_and(|value| value.is_known())).count();
    let summary = "Invalid combination of arguments";
    let list = names.join(", ");
    if known > 1 {
        return Diagnostic::error(summary, format!("Only one of {list} can be set, not {}.", present.join(" and "))).into();
    }
    if present.is_empty() {
        return Diagnostic::error(summary, format!("One of {list} must be set.")).into();
    }
    Diagnostics::new()
}

/// At least one of the arguments must be set.
pub(crate) fn at_least_one_of(config: &Value, names: &[&str]) -> Diagnostics {
    if names.iter().any(|name| !is_absent(config, name)) {
        return Diagnostics::new();
    }
    let text = format!("At least one of {} must be set.", names.join(", "));
    Diagnostic::error("Missing argument", text).into()
}
