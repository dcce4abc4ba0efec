//! Data source `terraform_remote_state`: the outputs that another configuration left in its state.

use crate::offline::NoClient;
use levee_model::{Diagnostic, Diagnostics, Type, Value, json};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, ErrorKind, ProviderError, Shape};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The outputs of a state in a file.
#[derive(Clone, Shape)]
pub(crate) struct RemoteState {
    /// Where the state is kept: `local`.
    #[attr(required)]
    backend: Option<String>,
    /// What the backend is told: `path`, `workspace_dir`.
    #[attr(optional)]
    config: Value,
    /// Outputs that the state may lack.
    #[attr(optional)]
    defaults: Value,
    /// The outputs.
    #[attr(computed, judged)]
    outputs: Value,
    /// Whose state it is; the default workspace's unless set.
    #[attr(optional)]
    workspace: Option<String>,
}

const INVALID: &str = "Invalid backend configuration";

/// Arguments of the backend `local`.
const ARGUMENTS: [&str; 2] = ["path", "workspace_dir"];

/// Backends of the language that keep the state where levee does not read it.
const ELSEWHERE: [&str; 11] = ["remote", "azurerm", "consul", "cos", "gcs", "http", "kubernetes", "oss", "pg", "s3", "inmem"];

impl DataSource for RemoteState {
    type Client = NoClient;
    const TYPE: &'static str = "terraform_remote_state";

    fn validate(config: &Value) -> Diagnostics {
        let mut out = Diagnostics::new();
        let backend = config.get("backend");
        match backend.as_ref().and_then(Value::as_str) {
            None | Some("local") => {}
            Some(other) if ELSEWHERE.contains(&other) => {
                let detail = format!("levee reads states of the backend \"local\" only, and this one is kept by {other:?}.");
                out.push(Diagnostic::error(INVALID, detail).of_argument("backend"));
            }
            Some(other) => {
                out.push(Diagnostic::error(INVALID, format!("There is no backend type named {other:?}.")).of_argument("backend"));
            }
        }
        if out.is_empty()
            && let Some(why) = config.get("config").and_then(|c| wrong_arguments(&c.unmark_deep().0))
        {
            let detail = format!("The given configuration is not valid for backend \"local\": {why}.");
            out.push(Diagnostic::error(INVALID, detail).of_argument("config"));
        }
        let defaults = config.get("defaults").filter(|d| d.is_known() && !d.is_null() && d.members().is_none());
        if defaults.is_some() {
            out.push(Diagnostic::error("Invalid default values", "Defaults must be given in an object value.").of_argument("defaults"));
        }
        out
    }

    async fn read(_: &Ctx<NoClient>, config: Self) -> Result<Self> {
        let path = path(&config);
        let missing = || {
            let why = "No stored state was found for the given workspace in the given backend.";
            ProviderError::new(ErrorKind::NotFound, why).called("Unable to find remote state")
        };
        let text = match tokio::fs::read_to_string(&path).await {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
            Err(e) => return Err(broken(&format!("{}: {e}", path.display()))),
        };
        let state: serde_json::Value = serde_json::from_str(&text).map_err(|e| broken(&e.to_string()))?;
        let mut outputs: BTreeMap<Arc<str>, Value> = config.defaults.members().map(BTreeMap::from).unwrap_or_default();
        outputs.extend(stored(&state)?);
        Ok(Self { outputs: Value::object(outputs.into()), ..config })
    }
}

fn broken(why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, format!("error loading the remote state: {why}")).called("Error loading state error")
}

/// What is wrong with the arguments, if anything.
fn wrong_arguments(config: &Value) -> Option<String> {
    if config.is_null() || !config.is_known() {
        return None;
    }
    let Some(members) = config.members() else { return Some("an object is required".to_owned()) };
    for (name, value) in members {
        if !ARGUMENTS.contains(&&**name) {
            return Some(format!("unexpected attribute {name:?}"));
        }
        if !value.ty().is_primitive() && value.ty() != Type::Dynamic {
            return Some(format!("attribute {name:?}: string required"));
        }
    }
    None
}

fn path(config: &RemoteState) -> PathBuf {
    let argument = |name: &str| config.config.get(name).and_then(|v| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned));
    match config.workspace.as_deref().filter(|w| *w != "default") {
        Some(workspace) => {
            let dir = argument("workspace_dir").unwrap_or_else(|| "terraform.tfstate.d".to_owned());
            PathBuf::from(dir).join(workspace).join("terraform.tfstate")
        }
        None => PathBuf::from(argument("path").unwrap_or_else(|| "terraform.tfstate".to_owned())),
    }
}

/// The outputs of a state file of version 4.
fn stored(state: &serde_json::Value) -> Result<BTreeMap<Arc<str>, Value>> {
    let outputs = state.get("outputs").and_then(serde_json::Value::as_object);
    let one = |(name, output): (&String, &serde_json::Value)| {
        let ty = output.get("type").map_or(Ok(Type::Dynamic), json::type_from_json).map_err(|e| broken(&e.to_string()))?;
        let value = output.get("value").unwrap_or(&serde_json::Value::Null);
        let value = json::from_json(value, &ty).map_err(|e| broken(&e.to_string()))?;
        Ok((Arc::from(name.as_str()), value))
    };
    outputs.into_iter().flatten().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Kind;

    fn config(backend: &str, config: Value) -> Value {
        let null = Value::null(Type::Dynamic);
        RemoteState { backend: Some(backend.into()), config, defaults: null.clone(), outputs: null, workspace: None }.to_value()
    }

    #[test]
    fn arguments_are_those_of_the_backend() {
        let object = |name: &str, value: Value| Value::object([(Arc::from(name), value)].into());
        let found = |v: Value| RemoteState::validate(&v).iter().map(|d| d.detail.clone()).collect::<Vec<_>>();
        assert!(found(config("local", object("path", Value::unknown(Type::String)))).is_empty());
        assert!(found(config("local", object("nope", Value::string("x"))))[0].ends_with("unexpected attribute \"nope\"."));
        assert_eq!(found(config("nope", Value::null(Type::Dynamic))), ["There is no backend type named \"nope\"."]);
        assert!(found(config("s3", Value::null(Type::Dynamic)))[0].contains("\"local\" only"));
    }

    #[test]
    fn outputs_keep_their_types() {
        let text = r#"{"outputs": {"set": {"value": ["b", "a"], "type": ["set", "string"]}, "n": {"value": 1, "type": "number"}}}"#;
        let found = stored(&serde_json::from_str(text).expect("JSON")).expect("outputs");
        assert!(matches!(found["set"].kind(), Kind::Set(..)) && found["n"] == Value::number(1));
    }
}
