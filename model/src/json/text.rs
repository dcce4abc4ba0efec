//! Values straight from their text. A state has many, and levee wrote nearly all of them: for that one shape no tree is made of
//! the text in between, which costs more than all the rest.

use super::{element_type, type_from_json, type_of_name};
use crate::number::Number;
use crate::text::nfc;
use crate::types::Type;
use crate::value::Value;
use serde::Deserializer;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;

/// Reads what [`super::to_json_typed`] writes for a place of type `ty`, as text. `None` where it is anything else, though
/// [`super::from_json`] may make a value of that, or tell why not.
pub fn from_json_text(text: &str, ty: &Type) -> Option<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Typed(ty).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// What is of this type, or null.
struct Typed<'t>(&'t Type);

impl<'de> DeserializeSeed<'de> for Typed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Typed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}", self.0.friendly_name())
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::null(element_type(self.0)))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::Bool => deserializer.deserialize_bool(self),
            Type::String => deserializer.deserialize_str(self),
            Type::Number => {
                let number = serde_json::Number::deserialize(deserializer)?;
                Number::parse(number.as_str()).map(Value::number).ok_or_else(|| D::Error::custom("not a number"))
            }
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => deserializer.deserialize_seq(self),
            Type::Map(_) | Type::Object(_) | Type::Dynamic => deserializer.deserialize_map(self),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::bool(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(nfc(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        match self.0 {
            Type::Tuple(types) => {
                for ty in types.iter() {
                    out.push(items.next_element_seed(Typed(ty))?.ok_or_else(|| A::Error::custom("too few"))?);
                }
                match items.next_element::<IgnoredAny>()? {
                    None => Ok(Value::tuple(out)),
                    Some(_) => Err(A::Error::custom("too many")),
                }
            }
            Type::List(ty) | Type::Set(ty) => {
                while let Some(item) = items.next_element_seed(Typed(ty))? {
                    out.push(item);
                }
                let element = element_type(ty);
                Ok(if matches!(self.0, Type::Set(_)) { Value::set(element, out) } else { Value::list(element, out) })
            }
            _ => Err(A::Error::custom("no list is wanted")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        match self.0 {
            Type::Map(ty) => {
                let mut members: Vec<(Arc<str>, Value)> = Vec::new();
                while let Some(key) = entries.next_key_seed(Key(|key: &str| Some(nfc(key))))? {
                    if members.last().is_some_and(|(last, _)| *last >= key) {
                        return Err(A::Error::custom("keys out of order"));
                    }
                    members.push((key, entries.next_value_seed(Typed(ty))?));
                }
                Ok(Value::map(element_type(ty), members.into()))
            }
            Type::Object(object) => {
                let mut members = Vec::with_capacity(object.attributes.len());
                let mut attributes = object.attributes.iter();
                let missing = |(name, ty): (&Arc<str>, &Type)| (name.clone(), Value::null(element_type(ty)));
                // Names come in order, some of them left out.
                while let Some((name, ty)) = entries.next_key_seed(Key(|key: &str| {
                    loop {
                        let (name, ty) = attributes.next()?;
                        if **name == *key {
                            return Some((name, ty));
                        }
                        members.push(missing((name, ty)));
                    }
                }))? {
                    members.push((name.clone(), entries.next_value_seed(Typed(ty))?));
                }
                members.extend(attributes.map(missing));
                Ok(Value::object(members.into()))
            }
            Type::Dynamic => {
                let named = |wanted: &'static str| Key(move |key: &str| (key == wanted).then_some(()));
                let none = || A::Error::custom("no value with its type");
                entries.next_key_seed(named("type"))?.ok_or_else(none)?;
                let ty = entries.next_value_seed(TypeOf)?;
                entries.next_key_seed(named("value"))?.ok_or_else(none)?;
                let value = entries.next_value_seed(Typed(&ty))?;
                match entries.next_key::<IgnoredAny>()? {
                    None => Ok(value),
                    Some(_) => Err(none()),
                }
            }
            _ => Err(A::Error::custom("no object is wanted")),
        }
    }
}

/// A type, which mostly is one word.
struct TypeOf;

impl<'de> DeserializeSeed<'de> for TypeOf {
    type Value = Type;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Type, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TypeOf {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Type, E> {
        type_of_name(name).ok_or_else(|| E::custom("no type is called so"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<Type, A::Error> {
        let parts = Json::deserialize(SeqAccessDeserializer::new(parts))?;
        type_from_json(&parts).map_err(A::Error::custom)
    }
}

/// What something finds under a key; a key under which there is nothing is an error.
struct Key<F>(F);

impl<'de, T, F: FnOnce(&str) -> Option<T>> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<T, E> {
        (self.0)(key).ok_or_else(|| E::custom("a key that is not wanted here"))
    }
}
