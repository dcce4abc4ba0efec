//! Functions of regular expressions.

use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use levee_model::{Kind, Type, Value, stack};
use pattern::Mistake;
use regex_automata::meta::{Builder, Config, Regex};
use regex_automata::util::captures::Captures;
use std::sync::Arc;

mod class;
mod pattern;

const PATTERN: Param = Param::string("pattern");
const STRING: Param = Param::string("string");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regex", &[PATTERN, STRING], result_type, find),
    Function::new("regexall", &[PATTERN, STRING], |a| result_type(a).map(Type::list), find_all),
    Function::new("replace", &[Param::string("str"), Param::string("substr"), Param::string("replace")], a_string, replace),
];

/// A compiled expression, and what its groups are called.
struct Pattern {
    re: Regex,
    names: Vec<Option<String>>,
}

/// What the engine may take for a compiled expression.
const MOST_MEMORY: usize = 256 << 20;
/// The engine compiles an expression that nests deeper than this on a stack of its own.
const SHALLOW: u32 = 30;

fn compiled(source: &str) -> Result<Pattern, Mistake> {
    let pattern = pattern::parse(source)?;
    let config = Config::new().nfa_size_limit(Some(MOST_MEMORY));
    let build = || Builder::new().configure(config).build_from_hir(&pattern.tree);
    let re = if pattern.height > SHALLOW { stack::with_plenty(build) } else { build() };
    let re = re.map_err(|_| Mistake { what: "expression too large", part: source.into() })?;
    Ok(Pattern { re, names: pattern.names })
}

fn compile(args: &[Value]) -> Result<Pattern, FunctionError> {
    compiled(text(args, 0)?).map_err(|e| FunctionError::arg(0, format!("invalid regexp pattern: {} in {}", e.what, e.part)))
}

/// A string without groups, a tuple of the groups, or an object where they have names.
fn result_type(args: &[Value]) -> Result<Type, FunctionError> {
    if let Kind::Unknown(..) = args[0].kind() {
        return Ok(Type::Dynamic);
    }
    shape(&compile(args)?)
}

fn shape(pattern: &Pattern) -> Result<Type, FunctionError> {
    let names = &pattern.names;
    let named = names.iter().flatten().count();
    Ok(match (names.len(), named) {
        (0, _) => Type::String,
        (all, 0) => Type::tuple(vec![Type::String; all]),
        (all, named) if all == named => Type::object(names.iter().flatten().map(|n| (Arc::from(&**n), Type::String)).collect()),
        _ => return Err(FunctionError::arg(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups")),
    })
}

fn found(pattern: &Pattern, ty: &Type, captures: &Captures, s: &str) -> Value {
    let group = |i: usize| captures.get_group(i).map_or_else(|| Value::null(Type::String), |span| string(&s[span.range()]));
    match ty {
        Type::Tuple(ts) => Value::tuple((1..=ts.len()).map(group).collect::<Vec<_>>()),
        Type::Object(_) => {
            let named = pattern.names.iter().enumerate();
            let named = named.filter_map(|(i, name)| Some((Arc::from(name.as_deref()?), group(i + 1))));
            Value::object(named.collect())
        }
        _ => group(0),
    }
}

fn find(_: &Context<'_>, args: &[Value]) -> Answer {
    let pattern = compile(args)?;
    let ty = shape(&pattern)?;
    let s = text(args, 1)?;
    match pattern.re.captures_iter(s).next() {
        Some(captures) => Ok(found(&pattern, &ty, &captures, s)),
        None => Err(FunctionError::new("pattern did not match any part of the given string")),
    }
}

fn find_all(_: &Context<'_>, args: &[Value]) -> Answer {
    let pattern = compile(args)?;
    let ty = shape(&pattern)?;
    let s = text(args, 1)?;
    let all: Vec<Value> = pattern.re.captures_iter(s).map(|captures| found(&pattern, &ty, &captures, s)).collect();
    Ok(Value::list(ty, all))
}

/// A pattern between slashes is an expression; anything else is replaced as it stands.
fn replace(_: &Context<'_>, args: &[Value]) -> Answer {
    let (s, pattern, replacement) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let inner = pattern.strip_prefix('/').and_then(|p| p.strip_suffix('/'));
    let Some(inner) = inner.filter(|_| pattern.len() > 1) else { return Ok(string(&s.replace(pattern, replacement))) };
    let pattern = compiled(inner).map_err(|e| FunctionError::new(format!("error parsing regexp: {}: `{}`", e.what, e.part)))?;
    let mut out = String::with_capacity(s.len());
    let mut end = 0;
    for captures in pattern.re.captures_iter(s) {
        let Some(whole) = captures.get_match() else { continue };
        out.push_str(&s[end..whole.start()]);
        expand(replacement, &pattern.names, |i| captures.get_group(i).map_or("", |span| &s[span.range()]), &mut out);
        end = whole.end();
    }
    out.push_str(&s[end..]);
    Ok(string(&out))
}

/// A replacement, where `$1`, `${1}`, `$name` and `${name}` stand for groups and `$$` for a dollar sign. Any other dollar sign
/// means itself, and a group that there is not is empty.
fn expand<'s>(replacement: &str, names: &[Option<String>], group: impl Fn(usize) -> &'s str, out: &mut String) {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let inside = rest.strip_prefix('{').unwrap_or(rest);
        let length = inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, after) = inside.split_at(length);
        let after = if inside.len() == rest.len() { Some(after) } else { after.strip_prefix('}') };
        let Some(after) = after.filter(|_| !name.is_empty()) else {
            out.push('$');
            continue;
        };
        rest = after;
        if let Some(number) = group_number(name) {
            out.push_str(if number <= names.len() { group(number) } else { "" });
        } else {
            let called = names.iter().enumerate().filter(|(_, n)| n.as_deref() == Some(name));
            out.push_str(called.map(|(i, _)| group(i + 1)).find(|s| !s.is_empty()).unwrap_or_default());
        }
    }
    out.push_str(rest);
}

/// A number without needless zeros.
fn group_number(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    name.parse().ok().filter(|_| plain && name.len() <= 9)
}
