//! `metadata functions -json`: the functions of the language with their parameters.

use serde_json::{Map, Value as Json, json};

/// Version of the format.
const FORMAT_VERSION: &str = "1.0";

/// What Terraform's document holds beside the descriptions is part of the language: names, parameters, types.
const SIGNATURES: &str = include_str!("functions.json");

/// The document. Every function has its plain name and one in the namespace of the language.
pub(crate) fn document() -> Json {
    let plain: Map<String, Json> = serde_json::from_str(SIGNATURES).expect("the file is part of the program, and a test reads it");
    let named = plain.iter().map(|(name, f)| (format!("core::{name}"), f.clone()));
    let all: Map<String, Json> = plain.clone().into_iter().chain(named).collect();
    json!({ "format_version": FORMAT_VERSION, "function_signatures": all })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::console;
    use std::collections::BTreeSet;

    #[test]
    fn every_function_is_listed_with_its_parameters() {
        let document = document();
        let listed = document["function_signatures"].as_object().expect("an object");
        // `list` and `map` are there only to say what to write instead.
        let old = ["list", "map"];
        let evaluated: BTreeSet<&str> = console::functions().filter(|n| !n.contains("::") && !old.contains(n)).collect();
        // These three look at expressions, not at values.
        let special = ["can", "templatestring", "try"];
        for name in evaluated.iter().copied().chain(special) {
            assert!(listed.contains_key(name) && listed.contains_key(&format!("core::{name}")), "{name}");
        }
        for (name, f) in listed {
            let plain = name.strip_prefix("core::").unwrap_or(name);
            assert!(evaluated.contains(plain) || special.contains(&plain), "{name}");
            assert!(f["description"].as_str().is_some_and(|d| d.ends_with('.')), "{name}");
        }
    }
}
