//! Whole configurations: in a directory of its own, the commands of a case one after the other, and what each comes to.

use super::Result;
use super::compare::{Observed, compare};
use super::diagnostics::{from_text, record as diagnostic, sorted};
use super::document::read;
use super::expressions::copy;
use super::normal::{self, Ids, Place};
use super::program::Program;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The directories of every case, in order.
pub(super) fn cases(corpus: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(corpus.join("configs")) else { return Ok(Vec::new()) };
    let mut out: Vec<PathBuf> = entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    out.retain(|dir| dir.join("case.json").is_file());
    out.sort();
    Ok(out)
}

/// Runs a case and answers its category and how it differs from what is recorded.
pub(super) fn judge(dir: &Path, program: &Program) -> Result<(String, Vec<String>)> {
    let case = read(&fs::read_to_string(dir.join("case.json"))?)?;
    let expected = read(&fs::read_to_string(dir.join("expected.json"))?)?;
    let category = case["category"].as_str().unwrap_or_default().to_owned();
    let observed = match run(dir, &case, program) {
        Ok(observed) => observed,
        Err(error) => return Ok((category, vec![error.to_string()])),
    };
    let ignored: Vec<&str> = case["ignore"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = Vec::new();
    for (s, (expected, observed)) in list(&expected["steps"]).iter().zip(&observed).enumerate() {
        for (o, (expected, observed)) in list(&expected["ops"]).iter().zip(observed).enumerate() {
            let verb = expected["op"].as_str().unwrap_or_default();
            let found = compare(expected, observed, &ignored);
            out.extend(found.into_iter().map(|(group, text)| format!("step {} op {} ({verb}) [{group}] {text}", s + 1, o + 1)));
        }
    }
    Ok((category, out))
}

/// Writes into the corpus what a program makes of its configurations.
pub(super) fn record(corpus: &Path, program: &Program, wants: &dyn Fn(&str) -> bool) -> Result<()> {
    for dir in cases(corpus)?.iter().filter(|dir| wants(&super::name_of(dir))) {
        let case = read(&fs::read_to_string(dir.join("case.json"))?)?;
        let steps = run(dir, &case, program)?.into_iter().map(|ops| {
            let ops: Vec<Value> = ops.into_iter().map(|o| o.result).collect();
            json!({ "ops": ops })
        });
        let document = json!({ "steps": steps.collect::<Vec<_>>() });
        fs::write(dir.join("expected.json"), format!("{document:#}\n"))?;
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn run(dir: &Path, case: &Value, program: &Program) -> Result<Vec<Vec<Observed>>> {
    let place = Place::new(case["subdir"].as_str().unwrap_or_default())?;
    let big = case["big"] == true;
    let mut run = Run { program, place, big, ids: Ids::default(), plans: 0 };
    let mut files = Vec::new();
    let mut out = Vec::new();
    for step in list(&case["steps"]) {
        if let Some(name) = step["dir"].as_str() {
            for file in files.drain(..) {
                // The program may have taken it away.
                let _ = fs::remove_file(file);
            }
            copy(&dir.join(name), run.place.top())?;
            list_files(&dir.join(name), run.place.top(), &mut files)?;
        }
        out.push(list(&step["ops"]).iter().map(|op| run.operation(op, &step["env"])).collect::<Result<_>>()?);
    }
    Ok(out)
}

/// Where the files of `from` stand once they are copied to `to`.
fn list_files(from: &Path, to: &Path, out: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { list_files(&entry.path(), &target, out)? } else { out.push(target) }
    }
    Ok(())
}

struct Run<'p> {
    program: &'p Program,
    place: Place,
    big: bool,
    ids: Ids,
    plans: usize,
}

impl Run<'_> {
    fn operation(&mut self, op: &Value, env: &Value) -> Result<Observed> {
        let verb = op["op"].as_str().unwrap_or_default();
        let arguments: Vec<String> = list(&op["args"]).iter().filter_map(Value::as_str).map(str::to_owned).collect();
        match verb {
            "init" => self.init(&arguments, env),
            "validate" => self.validate(&arguments, env),
            "plan" => self.plan(op, &arguments, env),
            "apply" | "destroy" => self.apply(verb, op, &arguments, env),
            "cmd" => self.command(op, &arguments, env),
            "graph" => self.graph(&arguments, env),
            "state" => Ok(json!({ "op": "state", "state": self.state()? }).into()),
            "statefile" => {
                let text = self.file(op["path"].as_str().unwrap_or("terraform.tfstate"));
                let found = text.and_then(|t| read(&t).ok()).map(|d| self.ids.apply(&normal::state_file(d), &self.place));
                Ok(json!({ "op": "statefile", "statefile": found }).into())
            }
            "cat" => Ok(json!({ "op": "cat", "content": self.content(op) }).into()),
            other => Err(format!("a case has an unknown operation: {other}").into()),
        }
    }

    fn file(&self, name: &str) -> Option<String> {
        fs::read(self.place.dir().join(name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn content(&self, op: &Value) -> Option<Value> {
        let text = self.file(op["path"].as_str().unwrap_or_default())?;
        let text = if op["sort"] == true {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.sort_unstable();
            lines.concat()
        } else {
            text
        };
        Some(self.ids.apply(&text.into(), &self.place))
    }

    /// The state after an operation; ids that were not seen before get their labels.
    fn state(&mut self) -> Result<Value> {
        let document = self.program.show(None, &self.place)?;
        self.ids.learn(&document);
        Ok(normal::state(&self.ids.apply(&document, &self.place), self.big))
    }

    fn diagnostics(&self, found: Vec<Value>) -> Value {
        sorted(found.iter().map(|d| super::document::map_text(d, &|t| self.ids.text(t))).collect())
    }

    fn init(&self, arguments: &[String], env: &Value) -> Result<Observed> {
        let arguments: Vec<String> = ["-input=false".to_owned()].iter().chain(arguments).cloned().collect();
        let mut told = self.program.stream("init", &arguments, &self.place, env)?;
        // Some warnings come twice.
        let mut seen = std::collections::BTreeSet::new();
        told.diagnostics.retain(|d| seen.insert(d.to_string()));
        Ok(json!({ "op": "init", "exit": told.exit, "diagnostics": self.diagnostics(told.diagnostics) }).into())
    }

    fn validate(&self, arguments: &[String], env: &Value) -> Result<Observed> {
        let arguments: Vec<String> = ["validate", "-json"].map(str::to_owned).iter().chain(arguments).cloned().collect();
        let printed = self.program.run(&arguments, &self.place, env, "")?;
        let (valid, found) = match read(&printed.out) {
            Ok(document) => {
                let found = list(&document["diagnostics"]).iter().map(|d| diagnostic(d, &self.place)).collect();
                (document["valid"].clone(), found)
            }
            Err(_) => (Value::Null, from_text(&(printed.err + &printed.out), &self.place)),
        };
        Ok(json!({ "op": "validate", "exit": printed.exit, "valid": valid, "diagnostics": self.diagnostics(found) }).into())
    }

    fn plan(&mut self, op: &Value, arguments: &[String], env: &Value) -> Result<Observed> {
        let name = op["out"].as_str().unwrap_or("tfplan");
        let arguments: Vec<String> = ["-input=false".to_owned(), format!("-out={name}")].iter().chain(arguments).cloned().collect();
        let told = self.program.stream("plan", &arguments, &self.place, env)?;
        let mut out = json!({ "op": "plan", "exit": told.exit, "diagnostics": self.diagnostics(told.diagnostics) });
        if matches!(told.exit, 0 | 2) {
            let document = self.program.show(Some(name), &self.place)?;
            let mut plan = normal::plan(&self.ids.apply(&document, &self.place));
            self.plans += 1;
            if self.plans > 1 {
                plan.as_object_mut().and_then(|p| p.remove("configuration"));
            }
            out["plan"] = if self.big { normal::big_plan(plan) } else { plan };
        }
        Ok(out.into())
    }

    fn apply(&mut self, verb: &str, op: &Value, arguments: &[String], env: &Value) -> Result<Observed> {
        let mut all = vec!["-input=false".to_owned()];
        match op["plan_file"].as_str() {
            Some(file) => all.extend(arguments.iter().cloned().chain([file.to_owned()])),
            None => all.extend(["-auto-approve".to_owned()].into_iter().chain(arguments.iter().cloned())),
        }
        let told = self.program.stream(verb, &all, &self.place, env)?;
        let state = self.state()?;
        let sequence = events(&told.stream);
        let mut done: Vec<Value> = sequence.iter().filter(|e| e.2 != "start").map(|e| json!([e.0, e.1, e.2])).collect();
        done.sort_by_cached_key(|e| [0, 1, 2].map(|i| e[i].as_str().unwrap_or_default().to_owned()));
        let done = Value::from(done);
        let events = if self.big { json!({ "count": list(&done).len(), "sha256": super::document::digest(&done) }) } else { done };
        let result = json!({
            "op": verb, "exit": told.exit, "state": state, "diagnostics": self.diagnostics(told.diagnostics),
            "changes": summary(&told.stream), "events": events,
        });
        Ok(Observed { result, sequence })
    }

    fn command(&mut self, op: &Value, arguments: &[String], env: &Value) -> Result<Observed> {
        let printed = self.program.run(arguments, &self.place, env, op["stdin"].as_str().unwrap_or_default())?;
        let mut out = json!({ "op": "cmd", "exit": printed.exit });
        let text = self.place.shown(&printed.out);
        let document = match op["stdout"].as_str() {
            Some("json") => Some(("stdout_json", read(&printed.out).unwrap_or(Value::Null))),
            Some("text") => Some(("stdout", text.clone().into())),
            Some("lines") => {
                let mut lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
                lines.sort_unstable();
                Some(("stdout", lines.into()))
            }
            _ => None,
        };
        if printed.exit != 0 {
            let mut found = from_text(&printed.err, &self.place);
            found.extend(from_text(&printed.out, &self.place));
            out["diagnostics"] = self.diagnostics(found);
        }
        if op["state"] == true {
            out["state"] = self.state()?;
        }
        if let Some((name, document)) = document {
            out[name] = self.ids.apply(&document, &self.place);
        }
        Ok(out.into())
    }

    fn graph(&self, arguments: &[String], env: &Value) -> Result<Observed> {
        let arguments: Vec<String> = ["graph".to_owned()].iter().chain(arguments).cloned().collect();
        let printed = self.program.run(&arguments, &self.place, env, "")?;
        let mut edges: Vec<[&str; 2]> = printed.out.lines().filter_map(edge).collect();
        edges.sort_unstable();
        Ok(json!({ "op": "graph", "exit": printed.exit, "edges": edges }).into())
    }
}

/// `"a" -> "b"`
fn edge(line: &str) -> Option<[&str; 2]> {
    let (from, rest) = line.trim_start().strip_prefix('"')?.split_once("\" -> \"")?;
    Some([from, rest.split_once('"')?.0])
}

/// What was begun and ended, in its order: address, action, and `start`, `complete` or `errored`.
fn events(stream: &[Value]) -> Vec<(String, String, String)> {
    let wanted = stream.iter().filter_map(|m| {
        let phase = m["type"].as_str()?.strip_prefix("apply_").filter(|p| ["start", "complete", "errored"].contains(p))?;
        let text = |v: &Value| v.as_str().map(str::to_owned);
        Some((text(&m["hook"]["resource"]["addr"])?, text(&m["hook"]["action"])?, phase.to_owned()))
    });
    wanted.filter(|(_, action, _)| ["create", "update", "delete"].contains(&action.as_str())).collect()
}

/// The counts of the last summary.
fn summary(stream: &[Value]) -> Value {
    let Some(found) = stream.iter().rev().find(|m| m["type"] == "change_summary").map(|m| &m["changes"]) else { return Value::Null };
    let counts = ["add", "change", "import", "remove"].into_iter().filter_map(|n| Some((n.to_owned(), found.get(n)?.clone())));
    counts.collect::<serde_json::Map<_, _>>().into()
}
