//! Type constraints: `type = list(object({ a = optional(string, "x") }))`.

use super::expr::{Call, Expr, ExprKind, ObjectKey, Subject, TraversalStep};
use super::variable::Defaults;
use levee_model::{Diagnostic, Diagnostics, Kind, ObjectType, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SUMMARY: &str = "Invalid type specification";

/// Reads a type constraint. `type = any` is [`Type::Dynamic`]; mistakes yield it too.
pub fn type_constraint(expr: &Expr, diags: &mut Diagnostics) -> (Type, Defaults) {
    let mut defaults = Defaults::default();
    if let ExprKind::Literal(v) = &expr.kind
        && let Some(text) = v.as_str()
    {
        diags.push(quoted(text).at(expr.span));
        return (Type::Dynamic, defaults);
    }
    let ty = read(expr, &mut defaults, diags);
    (ty, defaults)
}

/// The word that an expression is, when it is only a word.
pub(super) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Unresolved(u) if u.steps.is_empty() => Some(&u.root),
        ExprKind::Ref(r) if r.steps.is_empty() && r.subject == Subject::SelfObject => Some("self"),
        ExprKind::Literal(value) => constant_word(value),
        _ => None,
    }
}

/// The words that stand for constants are names wherever names are expected.
fn constant_word(value: &Value) -> Option<&'static str> {
    match value.kind() {
        Kind::Bool(true) => Some("true"),
        Kind::Bool(false) => Some("false"),
        Kind::Null(_) => Some("null"),
        _ => None,
    }
}

fn wrong(expr: &Expr, detail: impl Into<String>, diags: &mut Diagnostics) -> Type {
    diags.push(Diagnostic::error(SUMMARY, detail).at(expr.span));
    Type::Dynamic
}

fn read(expr: &Expr, defaults: &mut Defaults, diags: &mut Diagnostics) -> Type {
    if let Some(word) = keyword(expr) {
        return match word {
            "any" => Type::Dynamic,
            "bool" => Type::Bool,
            "number" => Type::Number,
            "string" => Type::String,
            "list" => Type::list(Type::Dynamic),
            "map" => Type::map(Type::Dynamic),
            "set" => wrong(expr, "The set type constructor requires one argument specifying the element type.", diags),
            "object" => {
                wrong(expr, "The object type constructor requires one argument specifying the attribute types and values as a map.", diags)
            }
            "tuple" => wrong(expr, "The tuple type constructor requires one argument specifying the element types as a list.", diags),
            other => wrong(expr, format!("The keyword {other:?} is not a valid type specification."), diags),
        };
    }
    match &expr.kind {
        ExprKind::Call(call) => constructor(expr, call, defaults, diags),
        _ => wrong(
            expr,
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
            diags,
        ),
    }
}

/// Types in quotes are how old configurations write them.
fn quoted(text: &str) -> Diagnostic {
    let instead = match text {
        "string" => "",
        "list" => " and write list(string) instead to explicitly indicate that the list elements are strings",
        "map" => " and write map(string) instead to explicitly indicate that the map elements are strings",
        _ => {
            let detail = "To provide a full type expression, remove the surrounding quotes and give the type expression directly.";
            return Diagnostic::error("Invalid legacy variable type hint", detail);
        }
    };
    let detail = format!(
        "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is now deprecated and will be removed in a future version of Terraform. Remove the quotes around {text:?}{instead}."
    );
    Diagnostic::error("Invalid quoted type constraints", detail)
}

fn constructor(expr: &Expr, call: &Call, defaults: &mut Defaults, diags: &mut Diagnostics) -> Type {
    let name = &*call.name;
    if name == "optional" {
        return wrong(expr, "Keyword \"optional\" is valid only as a modifier for object type attributes.", diags);
    }
    if ["bool", "number", "string"].contains(&name) {
        return wrong(expr, format!("Primitive type keyword {name:?} does not expect arguments."), diags);
    }
    let what = match name {
        "any" => return wrong(expr, format!("Type constraint keyword {name:?} does not expect arguments."), diags),
        "list" | "set" | "map" => "specifying the element type",
        "object" => "specifying the attribute types and values as a map",
        "tuple" => "specifying the element types as a list",
        _ => return wrong(expr, format!("Keyword {name:?} is not a valid type constructor."), diags),
    };
    let [argument] = &*call.arguments else {
        return wrong(expr, format!("The {name} type constructor requires one argument {what}."), diags);
    };
    let mut element = |make: fn(Type) -> Type| {
        let mut inner = Defaults::default();
        let ty = read(argument, &mut inner, diags);
        if !inner.is_empty() {
            defaults.element = Some(Box::new(inner));
        }
        make(ty)
    };
    match name {
        "list" => element(Type::list),
        "set" => element(Type::set),
        "map" => element(Type::map),
        "object" => object(argument, defaults, diags),
        _ => tuple(argument, defaults, diags),
    }
}

fn tuple(argument: &Expr, defaults: &mut Defaults, diags: &mut Diagnostics) -> Type {
    let ExprKind::Tuple(items) = &argument.kind else {
        return wrong(argument, "Tuple type constructor requires a list of element types.", diags);
    };
    let mut types = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let mut inner = Defaults::default();
        types.push(read(item, &mut inner, diags));
        if !inner.is_empty() {
            defaults.children.insert(Arc::from(i.to_string()), inner);
        }
    }
    Type::tuple(types)
}

fn object(argument: &Expr, defaults: &mut Defaults, diags: &mut Diagnostics) -> Type {
    let ExprKind::Object(items) = &argument.kind else {
        return wrong(
            argument,
            "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
            diags,
        );
    };
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    for (key, value) in items {
        let name = match key {
            ObjectKey::Name(name, _) => name.clone(),
            ObjectKey::Expr(key) => {
                wrong(key, "Object constructor map keys must be attribute names.", diags);
                continue;
            }
        };
        let mut inner = Defaults::default();
        let ty = match &value.kind {
            ExprKind::Call(call) if &*call.name == "optional" => {
                optional.insert(name.clone());
                optional_member(value, call, &name, defaults, &mut inner, diags)
            }
            _ => read(value, &mut inner, diags),
        };
        if !inner.is_empty() {
            defaults.children.insert(name.clone(), inner);
        }
        if attributes.contains_key(&name) {
            wrong(argument, "Object constructor map keys must be unique.", diags);
        }
        attributes.insert(name, ty);
    }
    Type::Object(Arc::new(ObjectType { attributes, optional }))
}

fn optional_member(
    expr: &Expr,
    call: &Call,
    name: &Arc<str>,
    defaults: &mut Defaults,
    inner: &mut Defaults,
    diags: &mut Diagnostics,
) -> Type {
    match &*call.arguments {
        [ty] => read(ty, inner, diags),
        [ty, default] => {
            defaults.members.insert(name.clone(), default.clone());
            read(ty, inner, diags)
        }
        [] => wrong(expr, "Optional attribute modifier requires the attribute type as its argument.", diags),
        _ => wrong(expr, "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.", diags),
    }
}

/// The name and steps that an expression is, whether or not it means anything as a reference.
pub(super) fn as_path(expr: &Expr) -> Option<(Arc<str>, Vec<TraversalStep>)> {
    let attr = |name: &Arc<str>| TraversalStep::Attr { name: name.clone(), span: expr.span };
    match &expr.kind {
        ExprKind::Unresolved(u) => Some((u.root.clone(), u.steps.to_vec())),
        ExprKind::Literal(value) => Some((Arc::from(constant_word(value)?), Vec::new())),
        ExprKind::Ref(r) => {
            let (root, mut steps): (Arc<str>, Vec<TraversalStep>) = match &r.subject {
                Subject::Resource { mode: levee_model::Mode::Managed, type_name, name } => (type_name.clone(), vec![attr(name)]),
                Subject::Resource { mode, type_name, name } => {
                    let root = if *mode == levee_model::Mode::Data { "data" } else { "ephemeral" };
                    (Arc::from(root), vec![attr(type_name), attr(name)])
                }
                Subject::Variable(name) => (Arc::from("var"), vec![attr(name)]),
                Subject::Local(name) => (Arc::from("local"), vec![attr(name)]),
                Subject::Module(name) => (Arc::from("module"), vec![attr(name)]),
                Subject::Bound { .. } => return None,
                other => (Arc::from(other.to_string()), Vec::new()),
            };
            steps.extend(r.steps.iter().cloned());
            Some((root, steps))
        }
        _ => None,
    }
}
