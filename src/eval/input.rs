//! Values given for variables, converted to what the variable declares; and constants.

use super::functions::Context;
use super::{Scope, evaluate};
use crate::config::expr::{Expr, ExprKind, Subject};
use crate::config::tfvars::{Given, InputValue};
use crate::config::{Config, Defaults, Variable, parse_expression};
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, InstanceKey, Kind, Marks, Mode, SourceId, Span, Type, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The value of an expression that may name nothing and call nothing.
///
/// # Errors
/// When it does, or is wrong in itself.
pub fn constant(expr: &Expr) -> Result<Value, Diagnostics> {
    let mut diags = Diagnostics::new();
    expr.visit(&mut |e| match &e.kind {
        ExprKind::Unresolved(_) | ExprKind::Ref(_) if !is_bound(e) => {
            diags.push(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(e.span));
        }
        ExprKind::Call(_) => {
            diags.push(Diagnostic::error("Function calls not allowed", "Functions may not be called here.").at(e.span));
        }
        _ => {}
    });
    if diags.has_errors() {
        return Err(diags);
    }
    let value = evaluate(expr, &NoScope::default(), &mut diags);
    if diags.has_errors() { Err(diags) } else { Ok(value) }
}

/// The value of an expression as far as it stands in the text alone: what it names or calls is unknown, and with it most of
/// what is made of that. None unless the whole is known.
pub fn constant_value(expr: &Expr) -> Option<Value> {
    let mut calls = false;
    expr.visit(&mut |e| calls |= matches!(e.kind, ExprKind::Call(_)));
    let value = if calls { None } else { Some(evaluate(expr, &NoScope::default(), &mut Diagnostics::new())) };
    value.filter(Value::is_wholly_known)
}

fn is_bound(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Ref(r) if matches!(r.subject, Subject::Bound { .. }))
}

/// A scope in which there is nothing.
struct NoScope {
    functions: Context<'static>,
}

impl Default for NoScope {
    fn default() -> Self {
        let functions =
            Context { base_dir: PathBuf::new(), home: None, plan_timestamp: None, planning: false, render: None, read_tfvars: None };
        Self { functions }
    }
}

fn nothing_here(span: Span) -> Diagnostic {
    Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(span)
}

impl Scope for NoScope {
    fn root(&self, _: &Subject, span: Span) -> Result<Value, Diagnostic> {
        Err(nothing_here(span))
    }
    fn resource(&self, _: Mode, _: &str, _: &str, _: Option<&InstanceKey>, span: Span) -> Result<Value, Diagnostic> {
        Err(nothing_here(span))
    }
    fn module(&self, _: &str, _: Option<&InstanceKey>, _: Option<&str>, span: Span) -> Result<Value, Diagnostic> {
        Err(nothing_here(span))
    }
    fn functions(&self) -> &Context<'_> {
        &self.functions
    }
}

/// The value that a root module's variable takes from the command line, the environment or a file, before conversion.
///
/// # Errors
/// When the text is not an expression, or not a constant.
pub fn given_value(variable: &Variable, input: &InputValue) -> Result<Value, Diagnostics> {
    match &input.given {
        Given::Expr(expr) => constant(expr),
        Given::Text(text) if !variable.has_type || variable.ty.is_primitive() => Ok(Value::string(levee_model::text::nfc(text))),
        Given::Text(text) => {
            let parsed = parse_expression(input.span.map_or(SourceId(u32::MAX), |s| s.source), text);
            parsed.and_then(|e| constant(&e)).map_err(|diags| {
                let reason = diags.iter().next().map_or_else(String::new, |d| format!(" {}: {}", d.summary, d.detail));
                let detail = format!(
                    "The value given for {:?} by {} is not an expression of type {}.{reason}",
                    &*variable.name, input.source, variable.ty
                );
                Diagnostic::error("Invalid value for input variable", detail).at_if_none(input.span).into()
            })
        }
    }
}

/// Checks the defaults of all variables, which needs nothing else.
pub fn check_variables(config: &Config, diags: &mut Diagnostics) {
    for module in config.modules.values() {
        for variable in module.variables.values() {
            if variable.default.is_some()
                && let Err(found) = default_value(variable)
            {
                diags.push(found);
            }
        }
    }
}

/// The value that a variable takes when `given` is given for it: with the defaults of optional members put in, converted
/// to the declared type, and marked as declared. `span` is where it was given.
///
/// # Errors
/// When what was given does not fit.
#[expect(clippy::needless_pass_by_value, reason = "the given value is used up: what stands for it is the result")]
pub fn variable_value(variable: &Variable, given: Value, span: Option<Span>) -> Result<Value, Diagnostic> {
    if given.is_null() && !variable.nullable {
        return default_value(variable)?.ok_or_else(|| null_given(variable, span));
    }
    let filled = with_defaults(&given, &variable.defaults, &variable.ty)?;
    let value = convert(&filled, &variable.ty).map_err(|error| {
        let detail = format!("The given value is not suitable for var.{}: {}{}.", variable.name, place(&error.path), error.message);
        Diagnostic::error("Invalid value for input variable", detail).at(span.unwrap_or(variable.span))
    })?;
    Ok(marked(variable, value))
}

/// The value that a variable takes when nothing is given for it, likewise; none when it has no default.
///
/// # Errors
/// When the default is no constant or does not fit the type.
pub fn default_value(variable: &Variable) -> Result<Option<Value>, Diagnostic> {
    let Some(default) = &variable.default else { return Ok(None) };
    let value = constant(default).map_err(first)?;
    let wrong = |detail: String| Diagnostic::error("Invalid default value for variable", detail).at(default.span);
    if value.is_null() && !variable.nullable {
        return Err(wrong("A null default value is not valid when \"nullable = false\" is set.".into()));
    }
    let filled = with_defaults(&value, &variable.defaults, &variable.ty)?;
    let value = convert(&filled, &variable.ty).map_err(|error| {
        wrong(format!("This default value is not compatible with the variable's type constraint: {}{}.", place(&error.path), error.message))
    })?;
    Ok(Some(marked(variable, value)))
}

fn first(diags: Diagnostics) -> Diagnostic {
    diags.into_iter().next().unwrap_or_else(|| Diagnostic::error("Invalid constant", "This is not a constant."))
}

fn place(path: &levee_model::Path) -> String {
    let path = path.to_string();
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

fn null_given(variable: &Variable, span: Option<Span>) -> Diagnostic {
    let detail = format!(
        "The given value is not suitable for var.{} defined in its block: required variable may not be set to null.",
        variable.name
    );
    Diagnostic::error("Required variable not set", detail).at(span.unwrap_or(variable.span))
}

/// What is said when nothing is given for a root module's variable that has no default.
pub fn no_value(variable: &Variable) -> Diagnostic {
    let detail = format!("The root module input variable {:?} is not set, and has no default value.", &*variable.name);
    Diagnostic::error("No value for required variable", detail)
        .at(variable.span)
        .hint("Use a -var or -var-file command line argument, or a .tfvars file, to provide a value for it.")
}

fn marked(variable: &Variable, value: Value) -> Value {
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

fn object(members: &BTreeMap<Arc<str>, Value>, defaults: &Defaults, ty: &Type) -> Result<Value, Diagnostic> {
    let mut out = members.clone();
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
    Ok(Value::object(out))
}
