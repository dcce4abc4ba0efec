//! `levee output`

use crate::cli::args::OutputArgs;
use crate::cli::exit::Exit;
use crate::cli::output::{json, value_text};
use crate::cli::session::Session;
use crate::engine;
use levee_model::{Diagnostic, Kind, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn run(args: &OutputArgs, session: &Session) -> Exit {
    session.run(async |_| match engine::outputs(&session.workspace(args.print.place.state.as_deref())).await {
        Ok(outputs) => match text(args, &outputs) {
            Ok(text) => {
                session.console.out(&text);
                Exit::Success
            }
            Err(mistake) => session.refuse(*mistake),
        },
        Err(failure) => session.fail(failure),
    })
}

/// One output that is asked for by name is shown even if it is sensitive: whoever names it wants it.
fn text(args: &OutputArgs, outputs: &BTreeMap<Arc<str>, Value>) -> Result<String, Box<Diagnostic>> {
    let Some(name) = &args.name else {
        return Ok(match (args.print.json, outputs.is_empty()) {
            (true, _) => format!("{:#}\n", json::outputs::all(outputs)),
            (_, true) => "No outputs found: the state has none, or nothing was applied yet.\n".into(),
            _ => value_text::outputs(outputs),
        });
    };
    let Some(value) = outputs.get(name.as_str()) else {
        let detail = "The output variable requested could not be found in the state file. If you\nrecently added this to your configuration, be sure to run `levee\napply`, since the state won't be updated with new output variables until\nthat command is run.";
        return Err(Diagnostic::error(format!("Output {name:?} not found"), detail).into());
    };
    if args.print.json {
        return Ok(format!("{}\n", json::outputs::one(value)));
    }
    let (plain, _) = value.clone().unmark_deep();
    if args.raw { raw(name, &plain) } else { Ok(format!("{}\n", value_text::expression(&plain))) }
}

/// Without quotes and without a line break after it, for scripts.
fn raw(name: &str, value: &Value) -> Result<String, Box<Diagnostic>> {
    match value.kind() {
        Kind::String(text) => Ok(text.to_string()),
        Kind::Number(n) => Ok(n.to_string()),
        Kind::Bool(b) => Ok(b.to_string()),
        _ => {
            let ty: Type = value.ty();
            let detail = format!(
                "The -raw option only supports strings, numbers, and boolean values, but\noutput value {name:?} is {}.\nUse the -json option for machine-readable representations of output values\nthat have complex types.",
                ty.friendly_name()
            );
            Err(Diagnostic::error("Unsupported value for raw output", detail).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{JsonArgs, PlaceArgs};

    fn shown(name: Option<&str>, raw: bool, json: bool) -> Result<String, String> {
        let outputs = BTreeMap::from([
            (Arc::from("list"), Value::tuple(vec![Value::bool(true)])),
            (Arc::from("pw"), Value::string("s3\"").sensitive()),
        ]);
        let print = JsonArgs { json, place: PlaceArgs { state: Some("s".into()) } };
        text(&OutputArgs { name: name.map(Into::into), raw, print }, &outputs).map_err(|d| d.summary)
    }

    #[test]
    fn one_or_all() {
        assert_eq!(shown(None, false, false).as_deref(), Ok("list = [\n  true,\n]\npw = <sensitive>\n"));
        assert_eq!(shown(Some("pw"), true, false).as_deref(), Ok("s3\""));
        assert_eq!(shown(Some("pw"), false, true).as_deref(), Ok("\"s3\\\"\"\n"));
        assert_eq!(shown(Some("pw"), false, false).as_deref(), Ok("\"s3\\\"\"\n"));
        assert_eq!(shown(Some("list"), true, false), Err("Unsupported value for raw output".into()));
        assert_eq!(shown(Some("none"), false, false), Err("Output \"none\" not found".into()));
    }
}
