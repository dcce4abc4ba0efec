//! Reading addresses back from text, as users type them after `-target` and as the state stores them.

use super::{InstanceAddr, InstanceKey, Mode, ModuleInstance, ModuleStep};
use std::str::FromStr;
use std::sync::Arc;

/// Text that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an address: {why}")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

/// A string as it stands between brackets: quoted, with HCL's escapes.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Parts {
    steps: Vec<(String, InstanceKey)>,
}

/// Splits at dots outside brackets, and each part into its name and its key.
fn split(text: &str) -> Result<Parts, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        let valid = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
            && name.chars().next().is_some_and(|c| !c.is_ascii_digit() && c != '-');
        if !valid {
            return Err("a name is missing or holds a character that names cannot hold");
        }
        rest = &rest[end..];
        let key = if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = read_key(inner)?;
            rest = after;
            key
        } else {
            InstanceKey::None
        };
        steps.push((name.to_owned(), key));
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(Parts { steps }),
            None => return Err("a dot is expected after the closing bracket"),
        }
    }
}

fn read_key(inner: &str) -> Result<(InstanceKey, &str), &'static str> {
    if let Some(quoted) = inner.strip_prefix('"') {
        let (text, after) = unquote(quoted)?;
        let after = after.strip_prefix(']').ok_or("the bracket is not closed")?;
        return Ok((InstanceKey::Str(Arc::from(text)), after));
    }
    let end = inner.find(']').ok_or("the bracket is not closed")?;
    let number = inner[..end].parse().map_err(|_| "a key is a number or a quoted string")?;
    Ok((InstanceKey::Int(number), &inner[end + 1..]))
}

fn unquote(quoted: &str) -> Result<(String, &str), &'static str> {
    let mut out = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Ok((out, &quoted[i + 1..])),
            '\\' => out.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, c @ ('"' | '\\'))) => c,
                _ => return Err("the string holds an escape that is not known"),
            }),
            '$' | '%' if quoted[i + 1..].starts_with(&format!("{c}{{")) => {
                out.push(c);
                chars.next();
            }
            c => out.push(c),
        }
    }
    Err("the string is not closed")
}

/// Takes the leading `module.NAME[KEY]` steps off.
fn take_modules(
    steps: &mut std::vec::IntoIter<(String, InstanceKey)>,
) -> Result<(ModuleInstance, Option<(String, InstanceKey)>), &'static str> {
    let mut modules = Vec::new();
    loop {
        match steps.next() {
            Some((word, InstanceKey::None)) if word == "module" => {
                let (name, key) = steps.next().ok_or("a module's name is missing")?;
                modules.push(ModuleStep { name: Arc::from(name), key });
            }
            other => return Ok((ModuleInstance(modules.into()), other)),
        }
    }
}

fn instance(text: &str) -> Result<InstanceAddr, &'static str> {
    let mut steps = split(text)?.steps.into_iter();
    let (module, mut first) = take_modules(&mut steps)?;
    let mut mode = Mode::Managed;
    if let Some((word, InstanceKey::None)) = &first {
        mode = match word.as_str() {
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            _ => Mode::Managed,
        };
        if mode != Mode::Managed {
            first = steps.next();
        }
    }
    let (type_name, type_key) = first.ok_or("a resource type is missing")?;
    let (name, key) = steps.next().ok_or("a resource's name is missing")?;
    if type_key != InstanceKey::None {
        return Err("a resource type has no key");
    }
    if steps.next().is_some() {
        return Err("it goes on after the resource's name");
    }
    Ok(InstanceAddr { module, mode, type_name: Arc::from(type_name), name: Arc::from(name), key })
}

impl FromStr for InstanceAddr {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        instance(text).map_err(|why| AddressError { text: text.to_owned(), why })
    }
}

impl FromStr for ModuleInstance {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parsed = split(text).and_then(|p| take_modules(&mut p.steps.into_iter()));
        match parsed {
            Ok((module, None)) => Ok(module),
            Ok(_) => Err(AddressError { text: text.to_owned(), why: "a module address is module.NAME, repeated" }),
            Err(why) => Err(AddressError { text: text.to_owned(), why }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_and_parsed_the_same() {
        for text in [
            "aws_vpc.main",
            "data.aws_region.here",
            "module.net.aws_subnet.private[\"a.b\"]",
            "module.net[0].module.zone[\"x\\\"y\"].aws_eip.nat[3]",
            "terraform_data.a[\"$${x}\"]",
        ] {
            let addr: InstanceAddr = text.parse().expect(text);
            assert_eq!(addr.to_string(), text);
        }
        for text in ["aws_vpc", "aws_vpc.main[", "aws_vpc.main[x]", ".a", "module.net", "a.b.c", "aws_vpc.9"] {
            assert!(text.parse::<InstanceAddr>().is_err(), "{text}");
        }
    }
}
