//! Functions of regular expressions.
//!
//! Terraform's expressions are RE2's, where `\d`, `\w`, `\s` and `\b` mean ASCII and a bracket means itself inside of a
//! class. [`translate`] rewrites them for the `regex` crate, and finds the mistakes that Terraform words in its own way.

use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use ::regex::{Captures, Regex};
use levee_model::{Kind, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

const PATTERN: Param = Param::string("pattern");
const STRING: Param = Param::string("string");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regex", &[PATTERN, STRING], result_type, find),
    Function::new("regexall", &[PATTERN, STRING], |a| result_type(a).map(Type::list), find_all),
    Function::new("replace", &[Param::string("str"), Param::string("substr"), Param::string("replace")], a_string, replace),
];

/// A compiled expression, and what its groups are called: their names may be such as the `regex` crate does not allow.
struct Pattern {
    re: Regex,
    names: Vec<Option<String>>,
}

fn compile(args: &[Value]) -> Result<Pattern, FunctionError> {
    let wrong = |why: String| FunctionError::arg(0, format!("invalid regexp pattern: {why}"));
    let pattern = text(args, 0)?;
    let (translated, names) = translate(pattern).map_err(|e| wrong(format!("{} in {}", e.what, e.part)))?;
    let re = Regex::new(&translated).map_err(|_| wrong(format!("invalid syntax in {pattern}")))?;
    Ok(Pattern { re, names })
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

fn found(pattern: &Pattern, ty: &Type, captures: &Captures<'_>) -> Value {
    let group = |i: usize| captures.get(i).map_or_else(|| Value::null(Type::String), |m| string(m.as_str()));
    match ty {
        Type::Tuple(ts) => Value::tuple((1..=ts.len()).map(group).collect::<Vec<_>>()),
        Type::Object(_) => {
            let named = pattern.names.iter().enumerate();
            let named = named.filter_map(|(i, name)| Some((Arc::from(name.as_deref()?), group(i + 1))));
            Value::object(named.collect::<BTreeMap<_, _>>())
        }
        _ => group(0),
    }
}

fn find(_: &Context<'_>, args: &[Value]) -> Answer {
    let pattern = compile(args)?;
    let ty = shape(&pattern)?;
    match pattern.re.captures(text(args, 1)?) {
        Some(captures) => Ok(found(&pattern, &ty, &captures)),
        None => Err(FunctionError::new("pattern did not match any part of the given string")),
    }
}

fn find_all(_: &Context<'_>, args: &[Value]) -> Answer {
    let pattern = compile(args)?;
    let ty = shape(&pattern)?;
    let all: Vec<Value> = pattern.re.captures_iter(text(args, 1)?).map(|captures| found(&pattern, &ty, &captures)).collect();
    Ok(Value::list(ty, all))
}

/// A pattern between slashes is an expression; anything else is replaced as it stands.
fn replace(_: &Context<'_>, args: &[Value]) -> Answer {
    let (s, pattern, replacement) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let inner = pattern.strip_prefix('/').and_then(|p| p.strip_suffix('/'));
    let Some(inner) = inner.filter(|_| pattern.len() > 1) else { return Ok(string(&s.replace(pattern, replacement))) };
    let (translated, names) =
        translate(inner).map_err(|e| FunctionError::new(format!("error parsing regexp: {}: `{}`", e.what, e.part)))?;
    let re = Regex::new(&translated).map_err(|_| FunctionError::new(format!("error parsing regexp: invalid syntax: `{inner}`")))?;
    let replacement = numbered(replacement, &names);
    Ok(string(&re.replace_all(s, &*replacement)))
}

/// A replacement in which names of groups are their numbers.
fn numbered(replacement: &str, names: &[Option<String>]) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push_str("$$");
            rest = after;
            continue;
        }
        let braced = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = braced.unwrap_or((&rest[..end], &rest[end..]));
        let known = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        if !known {
            out.push_str("$$");
            continue;
        }
        match names.iter().position(|n| n.as_deref() == Some(name)) {
            Some(i) => out.push_str(&format!("${{{}}}", i + 1)),
            None => out.push_str(&format!("${{{name}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What is wrong with an expression, and where.
struct Mistake {
    what: &'static str,
    part: String,
}

fn mistake<T>(what: &'static str, part: &str) -> Result<T, Mistake> {
    Err(Mistake { what, part: part.into() })
}

/// What a class stands for, without the brackets around it; None for an escape that is no class.
fn class_of(c: char) -> Option<(&'static str, bool)> {
    Some(match c {
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        'w' => ("0-9A-Za-z_", false),
        'W' => ("0-9A-Za-z_", true),
        's' => ("\\t\\n\\x0C\\r ", false),
        'S' => ("\\t\\n\\x0C\\r ", true),
        _ => return None,
    })
}

/// Rewrites an RE2 expression for the `regex` crate, and answers its groups' names.
fn translate(pattern: &str) -> Result<(String, Vec<Option<String>>), Mistake> {
    let mut names = Vec::new();
    let mut out = String::with_capacity(pattern.len());
    let mut at = 0;
    let mut open = 0usize;
    // Where the last repetition operator began, and whether something stands before the next one.
    let mut repeated: Option<usize> = None;
    let mut has_operand = false;
    while let Some(c) = pattern[at..].chars().next() {
        let rest = &pattern[at..];
        let mut len = c.len_utf8();
        let mut repeats = None;
        match c {
            '\\' => len = escape(rest, &mut out)?,
            '[' => len = class(rest, &mut out)?,
            '(' => {
                open += 1;
                len = group(rest, &mut out, &mut names)?;
            }
            ')' if open == 0 => return mistake("unexpected )", pattern),
            ')' => {
                open -= 1;
                out.push(c);
            }
            '*' | '+' | '?' | '{' => {
                if let Some(operator) = repetition(rest)? {
                    if let Some(from) = repeated {
                        return mistake("invalid nested repetition operator", &pattern[from..at + operator.len()]);
                    }
                    if !has_operand {
                        return mistake("missing argument to repetition operator", operator);
                    }
                    len = operator.len();
                    repeats = Some(at);
                    out.push_str(operator);
                } else {
                    out.push_str("\\{");
                }
            }
            '}' | ']' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        has_operand = !matches!(c, '(' | '|');
        repeated = repeats;
        at += len;
    }
    if open > 0 { mistake("missing closing )", pattern) } else { Ok((out, names)) }
}

/// A repetition operator with its lazy mark; None for a brace that means itself.
fn repetition(rest: &str) -> Result<Option<&str>, Mistake> {
    let mut len = 1;
    if rest.starts_with('{') {
        let Some(end) = rest.find('}') else { return Ok(None) };
        let (min, max) = rest[1..end].split_once(',').unwrap_or((&rest[1..end], &rest[1..end]));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if min.is_empty() || !digits(min) || !digits(max) {
            return Ok(None);
        }
        let number = |s: &str| s.parse::<u32>().unwrap_or(u32::MAX);
        len = end + 1;
        if number(min) > 1000 || !max.is_empty() && (number(max) > 1000 || number(min) > number(max)) {
            return mistake("invalid repeat count", &rest[..len]);
        }
    }
    if rest[len..].starts_with('?') {
        len += 1;
    }
    Ok(Some(&rest[..len]))
}

fn group(rest: &str, out: &mut String, names: &mut Vec<Option<String>>) -> Result<usize, Mistake> {
    let Some(inside) = rest.strip_prefix("(?") else {
        names.push(None);
        out.push('(');
        return Ok(1);
    };
    let named = inside.strip_prefix("P<").or_else(|| inside.strip_prefix('<'));
    if let Some(named) = named {
        let name = named.find('>').map(|end| &named[..end]);
        let valid = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let Some(name) = name.filter(valid) else {
            return mistake("invalid named capture", rest.split_inclusive('>').next().unwrap_or(rest));
        };
        let whole = rest.len() - named.len() + name.len() + 1;
        names.push(Some(name.to_owned()));
        out.push('(');
        return Ok(whole);
    }
    let flags = inside.len() - inside.trim_start_matches(['i', 'm', 's', 'U', '-']).len();
    match inside[flags..].chars().next() {
        Some(':' | ')') => {}
        Some(c) => {
            return mistake("invalid or unsupported Perl syntax", &rest[..2 + flags + c.len_utf8()]);
        }
        None => return mistake("missing closing )", rest),
    }
    // A group of flags alone closes itself, which the caller sees when it reads on.
    out.push_str(&rest[..2 + flags]);
    if inside[flags..].starts_with(':') {
        out.push(':');
        return Ok(3 + flags);
    }
    Ok(2 + flags)
}

fn escape(rest: &str, out: &mut String) -> Result<usize, Mistake> {
    let Some(c) = rest[1..].chars().next() else { return mistake("trailing backslash at end of expression", "") };
    let len = 1 + c.len_utf8();
    if let Some((members, negated)) = class_of(c) {
        out.push_str(&format!("[{}{members}]", if negated { "^" } else { "" }));
        return Ok(len);
    }
    match c {
        'b' | 'B' => out.push_str(&format!("(?-u:\\{c})")),
        'Q' => {
            let end = rest.find("\\E").unwrap_or(rest.len());
            out.push_str(&::regex::escape(&rest[2..end]));
            return Ok((end + 2).min(rest.len()));
        }
        'p' | 'P' => {
            let len = property_len(rest);
            out.push_str(&rest[..len]);
            return Ok(len);
        }
        'x' => return hexadecimal(rest, out),
        'A' | 'z' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' => out.push_str(&rest[..len]),
        // A digit alone would refer to a group, which is not supported.
        '0'..='7' if c == '0' || rest[2..].starts_with(|d: char| ('0'..='7').contains(&d)) => {
            let digits = rest[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let code = u32::from_str_radix(&rest[1..=digits], 8).unwrap_or(0);
            out.push_str(&format!("\\x{{{code:x}}}"));
            return Ok(1 + digits);
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => out.push_str(&::regex::escape(&c.to_string())),
        _ => return mistake("invalid escape sequence", &rest[..len]),
    }
    Ok(len)
}

/// `\xHH` or `\x{H...}`
fn hexadecimal(rest: &str, out: &mut String) -> Result<usize, Mistake> {
    let (digits, length) = match rest[2..].strip_prefix('{') {
        Some(inside) => match inside.split_once('}') {
            Some((digits, _)) => (digits, digits.len() + 4),
            None => return mistake("invalid escape sequence", rest),
        },
        None => (rest.get(2..4).unwrap_or(""), 4),
    };
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|code| valid && *code <= 0x10_ffff);
    let Some(code) = code else { return mistake("invalid escape sequence", rest.get(..length).unwrap_or(rest)) };
    out.push_str(&format!("\\x{{{code:x}}}"));
    Ok(length)
}

fn property_len(rest: &str) -> usize {
    let after = &rest[2..];
    match after.chars().next() {
        Some('{') => rest.find('}').map_or(rest.len(), |end| end + 1),
        Some(c) => 2 + c.len_utf8(),
        None => 2,
    }
}

/// A class in brackets. A bracket, `&&`, `--` and `~~` inside mean themselves.
fn class(rest: &str, out: &mut String) -> Result<usize, Mistake> {
    let mut at = 1;
    out.push('[');
    if rest[at..].starts_with('^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(c) = rest[at..].chars().next() else { return mistake("missing closing ]", rest) };
        match c {
            ']' if at > first => {
                out.push(']');
                return Ok(at + 1);
            }
            '[' if rest[at..].starts_with("[:") && rest[at..].contains(":]") => {
                let end = at + rest[at..].find(":]").map_or(2, |i| i + 2);
                out.push_str(&rest[at..end]);
                at = end;
            }
            '[' | ']' | '&' | '~' => {
                out.push('\\');
                out.push(c);
                at += 1;
            }
            '\\' => {
                let next = rest[at + 1..].chars().next();
                if next.is_none() {
                    return mistake("missing closing ]", rest);
                }
                at += escape(&rest[at..], out)?;
            }
            '-' if rest[at + 1..].starts_with('-') => {
                out.push_str("\\-");
                at += 1;
            }
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
}
