//! `terraform_data`: carries a value, and triggers replacements.

use crate::state_only::{StateOnly, state_resource};
use levee_model::{Diagnostic, Diagnostics, MachinePlace, Refinement, Type, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};
use uuid::Uuid;

/// Keeps any value, and is replaced when its trigger changes.
#[derive(Clone, Shape)]
pub(crate) struct Data {
    /// Any value, which `output` repeats.
    #[attr(optional)]
    input: Value,
    /// The input, once it is applied.
    #[attr(computed, judged)]
    output: Value,
    /// Any value; the resource is replaced when it changes.
    #[attr(optional, force_new)]
    triggers_replace: Value,
    /// A random UUID.
    #[attr(computed, judged)]
    id: Option<String>,
}

impl StateOnly for Data {
    const NAME: &'static str = "terraform_data";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let is_set = |name: &&str| config.get(name).is_some_and(|v| !v.is_null());
        let told = ["id", "output"].into_iter().filter(is_set).map(|name| {
            let d = Diagnostic::error(format!("{name:?} attribute is read-only"), "").of_argument(name);
            d.placed(MachinePlace::None)
        });
        told.collect()
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        let anew = draft.prior.is_none() || draft.changes("triggers_replace");
        if anew {
            draft.set("id", Value::refined(Type::String, Refinement { not_null: true, ..Refinement::default() }));
        } else if !draft.changes("input") {
            return Ok(());
        }
        let input = draft.planned("input").unmark_deep().0;
        // Of a new object it is known that it has no output; an old one only gets rid of its own when it is changed.
        let output = if anew && input.is_null() { input } else { Value::unknown(input.ty()) };
        draft.set("output", output);
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        Ok(Self { output: planned.input.clone(), id: Some(Uuid::new_v4().to_string()), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        let output = if planned.input == prior.input { prior.output } else { planned.input.clone() };
        Ok(Self { output, id: prior.id, ..planned })
    }

    /// A `null_resource` is what stood in its place before there was this type.
    fn moved_from(type_name: &str, value: &Value) -> Option<Self> {
        let null = || Value::null(Type::Dynamic);
        let id = value.get("id")?.as_str()?.to_owned();
        let triggers = value.get("triggers")?;
        let triggers_replace = if triggers.is_null() { null() } else { triggers };
        (type_name == "null_resource").then(|| Self { input: null(), output: null(), triggers_replace, id: Some(id) })
    }

    async fn import(id: &str) -> Result<Self> {
        let null = || Value::null(Type::Dynamic);
        Ok(Self { input: null(), output: null(), triggers_replace: null(), id: Some(id.to_owned()) })
    }
}

state_resource!(Data);

#[cfg(test)]
mod tests {
    use super::*;

    fn object(input: Value, trigger: &str) -> Value {
        let output = input.clone();
        Data { input, output, triggers_replace: Value::string(trigger), id: Some("i".into()) }.to_value()
    }

    fn planned(prior: Option<Value>, planned: Value) -> Value {
        let mut draft = Draft { prior, config: planned.clone(), planned, replace: Vec::new() };
        <Data as StateOnly>::plan(&mut draft).expect("nothing to refuse");
        draft.planned
    }

    #[test]
    fn output_is_unknown_only_when_the_input_changes() {
        let is_known = |v: &Value, name: &str| v.get(name).is_some_and(|v| v.is_known());
        let prior = object(Value::string("a"), "t");
        let same = planned(Some(prior.clone()), object(Value::string("a").sensitive(), "t"));
        assert!(is_known(&same, "output"));
        let changed = planned(Some(prior.clone()), object(Value::bool(true), "t"));
        assert_eq!(changed.get("output"), Some(Value::unknown(Type::Bool)));
        assert!(is_known(&changed, "id"));
        let replaced = planned(Some(prior), object(Value::string("a"), "u"));
        assert!(!is_known(&replaced, "output") && !is_known(&replaced, "id"));
    }

    #[test]
    fn without_input_the_output_is_null_from_the_start() {
        let created = planned(None, object(Value::null(Type::Dynamic), "t"));
        assert!(created.get("output").is_some_and(|v| v.is_null()));
        assert!(created.get("id").is_some_and(|v| !v.is_known()));
    }
}
