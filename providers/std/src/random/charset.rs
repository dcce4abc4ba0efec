//! Random texts of classes of characters, for passwords and strings.

use crate::constraints::{at_least, is_absent, whole};
use crate::entropy::Source;
use crate::triggers;
use levee_model::{Diagnostic, Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError};

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// One class of characters.
pub(crate) struct Class {
    characters: Vec<char>,
    /// Whether the rest of the text may hold them.
    allowed: bool,
    /// At least so many.
    min: usize,
}

impl Class {
    fn new(characters: &str, allowed: Option<bool>, min: Option<i64>) -> Self {
        let min = usize::try_from(min.unwrap_or(0)).unwrap_or(0);
        Self { characters: characters.chars().collect(), allowed: allowed.unwrap_or(true), min }
    }

    /// Capital letters.
    pub(crate) fn upper(allowed: Option<bool>, min: Option<i64>) -> Self {
        Self::new(UPPER, allowed, min)
    }
    /// Small letters.
    pub(crate) fn lower(allowed: Option<bool>, min: Option<i64>) -> Self {
        Self::new(LOWER, allowed, min)
    }
    /// Digits.
    pub(crate) fn numeric(allowed: Option<bool>, min: Option<i64>) -> Self {
        Self::new(NUMERIC, allowed, min)
    }
    /// Punctuation: the usual ones, or those given.
    pub(crate) fn special(allowed: Option<bool>, min: Option<i64>, instead: Option<&str>) -> Self {
        Self::new(instead.filter(|text| !text.is_empty()).unwrap_or(SPECIAL), allowed, min)
    }
}

/// A random text of so many characters: from each class its minimum, the rest from all that are allowed, in random order.
pub(crate) fn generate(length: Option<i64>, classes: &[Class]) -> Result<String> {
    let length = length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let mut source = Source::Os;
    let mut text = Vec::with_capacity(length);
    for class in classes {
        for _ in 0..class.min {
            text.push(*source.pick(&class.characters)?);
        }
    }
    let all: Vec<char> = classes.iter().filter(|c| c.allowed).flat_map(|c| &c.characters).copied().collect();
    if text.len() > length || (all.is_empty() && text.len() < length) {
        return Err(ProviderError::invalid("the minimums do not fit the length, or no class of characters is allowed"));
    }
    while text.len() < length {
        text.push(*source.pick(&all)?);
    }
    source.shuffle(&mut text)?;
    Ok(text.into_iter().collect())
}

const MINIMUMS: [&str; 4] = ["min_lower", "min_numeric", "min_special", "min_upper"];

/// Checks length, minimums and classes.
pub(crate) fn validate(config: &Value) -> Diagnostics {
    let mut out = at_least(config, "length", 1);
    for name in MINIMUMS {
        out.extend(at_least(config, name, 0));
    }
    let least: i64 = MINIMUMS.iter().filter_map(|name| whole(config, name)).sum();
    if let Some(length) = whole(config, "length").filter(|length| *length < least) {
        let text = format!("length is {length}, but {} add up to {least}.", MINIMUMS.join(", "));
        out.push(Diagnostic::error("The text is too short for its minimums", text));
    }
    let is_off = |name: &str| config.get(name).and_then(|v| v.as_bool()) == Some(false);
    if is_off("upper") && is_off("lower") && is_off("special") && (is_off("numeric") || is_off("number")) {
        let text = "At least one of lower, numeric, special and upper must be true.";
        out.push(Diagnostic::error("No class of characters is allowed", text));
    }
    if !is_absent(config, "number") && !is_absent(config, "numeric") {
        let (old, new) = (config.get("number"), config.get("numeric"));
        let both = old.and_then(|v| v.as_bool()).zip(new.and_then(|v| v.as_bool()));
        if both.is_some_and(|(old, new)| old != new) {
            let text = "number is the old name of numeric; set numeric only.";
            out.push(Diagnostic::error("number and numeric contradict each other", text));
        }
    }
    out
}

/// Plans what both types share: `number` and `numeric` are one, and some changes are none.
pub(crate) fn plan(draft: &mut Draft) {
    let set = ["numeric", "number"].into_iter().map(|name| draft.config(name)).find(|value| !value.is_null());
    let value = set.unwrap_or_else(|| Value::bool(true));
    for name in ["numeric", "number"] {
        draft.set(name, value.clone());
        if !draft.is_create() && draft.changes(name) {
            draft.force_replace(name);
        }
    }
    triggers::plan(draft, "keepers");
    let is_default = |value: Value| value.is_null() || value.as_str() == Some("");
    if is_default(draft.prior("override_special")) && is_default(draft.planned("override_special")) {
        triggers::keep(draft, "override_special");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(min: i64, special: &str) -> [Class; 4] {
        [
            Class::upper(Some(false), Some(0)),
            Class::lower(Some(true), Some(min)),
            Class::numeric(Some(true), Some(min)),
            Class::special(Some(false), Some(min), Some(special)),
        ]
    }

    #[test]
    fn minimums_classes_and_length_are_kept() {
        for _ in 0..50 {
            let text = generate(Some(12), &classes(3, "é_")).expect("it fits");
            let count = |test: fn(char) -> bool| text.chars().filter(|c| test(*c)).count();
            assert_eq!(text.chars().count(), 12);
            assert_eq!(count(|c| c.is_ascii_uppercase()), 0);
            assert_eq!(count(|c| "é_".contains(c)), 3);
            assert!(count(|c| c.is_ascii_lowercase()) >= 3 && count(|c| c.is_ascii_digit()) >= 3);
        }
    }

    #[test]
    fn the_minimums_do_not_always_come_first() {
        let class = || [Class::upper(Some(false), Some(1)), Class::lower(None, None)];
        let firsts: Vec<bool> =
            (0..100).map(|_| generate(Some(10), &class()).expect("it fits").starts_with(|c: char| c.is_ascii_uppercase())).collect();
        assert!(firsts.contains(&false), "a hundred times in a row is no chance");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(generate(Some(5), &classes(3, "_")).is_err());
        assert!(generate(Some(5), &[Class::upper(Some(false), None)]).is_err());
    }
}
