//! Functions of strings.

use super::{Answer, Context, Function, FunctionError, Param, a_bool, a_list_of_strings, a_string, integer, string, strings, text};
use levee_model::graphemes::graphemes;
use levee_model::{Kind, Refinement, Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[Param::string("str")], a_string, |_, a| Ok(string(text(a, 0)?.trim_end_matches(['\r', '\n'])))),
    Function::new("endswith", &[Param::string("str"), Param::string("suffix")], a_bool, |_, a| {
        Ok(Value::bool(text(a, 0)?.ends_with(text(a, 1)?)))
    }),
    Function::new("indent", &[Param::number("spaces"), Param::string("str")], a_string, indent),
    Function::new("join", &[Param::string("separator")], a_string, join)
        .and_any_number_of(Param::new("lists", || Type::list(Type::String))),
    Function::new("lower", &[Param::string("str").dynamic()], a_string, |_, a| Ok(string(&map_chars(text(a, 0)?, to_lower)))),
    Function::new("split", &[Param::string("separator"), Param::string("str")], a_list_of_strings, split),
    Function::new("startswith", &[Param::string("str").unknown(), Param::string("prefix")], a_bool, starts_with),
    Function::new("strcontains", &[Param::string("str"), Param::string("substr")], a_bool, |_, a| {
        Ok(Value::bool(text(a, 0)?.contains(text(a, 1)?)))
    }),
    Function::new("strrev", &[Param::string("str").dynamic()], a_string, |_, a| {
        Ok(string(&graphemes(text(a, 0)?).into_iter().rev().collect::<String>()))
    }),
    Function::new(
        "substr",
        &[Param::string("str").dynamic(), Param::number("offset").dynamic(), Param::number("length").dynamic()],
        a_string,
        substr,
    ),
    Function::new("title", &[Param::string("str")], a_string, |_, a| Ok(string(&title(text(a, 0)?)))),
    Function::new("trim", &[Param::string("str"), Param::string("cutset")], a_string, |_, a| {
        let cutset = text(a, 1)?;
        Ok(string(text(a, 0)?.trim_matches(|c| cutset.contains(c))))
    }),
    Function::new("trimprefix", &[Param::string("str"), Param::string("prefix")], a_string, |_, a| {
        let s = text(a, 0)?;
        Ok(string(s.strip_prefix(text(a, 1)?).unwrap_or(s)))
    }),
    Function::new("trimspace", &[Param::string("str")], a_string, |_, a| Ok(string(text(a, 0)?.trim_matches(char::is_whitespace)))),
    Function::new("trimsuffix", &[Param::string("str"), Param::string("suffix")], a_string, |_, a| {
        let s = text(a, 0)?;
        Ok(string(s.strip_suffix(text(a, 1)?).unwrap_or(s)))
    }),
    Function::new("upper", &[Param::string("str").dynamic()], a_string, |_, a| Ok(string(&map_chars(text(a, 0)?, to_upper)))),
];

/// Letter by letter: a letter whose other case is several letters (as ß) stays as it is.
fn map_chars(s: &str, f: fn(char) -> char) -> String {
    s.chars().map(f).collect()
}

fn to_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(u), None) => u,
        _ => c,
    }
}

fn to_lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Capital letters at the start of words; anything but letters, digits, `_` and marks of combination parts words.
fn title(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut previous = ' ';
    for c in s.chars() {
        out.push(if parts_words(previous) { to_title(c) } else { c });
        previous = c;
    }
    out
}

fn to_title(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        _ => to_upper(c),
    }
}

fn parts_words(c: char) -> bool {
    if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '_') } else { !c.is_alphanumeric() && c.is_whitespace() }
}

/// More than any text needs, and little enough to be held.
const MOST_SPACES: usize = 1 << 24;

fn indent(_: &Context<'_>, args: &[Value]) -> Answer {
    let spaces = usize::try_from(integer(args, 0)?)
        .map_err(|_| FunctionError::new("panic in function implementation: strings: negative Repeat count"))?;
    if spaces > MOST_SPACES {
        return Err(FunctionError::arg(0, format!("must not be more than {MOST_SPACES}")));
    }
    let pad = format!("\n{}", " ".repeat(spaces));
    Ok(string(&text(args, 1)?.replace('\n', &pad)))
}

fn join(_: &Context<'_>, args: &[Value]) -> Answer {
    let separator = text(args, 0)?;
    let lists = &args[1..];
    if lists.is_empty() {
        return Err(FunctionError::new("at least one list is required"));
    }
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(Type::String));
    }
    let mut items = Vec::new();
    for (l, list) in lists.iter().enumerate() {
        for (i, item) in list.elements().unwrap_or_default().iter().enumerate() {
            match item.as_str() {
                Some(s) => items.push(s),
                None if lists.len() > 1 => {
                    let message = format!("element {i} of list {} is null; cannot concatenate null values", l + 1);
                    return Err(FunctionError::arg(l + 1, message));
                }
                None => {
                    return Err(FunctionError::arg(l + 1, format!("element {i} is null; cannot concatenate null values")));
                }
            }
        }
    }
    Ok(string(&items.join(separator)))
}

fn split(_: &Context<'_>, args: &[Value]) -> Answer {
    let (separator, s) = (text(args, 0)?, text(args, 1)?);
    Ok(if separator.is_empty() { strings(s.chars().map(String::from)) } else { strings(s.split(separator).map(String::from)) })
}

/// The known beginning of an unknown string may be enough to tell.
fn starts_with(_: &Context<'_>, args: &[Value]) -> Answer {
    let prefix = text(args, 1)?;
    let Kind::Unknown(_, known) = args[0].kind() else {
        return Ok(Value::bool(text(args, 0)?.starts_with(prefix)));
    };
    let beginning = known.as_ref().and_then(|known| known.prefix.as_deref()).unwrap_or_default();
    if beginning.len() >= prefix.len() {
        return Ok(Value::bool(beginning.starts_with(prefix)));
    }
    Ok(Value::refined(Type::Bool, Refinement { not_null: true, ..Refinement::default() }))
}

fn substr(_: &Context<'_>, args: &[Value]) -> Answer {
    let s = text(args, 0)?;
    let (offset, length) = (integer(args, 1)?, integer(args, 2)?);
    if offset >= 0 && length == 0 {
        return Ok(string(""));
    }
    let all = graphemes(s);
    let total = all.len();
    let start = if offset < 0 {
        total.saturating_sub(offset.unsigned_abs().try_into().unwrap_or(total))
    } else {
        offset.try_into().unwrap_or(total)
    };
    // A length of nothing, counted from the end, never reaches its end.
    let take = if length <= 0 { total } else { usize::try_from(length).unwrap_or(total) };
    Ok(string(&all.into_iter().skip(start).take(take).collect::<String>()))
}
