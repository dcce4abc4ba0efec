//! `for` expressions, and going through collections.

use super::expression::{Evaluator, dynamic};
use crate::config::expr::{Expr, For};
use levee_model::convert::convert;
use levee_model::{Kind, Marks, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a `for` goes through.
pub(super) enum Items {
    /// Keys and elements.
    Known(Vec<(Value, Value)>),
    /// Not known yet.
    Unknown,
    /// Not even its type is known, or it is wrong and reported.
    Wrong,
}

const CONDITION: &str = "Invalid 'for' condition";
const NULL_CONDITION: &str = "The value of the 'if' clause must not be null.";

/// One round of a `for`.
enum Round {
    Keep,
    Skip,
    Unknown,
}

impl Evaluator<'_> {
    pub(super) fn for_expr(&mut self, node: &For) -> Value {
        let (items, mut marks) = self.items(&node.collection);
        if matches!(items, Items::Wrong) {
            return dynamic();
        }
        if let Some(condition) = &node.condition {
            let Some(own) = self.check_condition(node, condition) else { return dynamic() };
            if matches!(items, Items::Unknown) {
                marks = marks.union(own);
            }
        }
        let Items::Known(items) = items else { return dynamic().mark(marks) };
        match &node.key {
            None => self.for_tuple(node, items, &mut marks),
            Some(key) => self.for_object(node, key, items, &mut marks),
        }
        .mark(marks)
    }

    /// The elements of a collection, and its own marks.
    pub(super) fn items(&mut self, collection: &Expr) -> (Items, Marks) {
        let value = self.eval(collection);
        if value.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.fail(collection, collection.span, "Iteration over null value", detail);
            return (Items::Wrong, Marks::NONE);
        }
        if value.ty() == Type::Dynamic {
            return (Items::Wrong, Marks::NONE);
        }
        let (value, marks) = value.unmark();
        if !value.ty().is_collection() {
            let detail = format!("A value of type {} cannot be used as the collection in a 'for' expression.", value.ty().friendly_name());
            self.fail(collection, collection.span, "Iteration over non-iterable value", detail);
            return (Items::Wrong, marks);
        }
        (elements(&value).map_or(Items::Unknown, Items::Known), marks)
    }

    /// Tries the condition without any element, which finds conditions that can never be right. Its marks, if it may be.
    fn check_condition(&mut self, node: &For, condition: &Expr) -> Option<Marks> {
        let before = self.errors;
        let unknowns = vec![dynamic(); 1 + usize::from(node.has_key)];
        let (value, marks) = self.with_bound(node.slot, unknowns, |e| e.eval(condition)).unmark();
        if value.is_null() {
            self.fail(condition, condition.span, "Condition is null", NULL_CONDITION);
        } else if let Err(error) = convert(&value, &Type::Bool) {
            self.wrong_condition(condition, &error.message);
        }
        (self.errors == before).then_some(marks)
    }

    fn wrong_condition(&mut self, condition: &Expr, message: &str) {
        let detail = format!("The 'if' clause value is invalid: {message}.");
        self.fail(condition, condition.span, CONDITION, detail);
    }

    /// Whether an element is kept. Of several wrong answers, only the first is told: then `known` is set.
    fn round(&mut self, node: &For, known: bool, marks: &mut Marks) -> Round {
        let Some(condition) = &node.condition else { return Round::Keep };
        let (value, own) = self.eval(condition).unmark();
        if value.is_null() {
            if known {
                self.fail(condition, condition.span, CONDITION, NULL_CONDITION);
            }
            return Round::Unknown;
        }
        *marks = marks.union(own);
        if !value.is_known() && node.key.is_none() {
            return Round::Unknown;
        }
        match convert(&value, &Type::Bool) {
            Ok(value) => match value.as_bool() {
                Some(true) => Round::Keep,
                Some(false) => Round::Skip,
                None => Round::Unknown,
            },
            Err(error) => {
                if known {
                    self.wrong_condition(condition, &error.message);
                }
                Round::Unknown
            }
        }
    }

    fn for_tuple(&mut self, node: &For, items: Vec<(Value, Value)>, marks: &mut Marks) -> Value {
        let mut out = Vec::with_capacity(items.len());
        let mut known = true;
        for item in items {
            self.with_bound(node.slot, bindings(node.has_key, item), |e| match e.round(node, known, marks) {
                Round::Keep => out.push(e.eval(&node.value)),
                Round::Skip => {}
                Round::Unknown => known = false,
            });
        }
        if known { Value::tuple(out) } else { dynamic() }
    }

    fn for_object(&mut self, node: &For, key: &Expr, items: Vec<(Value, Value)>, marks: &mut Marks) -> Value {
        let mut single: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let (mut known, mut unique) = (true, true);
        for item in items {
            self.with_bound(node.slot, bindings(node.has_key, item), |e| {
                let name = match e.round(node, known, marks) {
                    Round::Keep => e.for_key(key, known, marks),
                    Round::Skip => return,
                    Round::Unknown => None,
                };
                let Some(name) = name else {
                    known = false;
                    return;
                };
                let value = e.eval(&node.value);
                if node.grouping {
                    groups.entry(name).or_default().push(value);
                } else if single.contains_key(&name) {
                    e.duplicate(key, &name, *marks);
                    unique = false;
                } else {
                    single.insert(name, value);
                }
            });
        }
        if !known || !unique {
            return dynamic();
        }
        single.extend(groups.into_iter().map(|(k, vs)| (k, Value::tuple(vs))));
        Value::object(single.into())
    }

    fn duplicate(&mut self, key: &Expr, name: &str, marks: Marks) {
        let shown = if marks.is_empty() { format!("the key {name:?}") } else { "the same key".into() };
        let detail = format!(
            "Two different items produced {shown} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
        );
        self.fail(key, key.span, "Duplicate object key", detail);
    }

    fn for_key(&mut self, key: &Expr, known: bool, marks: &mut Marks) -> Option<Arc<str>> {
        const SUMMARY: &str = "Invalid object key";
        let (value, own) = self.eval(key).unmark();
        if value.is_null() {
            if known {
                let detail = "Key expression in 'for' expression must not produce a null value.";
                self.fail(key, key.span, SUMMARY, detail);
            }
            return None;
        }
        *marks = marks.union(own);
        match convert(&value, &Type::String) {
            Ok(value) => value.as_str().map(Arc::from),
            Err(_) if !value.is_known() || !known => None,
            Err(error) => {
                let detail = format!("The key expression produced an invalid result: {}.", error.message);
                self.fail(key, key.span, SUMMARY, detail);
                None
            }
        }
    }
}

/// What a round binds: the key if it is named, and the element.
pub(super) fn bindings(has_key: bool, (key, value): (Value, Value)) -> impl Iterator<Item = Value> {
    has_key.then_some(key).into_iter().chain([value])
}

/// Keys and elements of a known collection without marks of its own.
pub(super) fn elements(value: &Value) -> Option<Vec<(Value, Value)>> {
    Some(match value.kind() {
        Kind::List(_, vs) | Kind::Tuple(vs) => vs.iter().enumerate().map(|(i, v)| (Value::number(i as u64), v.clone())).collect(),
        Kind::Set(_, vs) => vs.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, m) | Kind::Object(m) => m.iter().map(|(k, v)| (Value::string(k.clone()), v.clone())).collect(),
        _ => return None,
    })
}
