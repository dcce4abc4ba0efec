//! The values of a release: documents, one over the other, and assignments over them all, as one document.

use crate::set_path::{self, Reading};
use levee_sdk::error::{ProviderError, Result};
use serde_json::{Map, Value as Json};

/// What is shown in place of a sensitive value.
pub(crate) const HIDDEN: &str = "(sensitive value)";

/// What is shown in place of one that is not the one that it should be.
const OTHER: &str = "(sensitive value, changed outside of levee)";

/// Shorter texts are found in words that mean something else.
const SHORTEST_SECRET: usize = 4;

/// One assignment.
#[derive(Clone)]
pub(crate) struct Assignment {
    /// Keys and indexes.
    pub(crate) name: String,
    /// The value's text.
    pub(crate) value: String,
    /// `auto`, `string` or `literal`.
    pub(crate) kind: Option<String>,
}

/// All that is said about the values, in the order in which it counts.
#[derive(Clone, Default)]
pub(crate) struct Said {
    /// YAML documents; later ones are laid over earlier ones.
    pub(crate) documents: Vec<String>,
    pub(crate) set: Vec<Assignment>,
    pub(crate) lists: Vec<(String, Vec<String>)>,
    /// Not to be shown.
    pub(crate) sensitive: Vec<Assignment>,
    /// Not to be shown, nor kept.
    pub(crate) write_only: Vec<Assignment>,
}

impl Said {
    /// All of it as one document.
    pub(crate) fn merged(&self) -> Result<Map<String, Json>> {
        let mut out = Map::new();
        for (i, text) in self.documents.iter().enumerate() {
            let document = parse(text).map_err(|why| ProviderError::invalid(format!("values[{i}]: {why}")))?;
            lay(&mut out, document);
        }
        self.set.iter().try_for_each(|one| one.carry_out(&mut out, "set"))?;
        for (name, elements) in &self.lists {
            let value = format!("{{{}}}", elements.join(","));
            let assigned = set_path::assign(&mut out, name, &value, Reading::Guessed);
            assigned.map_err(|why| wrong("set_list", name, &why))?;
        }
        self.sensitive.iter().try_for_each(|one| one.carry_out(&mut out, "set_sensitive"))?;
        let mut over = Map::new();
        self.write_only.iter().try_for_each(|one| one.carry_out(&mut over, "set_wo"))?;
        lay(&mut out, over);
        Ok(out)
    }

    /// A document with what is not to be shown, and nothing else.
    fn secret(&self) -> Map<String, Json> {
        let mut out = Map::new();
        for one in self.sensitive.iter().chain(&self.write_only) {
            // What cannot be carried out is told where the values are merged.
            let _ = one.carry_out(&mut out, "");
        }
        out
    }

    /// The same document, without what is not to be shown.
    pub(crate) fn masked(&self, document: &Json) -> Json {
        self.masked_beside(document, None)
    }

    /// The same; and where something that is not shown is not what it should be, that is told.
    pub(crate) fn masked_beside(&self, document: &Json, wanted: Option<&Json>) -> Json {
        let mut out = document.clone();
        mask(&mut out, &Json::Object(self.secret()), wanted);
        out
    }

    /// Texts that nobody is to see, the longest first.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut out = Vec::new();
        texts(&Json::Object(self.secret()), &mut out);
        out.extend(self.sensitive.iter().chain(&self.write_only).map(|a| a.value.clone()));
        for document in self.documents.iter().filter_map(|text| parse(text).ok()) {
            named_as_secret(&Json::Object(document), &mut out);
        }
        out.retain(|text| text.len() >= SHORTEST_SECRET);
        out.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        out.dedup();
        out
    }
}

impl Assignment {
    fn carry_out(&self, into: &mut Map<String, Json>, argument: &str) -> Result<()> {
        let Self { name, value, kind } = self;
        let assigned = match kind.as_deref() {
            None | Some("" | "auto") => set_path::assign(into, name, value, Reading::Guessed),
            Some("string") => set_path::assign(into, name, value, Reading::Text),
            Some("literal") => literal(value).map(|value| drop(into.insert(name.clone(), value))),
            Some(_) => Err("its type is neither auto nor string nor literal".into()),
        };
        assigned.map_err(|why| wrong(argument, name, &why))
    }
}

fn wrong(argument: &str, name: &str, why: &str) -> ProviderError {
    ProviderError::invalid(format!("{argument} of {name:?}: {why}"))
}

/// A value as YAML has it, under a name that is one key whatever it looks like.
fn literal(text: &str) -> std::result::Result<Json, String> {
    yaml(text).map_err(|_| "it is no YAML".to_owned())
}

/// As Helm reads YAML: by version 1.1, in which `yes` is true and `0777` octal.
pub(crate) fn yaml(text: &str) -> std::result::Result<Json, String> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        strict_booleans: false,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
    };
    if text.trim().is_empty() {
        return Ok(Json::Null);
    }
    serde_saphyr::from_str_with_options(text, options).map_err(|e| {
        // The message may show the text.
        let at = e.location().map(|l| format!(" (line {})", l.line())).unwrap_or_default();
        format!("it is no YAML{at}")
    })
}

fn parse(text: &str) -> std::result::Result<Map<String, Json>, String> {
    match yaml(text)? {
        Json::Object(map) => Ok(map),
        Json::Null => Ok(Map::new()),
        _ => Err("it is no map".into()),
    }
}

/// Lays one document over another: maps are merged, everything else is replaced.
pub(crate) fn lay(base: &mut Map<String, Json>, over: Map<String, Json>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Json::Object(below)), Json::Object(above)) => lay(below, above),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

/// `wanted` is what should be there, where that is known.
fn mask(document: &mut Json, secret: &Json, wanted: Option<&Json>) {
    match (document, secret) {
        (Json::Object(inside), Json::Object(hidden)) => {
            for (key, hidden) in hidden {
                if let Some(inside) = inside.get_mut(key) {
                    mask(inside, hidden, wanted.map(|w| &w[key.as_str()]));
                }
            }
        }
        (Json::Array(inside), Json::Array(hidden)) => {
            for (i, (inside, hidden)) in inside.iter_mut().zip(hidden).enumerate().filter(|(_, (_, hidden))| !hidden.is_null()) {
                mask(inside, hidden, wanted.map(|w| &w[i]));
            }
        }
        (place, _) => *place = if wanted.is_none_or(|w| same(place, w)) { HIDDEN } else { OTHER }.into(),
    }
}

/// Whether two documents say the same to a chart: numbers by their worth, and nothing where something is null.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            let within = |a: &Map<String, Json>, b: &Map<String, Json>| {
                a.iter().filter(|(_, v)| !v.is_null()).all(|(k, v)| b.get(k).is_some_and(|other| same(v, other)))
            };
            within(a, b) && within(b, a)
        }
        _ => a == b,
    }
}

/// All texts and numbers in a document.
pub(crate) fn texts(of: &Json, out: &mut Vec<String>) {
    match of {
        Json::String(text) => out.push(text.clone()),
        Json::Number(number) => out.push(number.to_string()),
        Json::Array(elements) => elements.iter().for_each(|e| texts(e, out)),
        Json::Object(members) => members.values().for_each(|m| texts(m, out)),
        Json::Null | Json::Bool(_) => {}
    }
}

/// What lies under keys that are called as secrets usually are.
fn named_as_secret(of: &Json, out: &mut Vec<String>) {
    const WORDS: [&str; 6] = ["password", "passwd", "secret", "token", "credential", "privatekey"];
    match of {
        Json::Object(members) => {
            for (key, value) in members {
                let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
                if WORDS.iter().any(|word| plain.contains(word)) { texts(value, out) } else { named_as_secret(value, out) }
            }
        }
        Json::Array(elements) => elements.iter().for_each(|e| named_as_secret(e, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assignment(name: &str, value: &str, kind: Option<&str>) -> Assignment {
        Assignment { name: name.into(), value: value.into(), kind: kind.map(str::to_owned) }
    }

    #[test]
    fn what_comes_later_lies_above() {
        let said = Said {
            documents: vec!["a: {x: 1, y: [1, 2]}\nb: yes\nc: 0777\n".into(), String::new(), "a: {y: [3]}\nd: null".into()],
            set: vec![assignment("a.x", "2", None), assignment("e.f", "1", Some("literal"))],
            lists: vec![("l".into(), vec!["1".into(), "b".into()])],
            sensitive: vec![assignment("a.pw", "hush", None), assignment("n", "17", Some("string"))],
            write_only: vec![assignment("a.wo", "quiet", None)],
        };
        let merged = Json::Object(said.merged().unwrap());
        let wanted = json!({
            "a": { "x": 2, "y": [3], "pw": "hush", "wo": "quiet" }, "b": true, "c": 511, "d": null, "e.f": 1, "l": [1, "b"], "n": "17",
        });
        assert_eq!(merged, wanted);
        let shown = said.masked(&merged).to_string();
        assert!(same(&json!({ "a": 1, "b": null, "c": [1.0] }), &json!({ "a": 1.0, "c": [1] })) && !same(&json!({ "a": 1 }), &json!({})));
        let other = said.masked_beside(&json!({ "a": { "pw": "their", "x": 1 } }), Some(&merged));
        assert_eq!(other, json!({ "a": { "pw": OTHER, "x": 1 } }));
        assert!(!shown.contains("hush") && !shown.contains("quiet") && shown.contains(r#""n":"(sensitive value)""#), "{shown}");
    }

    #[test]
    fn secrets_are_known_by_their_names_too() {
        let said =
            Said { documents: vec!["db: {adminPassword: open-sesame, host: somewhere}\ntoken_list: [abcd, x]".into()], ..Said::default() };
        assert_eq!(said.secrets(), ["open-sesame", "abcd"]);
    }

    #[test]
    fn mistakes_are_told_without_values() {
        let broken = |said: Said| said.merged().unwrap_err().message;
        let document = broken(Said { documents: vec!["a: [hush".into()], ..Said::default() });
        assert!(document.starts_with("values[0]: it is no YAML") && !document.contains("hush"), "{document}");
        let list = broken(Said { documents: vec!["- a".into()], ..Said::default() });
        assert_eq!(list, "values[0]: it is no map");
        let set = broken(Said { sensitive: vec![assignment("a", "hush,hush", None)], ..Said::default() });
        assert!(set.starts_with("set_sensitive of \"a\": ") && !set.contains("hush"), "{set}");
    }
}
