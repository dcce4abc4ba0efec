//! The draft of one object's plan, which a type's `plan` may change before it is shown.

use levee_model::{Path, Step, Type, Value};
use std::sync::Arc;

/// One object's plan in the making. Values are objects of the schema's type and may hold unknown parts.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The object as it is; none on create.
    pub prior: Option<Value>,
    /// What the configuration says; null where it says nothing.
    pub config: Value,
    /// What is proposed: configuration over defaults over prior, computed attributes unknown where they are new.
    pub planned: Value,
    /// Attributes whose change forces a replacement, found by the schema; more may be added.
    pub replace: Vec<Path>,
}

impl Draft {
    /// Whether there is no object yet.
    pub fn is_create(&self) -> bool {
        self.prior.is_none()
    }
    /// The planned value of a top-level attribute.
    pub fn planned(&self, name: &str) -> Value {
        self.planned.get(name).unwrap_or_else(|| Value::null(Type::Dynamic))
    }
    /// The prior value of a top-level attribute.
    pub fn prior(&self, name: &str) -> Value {
        self.prior.as_ref().and_then(|p| p.get(name)).unwrap_or_else(|| Value::null(Type::Dynamic))
    }
    /// What the configuration says about a top-level attribute.
    pub fn config(&self, name: &str) -> Value {
        self.config.get(name).unwrap_or_else(|| Value::null(Type::Dynamic))
    }
    /// Whether a top-level attribute will change (always, on create).
    pub fn changes(&self, name: &str) -> bool {
        let Some(prior) = &self.prior else { return true };
        !prior.is_shared_with(&self.planned) && self.prior(name).unmark_deep().0 != self.planned(name).unmark_deep().0
    }
    /// Plans a top-level attribute's value.
    pub fn set(&mut self, name: &str, value: Value) {
        // Taken out first, so that it is the only one who holds the members and they need no copy.
        let planned = std::mem::replace(&mut self.planned, Value::null(Type::Dynamic));
        self.planned = planned.with(name, value);
    }
    /// Plans that only the provider can tell a top-level attribute's new value.
    pub fn set_unknown(&mut self, name: &str) {
        let ty = self.planned(name).ty();
        self.set(name, Value::unknown(ty));
    }
    /// Plans a replacement because of a top-level attribute.
    pub fn force_replace(&mut self, name: &str) {
        let path = Path(vec![Step::Attribute(Arc::from(name))]);
        if !self.replace.contains(&path) {
            self.replace.push(path);
        }
    }
}
