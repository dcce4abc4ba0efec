//! Reading addresses back from text, as users type them after `-target` and as the state stores them, and from the steps
//! of a reference in the configuration. What is wrong is said in Terraform's words.

use super::{InstanceAddr, InstanceKey, Mode, ModuleInstance, ModuleStep, Target};
use std::str::FromStr;
use std::sync::Arc;

/// One step of an address as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressStep {
    /// A name, after a dot unless it is the first.
    Name(Arc<str>),
    /// `[KEY]`
    Key(InstanceKey),
    /// `[NUMBER]`, where the number is no whole one.
    Fraction,
}

/// Text or steps that are no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an address: {why}")]
pub struct AddressError {
    /// What was read.
    pub text: String,
    /// What the mistake is called.
    pub summary: &'static str,
    /// What is wrong with it: sentences.
    pub why: String,
    /// At which step.
    pub at: usize,
}

/// Words that begin a reference and so cannot begin a resource type.
const RESERVED: [&str; 10] = ["count", "each", "local", "module", "path", "self", "terraform", "var", "template", "lazy"];

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

type Wrong = (&'static str, String, usize);

fn wrong(summary: &'static str, why: &str, at: usize) -> Wrong {
    (summary, why.to_owned(), at)
}

/// Splits text at dots outside brackets. The error is about the text alone, which has no steps yet.
fn split(text: &str) -> Result<Vec<AddressStep>, Wrong> {
    // Mostly a type and a name.
    let mut steps = Vec::with_capacity(2);
    let mut rest = text.trim();
    loop {
        let end = name_end(rest);
        let name = &rest[..end];
        if !name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_') {
            let why = if steps.is_empty() { "Must begin with a variable name." } else { "Dot must be followed by attribute name." };
            return Err(wrong(if steps.is_empty() { "Variable name required" } else { "Attribute name required" }, why, 0));
        }
        steps.push(AddressStep::Name(Arc::from(name)));
        rest = &rest[end..];
        while let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = read_key(inner)?;
            steps.push(key);
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err(wrong("Invalid character", "Expected an attribute access or an index operator.", 0)),
        }
    }
}

/// Where a name at the beginning of a text ends.
fn name_end(text: &str) -> usize {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    match text.as_bytes().iter().position(|b| !plain(b)) {
        Some(at) if !text.as_bytes()[at].is_ascii() => {
            text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len())
        }
        end => end.unwrap_or(text.len()),
    }
}

fn read_key(inner: &str) -> Result<(AddressStep, &str), Wrong> {
    let open = || wrong("Unclosed index brackets", "Index key must be followed by a closing bracket.", 0);
    if let Some(quoted) = inner.strip_prefix('"') {
        let (text, after) = unquote(quoted)?;
        let after = after.strip_prefix(']').ok_or_else(open)?;
        return Ok((AddressStep::Key(InstanceKey::Str(Arc::from(text))), after));
    }
    if inner.starts_with('*') {
        return Err(wrong("Attribute splat not allowed", "Splat expressions ([*]) may not be used here.", 0));
    }
    let literal = "Index brackets must contain either a literal number or a literal string.";
    let end = inner.find(']').unwrap_or(inner.len());
    let step = match inner[..end].parse() {
        Ok(number) => AddressStep::Key(InstanceKey::Int(number)),
        Err(_) if inner[..end].starts_with(|c: char| c.is_ascii_digit()) && inner[..end].parse::<f64>().is_ok() => AddressStep::Fraction,
        Err(_) => return Err(wrong("Index value required", literal, 0)),
    };
    Ok((step, inner.get(end + 1..).ok_or_else(open)?))
}

fn unquote(quoted: &str) -> Result<(String, &str), Wrong> {
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
                _ => return Err(wrong("Invalid escape sequence", "The string holds an escape sequence that is not known.", 0)),
            }),
            '$' | '%' if quoted[i + 1..].starts_with(&format!("{c}{{")) => {
                out.push(c);
                chars.next();
            }
            c => out.push(c),
        }
    }
    Err(wrong("Unterminated string literal", "The string must be closed with a quote.", 0))
}

/// Takes the leading `module.NAME[KEY]` steps off; yields how many steps they are.
fn modules(steps: &[AddressStep]) -> Result<(ModuleInstance, usize), Wrong> {
    let summary = "Invalid address operator";
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        match steps.get(at) {
            Some(AddressStep::Name(word)) if **word == *"module" => {}
            Some(AddressStep::Key(_) | AddressStep::Fraction) => {
                return Err(wrong(summary, "Module address prefix must be followed by dot and then a name.", at));
            }
            _ => return Ok((ModuleInstance(found.into()), at)),
        }
        let Some(AddressStep::Name(name)) = steps.get(at + 1) else {
            return Err(wrong(summary, "Prefix \"module.\" must be followed by a module name.", at));
        };
        at += 2;
        let key = match steps.get(at) {
            Some(AddressStep::Key(key)) => {
                at += 1;
                key.clone()
            }
            Some(AddressStep::Fraction) => return Err((summary, format!("Invalid module index: {WHOLE}."), at)),
            _ => InstanceKey::None,
        };
        found.push(ModuleStep { name: name.clone(), key });
    }
}

const WHOLE: &str = "value must be a whole number, between -9223372036854775808 and 9223372036854775807";

/// What follows the modules: a resource.
fn resource(module: ModuleInstance, steps: &[AddressStep], from: usize) -> Result<InstanceAddr, Wrong> {
    let summary = "Invalid address";
    let AddressStep::Name(first) = &steps[from] else { return Err(wrong(summary, "A resource type name is required.", from)) };
    let (mode, at) = match &**first {
        "data" => (Mode::Data, from + 1),
        "ephemeral" => (Mode::Ephemeral, from + 1),
        "resource" => (Mode::Managed, from + 1),
        word if RESERVED.contains(&word) => {
            let why = format!(
                "The keyword {word:?} is reserved and cannot be used to target a resource address. If you are targeting a resource type that uses a reserved keyword, please prefix your address with \"resource.\"."
            );
            return Err((summary, why, from));
        }
        _ => (Mode::Managed, from),
    };
    if steps.len() < at + 2 {
        return Err(wrong(summary, "Resource specification must include a resource type and name.", from));
    }
    let AddressStep::Name(type_name) = &steps[at] else {
        let why = match mode {
            Mode::Managed => "A resource type name is required.",
            Mode::Data => "A data source name is required.",
            Mode::Ephemeral => "An ephemeral resource type name is required.",
        };
        return Err(wrong(summary, why, at));
    };
    let AddressStep::Name(name) = &steps[at + 1] else { return Err(wrong(summary, "A resource name is required.", at + 1)) };
    let key = match &steps[at + 2..] {
        [] => InstanceKey::None,
        [AddressStep::Key(key)] => key.clone(),
        [AddressStep::Fraction] => return Err((summary, format!("Invalid resource instance key: {WHOLE}."), at + 2)),
        [AddressStep::Name(_)] => return Err(wrong(summary, "Resource instance key must be given in square brackets.", at + 2)),
        _ => return Err(wrong(summary, "Unexpected extra operators after address.", at + 3)),
    };
    Ok(InstanceAddr { module, mode, type_name: type_name.clone(), name: name.clone(), key })
}

/// Words before a type that say which kind of block it is.
const MODES: [&str; 3] = ["data", "ephemeral", "resource"];

/// An address that is nothing but a type and a name, of letters that need no second look, as most are in a state.
fn plain(text: &str) -> Option<InstanceAddr> {
    let (type_name, name) = text.split_once('.')?;
    let is_word = |word: &str| name_end(word) == word.len() && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !is_word(type_name) || !is_word(name) || MODES.contains(&type_name) || RESERVED.contains(&type_name) {
        return None;
    }
    let (module, key) = (ModuleInstance::root(), InstanceKey::None);
    Some(InstanceAddr { module, mode: Mode::Managed, type_name: Arc::from(type_name), name: Arc::from(name), key })
}

fn target(steps: &[AddressStep]) -> Result<Target, Wrong> {
    let (module, at) = modules(steps)?;
    if at == steps.len() { Ok(Target::Module(module)) } else { resource(module, steps, at).map(Target::Resource) }
}

impl Target {
    /// Reads an address from its steps, such as those of a reference.
    ///
    /// # Errors
    /// What is wrong, and at which step.
    pub fn from_steps(steps: &[AddressStep]) -> Result<Self, AddressError> {
        target(steps).map_err(|(summary, why, at)| AddressError { text: String::new(), summary, why, at })
    }
}

fn told(text: &str) -> impl Fn(Wrong) -> AddressError {
    move |(summary, why, at)| AddressError { text: text.to_owned(), summary, why, at }
}

impl FromStr for Target {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        split(text).and_then(|steps| target(&steps)).map_err(told(text))
    }
}

impl FromStr for InstanceAddr {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(addr) = plain(text) {
            return Ok(addr);
        }
        let why = "A resource instance address is required here. The module path must be followed by a resource instance specification.";
        match split(text).and_then(|steps| target(&steps)).map_err(told(text))? {
            Target::Resource(addr) => Ok(addr),
            Target::Module(_) => Err(told(text)(wrong("Invalid address", why, 0))),
        }
    }
}

impl FromStr for ModuleInstance {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        match split(text).and_then(|steps| target(&steps)).map_err(told(text))? {
            Target::Module(module) => Ok(module),
            Target::Resource(_) => Err(told(text)(wrong("Invalid address", "A module address is required here.", 0))),
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
            "ümlaut.ä-1",
        ] {
            let addr: InstanceAddr = text.parse().expect(text);
            assert_eq!(addr.to_string(), text);
        }
        for text in [
            "aws_vpc",
            "aws_vpc.main[",
            "aws_vpc.main[x]",
            ".a",
            "module.net",
            "a.b.c",
            "aws_vpc.9",
            "a.b[1][2]",
            "data.a",
            "module.a",
            "var.a",
        ] {
            assert!(text.parse::<InstanceAddr>().is_err(), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_in_terraforms_words() {
        for (text, why) in [
            ("a", "Resource specification must include a resource type and name."),
            ("a.b.c", "Resource instance key must be given in square brackets."),
            ("a.b[1].c", "Unexpected extra operators after address."),
            ("a[0].b", "A resource name is required."),
            ("module", "Prefix \"module.\" must be followed by a module name."),
            ("a..b", "Dot must be followed by attribute name."),
            ("a.b[\"x\"", "Index key must be followed by a closing bracket."),
            ("", "Must begin with a variable name."),
        ] {
            assert_eq!(text.parse::<Target>().expect_err(text).why, why, "{text}");
        }
    }
}
