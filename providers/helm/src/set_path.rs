//! Assignments as `helm --set` takes them: `a.b[0].c=x,d={1,2}`.
//!
//! A name is keys with dots between, and indexes in brackets. A value ends at a comma, behind which another assignment begins;
//! braces make a list. A backslash takes what follows as it is. No error here shows a value.

use serde_json::{Map, Value as Json};
use std::iter::Peekable;
use std::str::Chars;

/// Longer lists are a slip of the pen (Helm's own limit).
const LARGEST_INDEX: usize = 65_536;
/// Deeper names, likewise.
const DEEPEST: usize = 30;

/// How a value's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// `true`, `false`, `null` and whole numbers are what they look like; everything else is text.
    Guessed,
    /// Text, whatever it looks like.
    Text,
}

/// Carries an assignment out.
pub(crate) fn assign(into: &mut Map<String, Json>, name: &str, value: &str, reading: Reading) -> Result<(), String> {
    let line = format!("{name}={value}");
    let mut parser = Parser { rest: line.chars().peekable(), reading };
    while parser.rest.peek().is_some() {
        parser.key(into, 0)?;
    }
    Ok(())
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    reading: Reading,
}

impl Parser<'_> {
    /// What stands before one of these, and which it is; `None` at the end.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut out = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                c if stops.contains(&c) => return (out, Some(c)),
                '\\' => out.extend(self.rest.next()),
                c => out.push(c),
            }
        }
        (out, None)
    }

    fn key(&mut self, into: &mut Map<String, Json>, depth: usize) -> Result<(), String> {
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        let value = match stop {
            None => return Err("a part of it has no value (write \\, for a comma that belongs to the value)".into()),
            Some(',') => return Err("a part of it has no value (it cannot end with a comma)".into()),
            Some('=') => self.value()?,
            Some('[') => {
                let index = self.index()?;
                let mut list = match into.get_mut(&key).map(Json::take) {
                    None | Some(Json::Null) => Vec::new(),
                    Some(Json::Array(list)) => list,
                    Some(_) => return Err(format!("{key} has an index, but is no list")),
                };
                self.element(&mut list, index, depth)?;
                Json::Array(list)
            }
            Some(_) => {
                if depth >= DEEPEST {
                    return Err(format!("it is deeper than {DEEPEST} levels"));
                }
                let mut inner = match into.get_mut(&key).map(Json::take) {
                    None | Some(Json::Null) => Map::new(),
                    Some(Json::Object(inner)) => inner,
                    Some(_) => return Err(format!("{key} has something below it, but is no map")),
                };
                self.key(&mut inner, depth + 1)?;
                if inner.is_empty() {
                    return Err(format!("{key} has no value"));
                }
                Json::Object(inner)
            }
        };
        if !key.is_empty() {
            into.insert(key, value);
        }
        Ok(())
    }

    fn index(&mut self) -> Result<usize, String> {
        let (text, stop) = self.until(&[']']);
        let index = text.parse::<usize>().ok().filter(|i| stop.is_some() && *i <= LARGEST_INDEX);
        index.ok_or_else(|| format!("an index is a whole number from 0 to {LARGEST_INDEX} in brackets"))
    }

    fn element(&mut self, list: &mut Vec<Json>, index: usize, depth: usize) -> Result<(), String> {
        let (between, stop) = self.until(&['[', '.', '=']);
        if !between.is_empty() {
            return Err("behind an index comes a dot, another index, or the value".into());
        }
        let there = list.get_mut(index).map(Json::take);
        let value = match stop {
            None => return Err("behind an index, the value is missing".into()),
            Some('=') => self.value()?,
            Some('[') => {
                let next = self.index()?;
                let mut inner = match there {
                    None | Some(Json::Null) => Vec::new(),
                    Some(Json::Array(inner)) => inner,
                    Some(_) => return Err("there are two indexes, but no list in the list".into()),
                };
                self.element(&mut inner, next, depth)?;
                Json::Array(inner)
            }
            Some(_) => {
                // What is no map there makes room for one.
                let mut inner = match there {
                    Some(Json::Object(inner)) => inner,
                    _ => Map::new(),
                };
                self.key(&mut inner, depth)?;
                Json::Object(inner)
            }
        };
        if list.len() <= index {
            list.resize(index + 1, Json::Null);
        }
        list[index] = value;
        Ok(())
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.rest.peek() != Some(&'{') {
            let (text, _) = self.until(&[',']);
            return Ok(self.read(text));
        }
        self.rest.next();
        let mut list = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            match stop {
                None => return Err("a list ends with }".into()),
                Some('}') => {
                    list.push(self.read(text));
                    self.rest.next_if_eq(&',');
                    return Ok(Json::Array(list));
                }
                Some(_) => list.push(self.read(text)),
            }
        }
    }

    fn read(&self, text: String) -> Json {
        if self.reading == Reading::Text {
            return Json::String(text);
        }
        match text.to_ascii_lowercase().as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            "0" => Json::from(0),
            _ if text.starts_with('0') => Json::String(text),
            _ => text.parse::<i64>().map_or(Json::String(text), Json::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(into: Json, name: &str, value: &str, reading: Reading) -> Result<Json, String> {
        let Json::Object(mut map) = into else { unreachable!() };
        assign(&mut map, name, value, reading).map(|()| Json::Object(map))
    }

    #[track_caller]
    fn check(into: Json, name: &str, value: &str, wanted: &Json) {
        assert_eq!(set(into, name, value, Reading::Guessed).unwrap(), *wanted);
    }

    #[test]
    fn values_are_what_they_look_like() {
        for (text, wanted) in [
            ("1", json!(1)),
            ("-7", json!(-7)),
            ("0", json!(0)),
            ("0123", json!("0123")),
            ("1.5", json!("1.5")),
            ("9223372036854775808", json!("9223372036854775808")),
            ("True", json!(true)),
            ("false", json!(false)),
            ("null", json!(null)),
            ("", json!("")),
            ("a=b", json!("a=b")),
            (r"a\,b", json!("a,b")),
            (r"c:\\x", json!(r"c:\x")),
            ("{}", json!([""])),
            ("{1,b,true}", json!([1, "b", true])),
            (r"{a\,b,c}", json!(["a,b", "c"])),
        ] {
            check(json!({}), "k", text, &json!({ "k": wanted }));
        }
        assert_eq!(set(json!({}), "k", "1", Reading::Text).unwrap(), json!({ "k": "1" }));
        assert_eq!(set(json!({}), "k", "{1,null}", Reading::Text).unwrap(), json!({ "k": ["1", "null"] }));
    }

    #[test]
    fn names_lead_into_maps_and_lists() {
        check(json!({ "a": { "b": 1 } }), "a.c", "2", &json!({ "a": { "b": 1, "c": 2 } }));
        check(json!({}), r"a\.b.c", "x", &json!({ "a.b": { "c": "x" } }));
        check(json!({}), "a[1]", "x", &json!({ "a": [null, "x"] }));
        check(json!({ "a": [1, 2] }), "a[1]", "x", &json!({ "a": [1, "x"] }));
        check(json!({}), "a[0].b", "x", &json!({ "a": [{ "b": "x" }] }));
        check(json!({ "a": [{ "b": "x" }] }), "a[0].c", "y", &json!({ "a": [{ "b": "x", "c": "y" }] }));
        check(json!({ "a": [1] }), "a[0].c", "y", &json!({ "a": [{ "c": "y" }] }));
        check(json!({}), "a[0][1]", "{x}", &json!({ "a": [[null, ["x"]]] }));
        check(json!({ "a": null }), "a.b", "1", &json!({ "a": { "b": 1 } }));
        check(json!({}), "a", "1,b.c=2", &json!({ "a": 1, "b": { "c": 2 } }));
        check(json!({}), "a", "{1},b=2", &json!({ "a": [1], "b": 2 }));
    }

    #[test]
    fn mistakes_are_told_without_values() {
        for (into, name, value) in [
            (json!({}), "a", "hush,hush"),
            (json!({}), "a", "hush,hush,"),
            (json!({}), "a[x]", "hush"),
            (json!({}), "a[-1]", "hush"),
            (json!({}), "a[65537]", "hush"),
            (json!({}), "a[0]b", "hush"),
            (json!({}), "a", "{hush"),
            (json!({ "a": "hush" }), "a.b", "hush"),
            (json!({ "a": "hush" }), "a[0]", "hush"),
        ] {
            let error = set(into, name, value, Reading::Guessed).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
        let deep = vec!["a"; 40].join(".");
        assert!(set(json!({}), &deep, "x", Reading::Guessed).is_err());
    }
}
