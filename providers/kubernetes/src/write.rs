//! An object as we want it: from a value of a type's fields to the JSON that is applied.

use crate::field::{Field, Form};
use crate::owned::Owned;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::model::{Value, json};
use serde_json::{Map, Value as Json};

/// What is there already, for values that the provider fills in: one that nobody changed and that we do not own is left to
/// its owner.
#[derive(Clone, Default)]
pub(crate) struct Before<'a> {
    prior: Option<Value>,
    live: Option<&'a Json>,
    owned: Owned<'a>,
}

impl<'a> Before<'a> {
    /// An object that is there: as state knows it, and as the cluster has it.
    pub(crate) fn of(prior: &Value, live: &'a Json, owned: Owned<'a>) -> Self {
        Self { prior: Some(prior.clone()), live: Some(live), owned }
    }

    fn member(&self, field: &Field) -> Self {
        let prior = self.prior.as_ref().and_then(|p| p.get(field.name));
        let Some(name) = field.wire_name() else { return Self { prior, ..self.clone() } };
        Self { prior, live: self.live.and_then(|l| l.get(&*name)), owned: self.owned.member(&name) }
    }

    fn element(&self, at: usize, key: Option<&str>, new: &Json) -> Self {
        let prior = self.prior.as_ref().and_then(|p| p.elements()?.get(at).cloned());
        let lives = self.live.and_then(Json::as_array);
        let live = match key {
            Some(key) => lives.and_then(|l| l.iter().find(|e| e.get(key) == new.get(key))),
            None => lives.and_then(|l| l.get(at)),
        };
        let owned = if key.is_some() { self.owned.element(live.unwrap_or(new)) } else { self.owned.clone() };
        Self { prior, live, owned }
    }
}

/// Writes what `value`, an object of these fields, says into `out`.
pub(crate) fn write(fields: &[Field], value: &Value, before: &Before<'_>, out: &mut Map<String, Json>) {
    for field in fields.iter().filter(|f| !f.local) {
        let Some(said) = value.get(field.name).filter(|v| !v.is_null() && v.is_known()) else { continue };
        let said = said.unmark().0;
        let before = before.member(field);
        let is_filled_in = field.computed && before.prior.as_ref() == Some(&said) && !before.owned.any();
        if is_filled_in || (field.computed && !field.optional) {
            continue;
        }
        let Some(name) = field.wire_name() else {
            if let (Some(inside), Some(element)) = (field.inside(), first(&said)) {
                write(inside, &element, &Before { prior: before.prior.as_ref().and_then(first), ..before }, out);
            }
            continue;
        };
        let Some(written) = written(field, &said, &before) else { continue };
        match (out.get_mut(&*name), written) {
            // Two arguments of ours may be one member there.
            (Some(Json::Object(there)), Json::Object(more)) => there.extend(more),
            (_, written) => {
                out.insert(name.into_owned(), written);
            }
        }
    }
}

fn first(value: &Value) -> Option<Value> {
    value.elements()?.first().cloned()
}

/// One value; `None` where there is nothing to say.
fn written(field: &Field, said: &Value, before: &Before<'_>) -> Option<Json> {
    match field.form {
        Form::One(inside) => {
            let mut object = Map::new();
            let before = Before { prior: before.prior.as_ref().and_then(first), ..before.clone() };
            write(inside, &first(said)?, &before, &mut object);
            Some(Json::Object(object))
        }
        Form::Many(inside) | Form::Set(inside) => {
            let elements = said.elements().filter(|e| !e.is_empty())?;
            let one = |(at, element): (usize, &Value)| {
                let mut plain = Map::new();
                write(inside, element, &Before::default(), &mut plain);
                let before = before.element(at, field.key, &Json::Object(plain));
                let mut object = Map::new();
                write(inside, element, &before, &mut object);
                Json::Object(object)
            };
            Some(elements.iter().enumerate().map(one).collect())
        }
        Form::BytesMap => {
            let packed = |(key, v): (&std::sync::Arc<str>, &Value)| Some((key.to_string(), Json::String(STANDARD.encode(v.as_str()?))));
            Some(Json::Object(said.members()?.iter().filter_map(packed).collect())).filter(|m| !is_empty(m))
        }
        Form::Number if field.unless_zero && said.as_number().and_then(levee_sdk::model::Number::as_i64) == Some(0) => None,
        Form::Timeouts(_) => None,
        _ => said.as_str().map_or_else(|| Some(json::to_json(said)).filter(|j| !is_empty(j)), |text| from_text(field.form, text)),
    }
}

fn from_text(form: Form, text: &str) -> Option<Json> {
    if text.is_empty() {
        return None;
    }
    // What is no number goes there as it is: the server says best what is wrong with it.
    let or_text = |number: Option<i64>| number.map_or_else(|| Json::from(text), Json::from);
    Some(match form {
        Form::Bytes => Json::from(STANDARD.encode(text)),
        Form::Int | Form::IntOrText => or_text(text.parse().ok()),
        Form::Octal => or_text(i64::from_str_radix(text, 8).ok()),
        _ => Json::from(text),
    })
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.is_empty(),
        _ => false,
    }
}
