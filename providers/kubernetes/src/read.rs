//! An object as it is: from the cluster's JSON to a value of a type's fields.
//!
//! A cluster's object holds more than we asked for: defaults, and what others wrote into it. Only what is ours is shown: what
//! state knows of, what we own by apply, and what is the cluster's to compute. So nothing else is ever a difference.

use crate::field::{Field, Form};
use crate::metadata::OP_ANNOTATION;
use crate::owned::Owned;
use crate::quantity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::model::{Kind, Members, Type, Value, json};
use serde_json::Value as Json;
use std::sync::Arc;

/// What is known of an object besides what the cluster says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// State has it: what others changed since, where it was never ours, stays as it is known.
    State,
    /// It was just applied: what was left to the cluster is what the cluster says.
    Plan,
    /// Nothing is known, but we applied it once: what we own is shown.
    Owned,
    /// Nothing is known: all that the cluster says is shown.
    Nothing,
}

/// A place in an object.
#[derive(Clone)]
struct Place<'a> {
    live: Option<&'a Json>,
    known: Option<Value>,
    owned: Owned<'a>,
    how: Known,
}

/// The object's value. `known` is an object of these fields, from state or plan.
pub(crate) fn read(fields: &[Field], live: &Json, known: Option<&Value>, owned: &Owned<'_>, how: Known) -> Value {
    object(fields, &Place { live: Some(live), known: known.cloned(), owned: owned.clone(), how })
}

fn object(fields: &[Field], place: &Place<'_>) -> Value {
    // What is not said of a block that is known is not ours, where its owner's list does not tell.
    let is_told = place.known.is_none() || !place.owned.is_leaf();
    let place = &Place { owned: if is_told { place.owned.clone() } else { Owned::default() }, ..place.clone() };
    Value::object(fields.iter().map(|f| (Arc::from(f.name), member(f, place))).collect::<Vec<_>>().into())
}

fn member(field: &Field, place: &Place<'_>) -> Value {
    let known = place.known.as_ref().and_then(|k| k.get(field.name)).map(|k| k.unmark().0);
    if field.local {
        return known.filter(Value::is_known).or_else(|| field.default_value()).unwrap_or_else(|| field.nothing());
    }
    if field.write_only {
        return field.nothing();
    }
    let (live, owned) = match field.wire_name() {
        Some(name) => (place.live.and_then(|l| l.get(&*name)).filter(|l| !l.is_null()), place.owned.member(&name)),
        None => (place.live, place.owned.clone()),
    };
    let how = place.how;
    let said = known.as_ref().filter(|k| k.is_known() && !is_none(k)).cloned();
    // Nobody said it; that others do by now is theirs. What was said may have been said by us: it is shown as it is, and where
    // the configuration says nothing of it, it is no difference.
    let is_theirs = field.computed && field.optional && how == Known::State && !owned.any() && said.is_none();
    if let Some(known) = known.as_ref().filter(|k| is_theirs && k.is_known()) {
        return known.clone();
    }
    let is_shown = match how {
        Known::Nothing => true,
        // What has a default is always said.
        Known::Owned => owned.any() || field.computed || field.is_needed() || field.default.is_some(),
        Known::State | Known::Plan => said.is_some() || owned.any() || field.computed,
    };
    if !is_shown {
        let said = known.filter(Value::is_known).or_else(|| field.default_value().filter(|_| how == Known::Owned));
        return said.unwrap_or_else(|| field.nothing());
    }
    // Of what nothing is known beforehand, all is shown.
    let how = if said.is_none() && how != Known::Owned { Known::Nothing } else { how };
    value(field, &Place { live, known: said, owned, how })
}

/// Null, or no blocks.
fn is_none(value: &Value) -> bool {
    value.is_null()
        || matches!(value.kind(), Kind::List(Type::Object(_), e) if e.is_empty())
        || matches!(value.kind(), Kind::Set(Type::Object(_), e) if e.is_empty())
}

/// Nothing that Kubernetes would keep: it leaves out what is empty, 0 or false.
fn is_zero(value: &Value) -> bool {
    match value.kind() {
        Kind::Bool(b) => !b,
        Kind::Number(n) => n.as_i64() == Some(0),
        Kind::String(s) => s.is_empty() || &**s == "0",
        Kind::List(_, e) | Kind::Set(_, e) => e.is_empty(),
        Kind::Map(_, m) => m.is_empty(),
        _ => false,
    }
}

fn value(field: &Field, place: &Place<'_>) -> Value {
    let Some(live) = place.live else { return absent(field, place) };
    match field.form {
        Form::One(inside) => {
            let known = place.known.as_ref().and_then(first);
            // Nobody owns an empty whole but in name: what is in it is others'. (Selectors are owned as wholes.)
            let is_empty = place.how == Known::Owned && field.name == "metadata" && place.owned.is_leaf();
            let place = &Place { owned: if is_empty { Owned::default() } else { place.owned.clone() }, ..place.clone() };
            let element = object(inside, &Place { known, ..place.clone() });
            let is_written_out = field.wire_name().is_some() || place.known.is_some() || !is_bare(&element);
            if is_written_out { Value::list(element.ty(), vec![element]) } else { field.nothing() }
        }
        Form::Many(inside) => {
            let elements = elements(field, inside, live, place);
            Value::list(crate::field::object_type(inside), elements)
        }
        Form::Set(inside) => {
            let elements = elements(field, inside, live, place);
            Value::set(crate::field::object_type(inside), elements)
        }
        Form::TextMap | Form::BytesMap | Form::Quantities => map(field, live, place),
        _ => scalar(field, live, place.known.as_ref()),
    }
}

fn first(value: &Value) -> Option<Value> {
    value.elements()?.first().cloned()
}

/// Whether an object says nothing at all.
fn is_bare(object: &Value) -> bool {
    object.members().is_some_and(|m| m.values().all(is_none))
}

/// It is not there: a block that we wrote is one without content, so that what is missing in it shows.
fn absent(field: &Field, place: &Place<'_>) -> Value {
    match (&place.known, field.inside()) {
        (Some(known), Some(inside)) if matches!(field.form, Form::One(_)) => {
            let element = object(inside, &Place { live: None, known: first(known), ..place.clone() });
            if first(known).is_some_and(|k| k == element) { Value::list(element.ty(), vec![element]) } else { field.nothing() }
        }
        (Some(known), None) if is_zero(known) => known.clone(),
        (None, None) => {
            let default = field.default_value().filter(|default| place.how == Known::Owned || is_zero(default));
            default.unwrap_or_else(|| field.nothing())
        }
        _ => field.nothing(),
    }
}

/// The elements of a list: ours in our order, then what we own besides. Without keys a list is a whole.
fn elements(field: &Field, inside: &[Field], live: &Json, place: &Place<'_>) -> Vec<Value> {
    let lives: Vec<&Json> = live.as_array().into_iter().flatten().collect();
    let ours: Vec<Value> = place.known.as_ref().and_then(|k| k.elements().map(<[Value]>::to_vec)).unwrap_or_default();
    let one = |live: &Json, known: Option<Value>, owned: Owned<'_>| {
        let how = if known.is_some() || place.how == Known::Owned { place.how } else { Known::Nothing };
        object(inside, &Place { live: Some(live), known, owned, how })
    };
    let Some(key) = field.key else {
        return lives.iter().enumerate().map(|(i, l)| one(l, ours.get(i).cloned(), place.owned.clone())).collect();
    };
    let mut rest = lives;
    let mut out = Vec::new();
    for known in ours {
        let mut wanted = serde_json::Map::new();
        crate::write::write(inside, &known, &crate::write::Before::default(), &mut wanted);
        let Some(at) = rest.iter().position(|l| l.get(key) == wanted.get(key)) else { continue };
        let live = rest.remove(at);
        out.push(one(live, Some(known), place.owned.element(live)));
    }
    let also_ours = |l: &&Json| place.how == Known::Nothing || place.owned.element(l).any();
    out.extend(rest.into_iter().filter(also_ours).map(|l| one(l, None, place.owned.element(l))));
    out
}

fn map(field: &Field, live: &Json, place: &Place<'_>) -> Value {
    let known = place.known.as_ref().and_then(Value::members);
    let is_ours = |key: &str| match known {
        _ if key == OP_ANNOTATION => false,
        Some(known) => known.contains_key(key) || place.owned.member(key).any(),
        None if place.owned.any() && !place.owned.is_leaf() => place.owned.member(key).any(),
        None => !is_housekeeping(key),
    };
    let one = |(key, live): (&String, &Json)| {
        let text = live.as_str()?;
        let text = match field.form {
            Form::BytesMap => opened(text)?,
            _ => text.to_owned(),
        };
        let said = known.and_then(|k| k.get(key)).and_then(Value::as_str);
        let kept = said.filter(|said| matches!(field.form, Form::Quantities) && quantity::same(said, &text)).map(str::to_owned);
        Some((Arc::from(key.as_str()), Value::string(kept.unwrap_or(text))))
    };
    let members: Members = live.as_object().into_iter().flatten().filter(|(key, _)| is_ours(key)).filter_map(one).collect();
    if members.is_empty() && known.is_none() { field.nothing() } else { Value::map(Type::String, members) }
}

/// Keys that Kubernetes and its tools keep for themselves, and we for ourselves.
fn is_housekeeping(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    domain == "kubernetes.io" || domain.ends_with(".kubernetes.io") || domain == "levee"
}

/// A text of base64.
fn opened(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

fn scalar(field: &Field, live: &Json, known: Option<&Value>) -> Value {
    let text = || match live {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    };
    match field.form {
        Form::Text | Form::Int | Form::IntOrText => Value::string(text()),
        Form::Bytes => opened(&text()).map_or_else(|| field.nothing(), Value::string),
        Form::Octal => live.as_i64().map_or_else(|| Value::string(text()), |n| Value::string(format!("{n:04o}"))),
        Form::Quantity => {
            let live = text();
            let said = known.and_then(Value::as_str).filter(|said| quantity::same(said, &live));
            Value::string(said.map_or(live.clone(), str::to_owned))
        }
        _ => json::from_json(live, &field.ty()).unwrap_or_else(|_| field.nothing()),
    }
}
