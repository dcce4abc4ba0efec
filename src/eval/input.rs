//! Values given for variables, converted to what the variable declares; and constants.

use super::{Nothing, evaluate};
use crate::config::expr::Expr;
use crate::config::tfvars::{Given, InputSource, InputValue};
use crate::config::{Defaults, Variable, parse_expression};
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Kind, Marks, Members, Sources, Span, Type, Value};
use std::collections::BTreeMap;

/// The value of an expression that may name nothing and call nothing.
///
/// # Errors
/// When it does, or is wrong in itself.
pub fn constant(expr: &Expr) -> Result<Value, Diagnostics> {
    let mut diags = Diagnostics::new();
    let value = evaluate(expr, &Nothing::constants(), &mut diags);
    if diags.has_errors() { Err(diags) } else { Ok(value) }
}

/// The value of an expression as far as it stands in the text alone: what it names or calls is unknown, and with it most of
/// what is made of that. None unless the whole is known. The strings of a JSON file stand for themselves here, templates or not.
pub fn constant_value(expr: &Expr) -> Option<Value> {
    let value = evaluate(expr, &Nothing::constants(), &mut Diagnostics::new());
    Some(value).filter(Value::is_wholly_known)
}

/// The value that a root module's variable takes from the command line, the environment or a file, before conversion.
///
/// # Errors
/// When the text is not an expression, or not a constant.
pub fn given_value(variable: &Variable, input: &InputValue, sources: &mut Sources) -> Result<Value, Diagnostics> {
    match &input.given {
        Given::Expr(expr) => constant(expr),
        Given::Text(text) if !variable.has_type || variable.ty.is_primitive() => Ok(Value::string(levee_model::text::nfc(text))),
        Given::Text(text) => {
            let source = sources.add(format!("<value for var.{}>", variable.name), text.clone());
            parse_expression(source, text).and_then(|e| constant(&e))
        }
    }
}

/// Checks a variable's default, which needs nothing else.
pub fn check_default(variable: &Variable, diags: &mut Diagnostics) {
    let before = diags.len();
    check_members(&variable.defaults, &variable.ty, diags);
    if diags.len() == before
        && let Err(found) = default_value(variable)
    {
        diags.extend(found);
    }
}

/// The defaults of optional members, against what the members are declared as.
fn check_members(defaults: &Defaults, ty: &Type, diags: &mut Diagnostics) {
    if let (Some(element), Type::List(inner) | Type::Set(inner) | Type::Map(inner)) = (&defaults.element, ty) {
        check_members(element, inner, diags);
    }
    let member = |name: &str| match ty {
        Type::Object(o) => o.attributes.get(name),
        Type::Tuple(types) => types.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    let mut wrong = Vec::new();
    for (name, child) in &defaults.children {
        let before = diags.len();
        member(name).into_iter().for_each(|ty| check_members(child, ty, diags));
        wrong.extend((diags.len() > before).then_some(name));
    }
    for (name, default) in defaults.members.iter().filter(|(name, _)| !wrong.contains(name)) {
        let none = Defaults::default();
        let filled = |value| with_defaults(&value, defaults.children.get(name).unwrap_or(&none), member(name).unwrap_or(&Type::Dynamic));
        match constant(default).map(filled) {
            Ok(Ok(value)) => {
                if let Some(Err(error)) = member(name).map(|ty| convert(&value, ty)) {
                    let why = error.message;
                    let detail = format!("This default value is not compatible with the attribute's type constraint: {why}.");
                    diags.push(Diagnostic::error("Invalid default value for optional attribute", detail).at(default.span));
                }
            }
            Ok(Err(found)) => diags.push(found),
            Err(found) => diags.extend(found),
        }
    }
}

/// What was given for a root module's variable, before conversion.
#[derive(Clone, Debug)]
pub struct RootInput {
    /// The value as it was written.
    pub value: Value,
    /// Where it came from.
    pub source: InputSource,
    /// Where it stands, when it stands in a file.
    pub span: Option<Span>,
}

/// Where a value for a variable was given.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// At a place in a file.
    Place(Span),
    /// Somewhere that has no text to point at.
    Outside(&'a InputSource),
}

impl RootInput {
    /// Where it was given.
    pub fn origin(&self) -> Origin<'_> {
        self.span.map_or(Origin::Outside(&self.source), Origin::Place)
    }
}

/// The value that a variable takes when `given` is given for it: with the defaults of optional members put in, converted
/// to the declared type, and marked as declared. `addr` is the variable's address, for messages.
///
/// # Errors
/// When what was given does not fit.
pub fn variable_value(variable: &Variable, addr: &str, given: &Value, origin: Origin<'_>, sources: &Sources) -> Result<Value, Diagnostic> {
    let wrong = |summary: &str, what: &str, why: &str| {
        let outside = |how: &str| Diagnostic::error(summary, format!("Unsuitable value for {addr} {how}: {why}.")).at(variable.span);
        match origin {
            Origin::Outside(InputSource::CommandLine) => outside(&format!("set using -var=\"{}=...\"", variable.name)),
            Origin::Outside(InputSource::Environment) => outside(&format!("set using the TF_VAR_{} environment variable", variable.name)),
            Origin::Outside(_) => outside("set from outside of the configuration"),
            // Whoever runs this may not be meant to see the value, so that its text is not shown.
            Origin::Place(span) if variable.sensitive && what == "declared" => {
                let at = sources.place(span);
                let detail =
                    format!("The given value is not suitable for {addr}, which is sensitive: {why}. Invalid value defined at {at}.");
                Diagnostic::error(summary, detail).at(variable.span)
            }
            Origin::Place(span) => {
                let at = sources.place(variable.span);
                Diagnostic::error(summary, format!("The given value is not suitable for {addr} {what} at {at}: {why}.")).at(span)
            }
        }
    };
    let filled = with_defaults(given, &variable.defaults, &variable.ty)?;
    let value = convert(&filled, &variable.ty).map_err(|error| wrong("Invalid value for input variable", "declared", &error.message))?;
    if value.is_null() && !variable.nullable {
        let null = || wrong("Required variable not set", "defined", "required variable may not be set to null");
        return default_value(variable).map_err(first)?.ok_or_else(null);
    }
    if !variable.ephemeral && value.clone().unmark_deep().1.contains(Marks::EPHEMERAL) {
        let detail = "This input variable is not declared as accepting a ephemeral values, so it cannot be set to a result derived from an ephemeral value.";
        let span = if let Origin::Place(span) = origin { span } else { variable.span };
        return Err(Diagnostic::error("Ephemeral value not allowed", detail).at(span));
    }
    Ok(marked(variable, value))
}

/// The value that a variable takes when nothing is given for it, likewise; none when it has no default.
///
/// # Errors
/// When the default is no constant or does not fit the type.
pub fn default_value(variable: &Variable) -> Result<Option<Value>, Diagnostics> {
    let Some(default) = &variable.default else { return Ok(None) };
    let value = constant(default)?;
    let place = variable.overridden.filter(|o| o.ty || o.default).map_or(default.span, |o| o.span);
    let wrong = |detail: String| Diagnostic::error("Invalid default value for variable", detail).at(place);
    if value.is_null() && !variable.nullable {
        return Err(wrong("A null default value is not valid when nullable=false.".into()).into());
    }
    let filled = with_defaults(&value, &variable.defaults, &variable.ty)?;
    let value = convert(&filled, &variable.ty).map_err(|error| {
        let path = error.path.to_string();
        let at = match path.chars().next() {
            None => String::new(),
            Some('[') => format!("{path}: "),
            Some(_) => format!(".{path}: "),
        };
        wrong(format!("{}: {at}{}.", incompatible(variable), error.message))
    })?;
    Ok(Some(marked(variable, value)))
}

/// What is wrong with a default that does not fit the type.
fn incompatible(variable: &Variable) -> &'static str {
    match variable.overridden.map(|o| (o.ty, o.default)) {
        Some((true, false)) => "Overriding this variable's type constraint has made its default value invalid",
        Some((false, true)) => "The overridden default value for this variable is not compatible with the variable's type constraint",
        Some((true, true)) => "This variable's default value is not compatible with its type constraint",
        Some((false, false)) | None => "This default value is not compatible with the variable's type constraint",
    }
}

fn first(diags: Diagnostics) -> Diagnostic {
    diags.into_iter().next().unwrap_or_else(|| Diagnostic::error("Invalid constant", "This is not a constant."))
}

/// What is said when nothing is given for a root module's variable that has no default.
pub fn no_value(variable: &Variable) -> Diagnostic {
    let detail = format!(
        "The root module input variable {:?} is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable.",
        &*variable.name
    );
    Diagnostic::error("No value for required variable", detail).at(variable.span)
}

/// A value with the marks that the variable declares.
pub fn marked(variable: &Variable, value: Value) -> Value {
    let mut marks = Marks::NONE;
    if variable.sensitive {
        marks = marks.union(Marks::SENSITIVE);
    }
    if variable.ephemeral {
        marks = marks.union(Marks::EPHEMERAL);
    }
    value.mark(marks)
}

/// Puts the defaults of optional members where a value lacks them or has null.
///
/// # Errors
/// When a default is not a constant.
pub fn with_defaults(value: &Value, defaults: &Defaults, ty: &Type) -> Result<Value, Diagnostic> {
    if defaults.is_empty() || value.is_null() || !value.is_known() {
        return Ok(value.clone());
    }
    let inner = |v: &Value, element: &Type| match &defaults.element {
        Some(d) => with_defaults(v, d, element),
        None => Ok(v.clone()),
    };
    let result = match (value.kind(), ty) {
        (Kind::Map(_, members) | Kind::Object(members), Type::Object(_)) => object(members, defaults, ty)?,
        (Kind::Map(_, members) | Kind::Object(members), Type::Map(element)) => {
            let each = members.iter().map(|(k, v)| Ok((k.clone(), inner(v, element)?)));
            Value::object(each.collect::<Result<_, Diagnostic>>()?)
        }
        (Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items), Type::Tuple(types)) => {
            let none = Defaults::default();
            let each = items.iter().enumerate().map(|(i, v)| {
                let child = defaults.children.get(i.to_string().as_str()).unwrap_or(&none);
                types.get(i).map_or_else(|| Ok(v.clone()), |t| with_defaults(v, child, t))
            });
            Value::tuple(each.collect::<Result<Vec<_>, Diagnostic>>()?)
        }
        (Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items), Type::List(element) | Type::Set(element)) => {
            Value::tuple(items.iter().map(|v| inner(v, element)).collect::<Result<Vec<_>, Diagnostic>>()?)
        }
        _ => return Ok(value.clone()),
    };
    Ok(result.mark(value.marks()))
}

fn object(members: &Members, defaults: &Defaults, ty: &Type) -> Result<Value, Diagnostic> {
    let mut out = BTreeMap::from(members);
    for (name, default) in &defaults.members {
        if out.get(name).is_none_or(Value::is_null) {
            out.insert(name.clone(), constant(default).map_err(first)?);
        }
    }
    if let Type::Object(o) = ty {
        for (name, child) in &defaults.children {
            if let (Some(value), Some(ty)) = (out.get(name), o.attributes.get(name)) {
                let filled = with_defaults(value, child, ty)?;
                out.insert(name.clone(), filled);
            }
        }
    }
    Ok(Value::object(out.into()))
}
