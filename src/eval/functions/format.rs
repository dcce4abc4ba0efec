//! `format` and `formatlist`: text from a pattern of `%` verbs.

use super::json::to_text;
use super::{Answer, Context, Function, FunctionError, Param, string, text};
use levee_model::convert::convert;
use levee_model::graphemes::graphemes;
use levee_model::number::Notation;
use levee_model::text::{quote, safe_prefix};
use levee_model::{Kind, Number, Refinement, Type, Value};

const ARGS: Param = Param::any("args").nullable().unknown().dynamic();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[Param::string("format")], |a| typed(a, Type::String), |_, a| format(text(a, 0)?, &a[1..]))
        .and_any_number_of(ARGS),
    Function::new("formatlist", &[Param::string("format")], |a| typed(a, Type::list(Type::String)), formatlist).and_any_number_of(ARGS),
];

/// A null without a type, or an unknown without one, leaves everything open.
fn typed(args: &[Value], ty: Type) -> Result<Type, FunctionError> {
    Ok(if args.iter().any(has_no_type) { Type::Dynamic } else { ty })
}

fn has_no_type(v: &Value) -> bool {
    v.ty() == Type::Dynamic
}

fn format(pattern: &str, args: &[Value]) -> Answer {
    if args.iter().any(has_no_type) {
        return Ok(Value::unknown(Type::Dynamic));
    }
    if args.iter().all(Value::is_wholly_known) {
        return Ok(string(&render(pattern, args)?));
    }
    let prefix = pattern.find('%').map(|i| safe_prefix(&pattern[..i])).filter(|p| !p.is_empty());
    Ok(Value::refined(Type::String, Refinement { not_null: true, prefix: prefix.map(Into::into), ..Refinement::default() }))
}

fn formatlist(_: &Context<'_>, args: &[Value]) -> Answer {
    let pattern = text(args, 0)?;
    let args = &args[1..];
    if args.is_empty() {
        return Ok(Value::list(Type::String, [format(pattern, args)?]));
    }
    if args.iter().any(has_no_type) {
        return Ok(Value::unknown(Type::Dynamic));
    }
    let mut length: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (i, arg) in args.iter().enumerate() {
        let this = match (arg.kind(), arg.ty()) {
            (Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_), _), _) => {
                unknown = true;
                continue;
            }
            (Kind::Set(_, vs), _) if vs.len() > 1 && !arg.is_wholly_known() => {
                unknown = true;
                continue;
            }
            (Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs), _) => vs.len(),
            (Kind::Unknown(..), Type::Tuple(ts)) => {
                unknown = true;
                ts.len()
            }
            _ => continue,
        };
        match length {
            None => length = Some((i, this)),
            Some((first, len)) if len != this => {
                let message =
                    format!("argument {} has length {this}, which is inconsistent with argument {} of length {len}", i + 1, first + 1);
                return Err(FunctionError::arg(i + 1, message));
            }
            Some(_) => {}
        }
    }
    if unknown {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let mut out = Vec::new();
    for i in 0..length.map_or(1, |(_, len)| len) {
        let row: Vec<Value> = args.iter().map(|arg| arg.elements().map_or_else(|| arg.clone(), |vs| vs[i].clone())).collect();
        out.push(if row.iter().all(Value::is_wholly_known) {
            let line = render(pattern, &row);
            string(&line.map_err(|e| FunctionError::new(format!("error on format iteration {i}: {}", e.message)))?)
        } else {
            Value::refined(Type::String, Refinement { not_null: true, ..Refinement::default() })
        });
    }
    Ok(Value::list(Type::String, out))
}

/// One `%` verb.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that may stand in the verb")]
#[derive(Default)]
struct Verb<'p> {
    raw: &'p str,
    offset: usize,
    number: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn render(pattern: &str, args: &[Value]) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut at = 0;
    let mut next = 1;
    let mut highest = 0;
    while let Some(found) = pattern[at..].find('%') {
        let start = at + found;
        out.push_str(&pattern[at..start]);
        if pattern[start + 1..].starts_with('%') {
            out.push('%');
            at = start + 2;
            continue;
        }
        let (verb, end) = scan(pattern, start, next)?;
        highest = highest.max(verb.number);
        next = verb.number + 1;
        out.push_str(&verb_text(&verb, args)?);
        at = end;
    }
    out.push_str(&pattern[at..]);
    if highest < args.len() {
        let message = match highest {
            0 => "too many arguments; no verbs in format string".into(),
            n => format!("too many arguments; only {n} used by format string"),
        };
        return Err(FunctionError::arg(highest + 1, message));
    }
    Ok(out)
}

/// How wide a verb may be: more than any text needs, and little enough to be held.
const MOST_CHARACTERS: usize = 1 << 24;

/// Reads flags, width, precision, argument number and letter, in this order.
fn scan(pattern: &str, start: usize, next: usize) -> Result<(Verb<'_>, usize), FunctionError> {
    let mut verb = Verb { offset: start, number: next, ..Verb::default() };
    let mut at = start + 1;
    let peek = |at: usize| pattern[at..].chars().next();
    let digits = |at: &mut usize| {
        let len = pattern[*at..].bytes().take_while(u8::is_ascii_digit).count();
        *at += len;
        if len == 0 { 0 } else { pattern[*at - len..*at].parse::<usize>().unwrap_or(usize::MAX) }
    };
    while let Some(flag) = peek(at) {
        match flag {
            '0' => verb.zero = true,
            '#' => verb.sharp = true,
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            ' ' => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    if peek(at).is_some_and(|c| c.is_ascii_digit()) {
        verb.width = Some(digits(&mut at));
    }
    if peek(at) == Some('.') {
        at += 1;
        verb.precision = Some(digits(&mut at));
    }
    if peek(at) == Some('[') {
        at += 1;
        if !peek(at).is_some_and(|c| ('1'..='9').contains(&c)) {
            return Err(unexpected(peek(at), at));
        }
        verb.number = digits(&mut at);
        if peek(at) != Some(']') {
            return Err(unexpected(peek(at), at));
        }
        at += 1;
    }
    if verb.width.max(verb.precision).is_some_and(|n| n > MOST_CHARACTERS) {
        return Err(FunctionError::new(format!("a width or precision must not be more than {MOST_CHARACTERS}")));
    }
    match peek(at) {
        Some(c) if c.is_ascii_alphabetic() => {
            verb.mode = c;
            verb.raw = &pattern[start..=at];
            Ok((verb, at + 1))
        }
        other => Err(unexpected(other, at)),
    }
}

fn unexpected(c: Option<char>, at: usize) -> FunctionError {
    FunctionError::new(match c {
        Some(c) => format!("unrecognized format character '{c}' at offset {at}"),
        None => format!("invalid format string starting at offset {at}"),
    })
}

fn verb_text(verb: &Verb<'_>, args: &[Value]) -> Result<String, FunctionError> {
    let raw = quote(verb.raw);
    let Some(arg) = args.get(verb.number - 1) else {
        let message =
            format!("not enough arguments for {raw} at {}: need index {} but have {} total", verb.offset, verb.number, args.len());
        return Err(FunctionError::new(message));
    };
    let unsupported = |why: &str| FunctionError::new(format!("unsupported value for {raw} at {}: {why}", verb.offset));
    if verb.mode != 'v' && arg.is_null() {
        return Err(unsupported("null value cannot be formatted"));
    }
    let converted = |ty: Type| convert(arg, &ty).map_err(|e| unsupported(&e.message));
    match verb.mode {
        'v' => match arg.kind() {
            Kind::String(s) if !verb.sharp => Ok(pad(verb, s)),
            Kind::Number(n) if !verb.sharp => Ok(pad(verb, &n.to_text(Notation::General('e'), None))),
            _ => Ok(pad(verb, &to_text(arg).map_err(|e| unsupported(&e))?)),
        },
        't' => Ok(converted(Type::Bool)?.as_bool().unwrap_or_default().to_string()),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let n = converted(Type::Number)?;
            n.as_number().and_then(|n| integer_text(verb, n)).ok_or_else(|| unsupported("an integer is required"))
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let n = converted(Type::Number)?;
            Ok(n.as_number().map(|n| float_text(verb, n)).unwrap_or_default())
        }
        's' | 'q' => {
            let s = converted(Type::String)?;
            let s = s.as_str().unwrap_or_default();
            let shown: String = match verb.precision {
                Some(n) if n > 0 => graphemes(s).into_iter().take(n).collect(),
                _ => s.into(),
            };
            Ok(pad(verb, &if verb.mode == 'q' { to_text(&Value::string(shown)).map_err(|e| unsupported(&e))? } else { shown }))
        }
        mode => Err(FunctionError::new(format!("unsupported format verb '{mode}' in {raw} at offset {}", verb.offset))),
    }
}

fn pad(verb: &Verb<'_>, s: &str) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(graphemes(s).len());
    let pads = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{s}{pads}") } else { format!("{pads}{s}") }
}

/// Sign and digits brought to the verb's width; zeros go between them.
fn pad_number(verb: &Verb<'_>, negative: bool, body: &str, zeros: bool) -> String {
    let sign = if negative {
        "-"
    } else if verb.plus {
        "+"
    } else if verb.space {
        " "
    } else {
        ""
    };
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + body.len());
    if verb.minus {
        format!("{sign}{body}{}", " ".repeat(missing))
    } else if zeros {
        format!("{sign}{}{body}", "0".repeat(missing))
    } else {
        format!("{}{sign}{body}", " ".repeat(missing))
    }
}

fn integer_text(verb: &Verb<'_>, n: &Number) -> Option<String> {
    let (base, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = n.to_digits(base)?;
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    let wanted = verb.precision.unwrap_or(0);
    if verb.precision == Some(0) && n.is_zero() {
        digits.clear();
    }
    digits.insert_str(0, &"0".repeat(wanted.saturating_sub(digits.len())));
    if verb.sharp {
        digits.insert_str(0, prefix);
    }
    let zeros = verb.zero && verb.precision.is_none();
    Some(pad_number(verb, n.is_negative() && !n.is_zero(), &digits, zeros))
}

fn float_text(verb: &Verb<'_>, n: &Number) -> String {
    let size = n.abs();
    let body = match verb.mode {
        'f' => size.to_text(Notation::Plain, Some(verb.precision.unwrap_or(6))),
        'g' => size.to_text(Notation::General('e'), verb.precision),
        'G' => size.to_text(Notation::General('E'), verb.precision),
        letter => size.to_text(Notation::Scientific(letter), Some(verb.precision.unwrap_or(6))),
    };
    pad_number(verb, n.is_negative(), body.trim_start_matches('+'), verb.zero && !n.is_infinite())
}
