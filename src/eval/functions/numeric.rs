//! Functions of numbers.

use super::{Answer, Context, Function, FunctionError, NOT_WHOLE, Param, a_number, integer, text};
use levee_model::text::quote;
use levee_model::{Number, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[Param::number("num").dynamic()], a_number, |_, a| Ok(Value::number(number(a, 0)?.abs()))),
    Function::new("ceil", &[Param::number("num")], a_number, |_, a| Ok(Value::number(number(a, 0)?.ceil()))),
    Function::new("floor", &[Param::number("num")], a_number, |_, a| Ok(Value::number(number(a, 0)?.floor()))),
    Function::new("log", &[Param::number("num"), Param::number("base")], a_number, |_, a| {
        number(a, 0)?.log(number(a, 1)?).map(Value::number).ok_or_else(not_a_number)
    }),
    Function::new("pow", &[Param::number("num"), Param::number("power")], a_number, |_, a| {
        number(a, 0)?.pow(number(a, 1)?).map(Value::number).ok_or_else(not_a_number)
    }),
    Function::new("max", &[], a_number, |_, a| extreme(a, |n, best| n > best)).and_any_number_of(Param::number("numbers").dynamic()),
    Function::new("min", &[], a_number, |_, a| extreme(a, |n, best| n < best)).and_any_number_of(Param::number("numbers").dynamic()),
    Function::new("signum", &[Param::number("num")], a_number, |_, a| Ok(Value::number(integer(a, 0)?.signum()))),
    Function::new(
        "parseint",
        &[Param::any("number"), Param::number("base")],
        |a| match a[0].ty() {
            levee_model::Type::String => Ok(levee_model::Type::Number),
            other => Err(FunctionError::arg(0, format!("first argument must be a string, not {}", other.friendly_name()))),
        },
        parseint,
    ),
];

fn number(args: &[Value], i: usize) -> Result<&Number, FunctionError> {
    args[i].as_number().ok_or_else(|| FunctionError::arg(i, "number required"))
}

fn not_a_number() -> FunctionError {
    FunctionError::new("panic in function implementation: Float.SetFloat64(NaN)")
}

fn extreme(args: &[Value], better: fn(&Number, &Number) -> bool) -> Answer {
    let mut best: Option<&Number> = None;
    for i in 0..args.len() {
        let n = number(args, i)?;
        if best.is_none_or(|best| better(n, best)) {
            best = Some(n);
        }
    }
    best.cloned().map(Value::number).ok_or_else(|| FunctionError::new("must pass at least one number"))
}

/// Digits in bases above 36 are `0-9a-zA-Z`; up to 36 letters of either case count alike.
fn parseint(_: &Context<'_>, args: &[Value]) -> Answer {
    let source = text(args, 0)?;
    let base = integer(args, 1).map_err(|_| FunctionError::arg(1, NOT_WHOLE))?;
    let base = u32::try_from(base)
        .ok()
        .filter(|base| (2..=62).contains(base))
        .ok_or_else(|| FunctionError::arg(1, "base must be a whole number between 2 and 62 inclusive"))?;
    let wrong = || FunctionError::arg(0, format!("cannot parse {} as a base {base} integer", quote(source)));
    let negative = source.starts_with('-');
    let digits = source.strip_prefix(['-', '+']).unwrap_or(source);
    if digits.is_empty() {
        return Err(wrong());
    }
    let values: Option<Vec<u32>> = digits.chars().map(|c| digit(c, base)).collect();
    let n = Number::from_digits(negative, &values.ok_or_else(wrong)?, base);
    Ok(Value::number(n))
}

fn digit(c: char, base: u32) -> Option<u32> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        'a'..='z' => u32::from(c) - u32::from('a') + 10,
        'A'..='Z' if base <= 36 => u32::from(c) - u32::from('A') + 10,
        'A'..='Z' => u32::from(c) - u32::from('A') + 36,
        _ => return None,
    };
    (value < base).then_some(value)
}
