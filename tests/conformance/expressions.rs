//! Expressions: each is the value of a local, seen through an output and through a resource's argument of a plan.

use super::Result;
use super::diagnostics::squashed;
use super::document::{differences, prune, read, short};
use super::normal::Place;
use super::program::Program;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many expressions that should succeed share a plan.
const BATCH: usize = 40;

/// One recorded expression.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) category: String,
    context: String,
    text: String,
    recorded: Value,
}

impl Case {
    /// The local's name: every one is as long as the other, so that columns agree.
    fn name(&self) -> String {
        format!("p_{}", self.id.chars().skip(self.id.chars().count().saturating_sub(8)).collect::<String>())
    }

    fn fails(&self) -> bool {
        self.recorded.get("error").is_some()
    }
}

/// Every expression of a corpus.
pub(super) fn cases(corpus: &Path) -> Result<Vec<Case>> {
    let path = corpus.join("expressions.jsonl");
    let Ok(lines) = fs::read_to_string(path) else { return Ok(Vec::new()) };
    lines.lines().filter(|l| !l.trim().is_empty()).map(case).collect()
}

fn case(line: &str) -> Result<Case> {
    let recorded = read(line)?;
    let text = |name: &str| recorded[name].as_str().map(str::to_owned).ok_or(format!("an expression has no {name}: {line}"));
    Ok(Case { id: text("id")?, category: text("category")?, context: text("context")?, text: text("expr")?, recorded })
}

/// Those that fail stand alone, the rest in groups of one context.
pub(super) fn batches(cases: impl Iterator<Item = Case>) -> Vec<(String, Vec<Case>)> {
    let mut open: BTreeMap<(String, bool), Vec<Case>> = BTreeMap::new();
    let mut out = Vec::new();
    for case in cases {
        let key = (case.context.clone(), case.fails());
        let group = open.entry(key.clone()).or_default();
        group.push(case);
        if group.len() == BATCH {
            out.push((key.0, std::mem::take(group)));
        }
    }
    out.extend(open.into_iter().filter(|(_, group)| !group.is_empty()).map(|((context, _), group)| (context, group)));
    out
}

/// A directory with one context, used for one expression after the other.
pub(super) struct Session<'p> {
    program: &'p Program,
    place: Place,
    written: Vec<std::path::PathBuf>,
}

/// What a plan with some expressions came to: the documents' parts for each by name, or errors.
enum Outcome {
    Values(BTreeMap<String, Value>),
    Errors(Vec<Value>),
}

impl<'p> Session<'p> {
    pub(super) fn new(corpus: &Path, context: &str, program: &'p Program) -> Result<Self> {
        let place = Place::new("")?;
        copy(&corpus.join("contexts").join(context), place.dir())?;
        copy(&corpus.join("contexts/fixtures"), &place.dir().join("fixtures"))?;
        Ok(Self { program, place, written: Vec::new() })
    }

    /// Compares each with what is recorded.
    pub(super) fn judge<'c>(&mut self, cases: &'c [Case]) -> Result<Vec<(&'c Case, Vec<String>)>> {
        let (failing, fine): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|c| c.fails());
        let mut out = Vec::new();
        for case in failing {
            let outcome = self.evaluate(&[case])?;
            out.push((case, judge_error(&case.recorded, &outcome)));
        }
        self.judge_values(&fine, &mut out)?;
        Ok(out)
    }

    /// A group that fails is halved until the one at fault stands alone.
    fn judge_values<'c>(&mut self, cases: &[&'c Case], out: &mut Vec<(&'c Case, Vec<String>)>) -> Result<()> {
        if cases.is_empty() {
            return Ok(());
        }
        match self.evaluate(cases)? {
            Outcome::Values(found) => {
                out.extend(cases.iter().map(|case| (*case, judge_value(&case.recorded, &found[&case.name()]))));
            }
            Outcome::Errors(errors) if cases.len() == 1 => {
                let first = errors.first().cloned().unwrap_or_default();
                out.push((cases[0], vec![format!("unexpected error: {}", short(&first))]));
            }
            Outcome::Errors(_) => {
                let (left, right) = cases.split_at(cases.len() / 2);
                self.judge_values(left, out)?;
                self.judge_values(right, out)?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, cases: &[&Case]) -> Result<Outcome> {
        for path in self.written.drain(..) {
            fs::remove_file(path)?;
        }
        let mut probes = String::new();
        for case in cases {
            let name = case.name();
            self.write(&format!("expr_{name}.tf"), &format!("locals {{\n  {name} = {}\n}}\n", case.text))?;
            write!(probes, "output \"{name}\" {{\n  value     = [local.{name}]\n  sensitive = true\n}}\n")?;
            write!(probes, "resource \"terraform_data\" \"{name}\" {{\n  input = [local.{name}]\n}}\n")?;
        }
        self.write("probes.tf", &probes)?;
        let arguments = ["-input=false", "-out=p.tfplan"].map(str::to_owned);
        let told = self.program.stream("plan", &arguments, &self.place, &Value::Null)?;
        let mut errors: Vec<Value> = told.diagnostics.into_iter().filter(|d| d["severity"] == "error").collect();
        if told.exit != 0 && errors.is_empty() {
            errors.push(json!({ "summary": format!("exit {} without diagnostics", told.exit), "detail": squashed(&told.printed) }));
        }
        if !errors.is_empty() {
            errors.iter_mut().for_each(|e| hide_names(e, cases));
            return Ok(Outcome::Errors(errors));
        }
        let document = self.program.show(Some("p.tfplan"), &self.place)?;
        Ok(Outcome::Values(cases.iter().map(|c| (c.name(), self.extract(&document, &c.name()))).collect()))
    }

    fn write(&mut self, name: &str, text: &str) -> Result<()> {
        let path = self.place.dir().join(name);
        fs::write(&path, text)?;
        self.written.push(path);
        Ok(())
    }

    /// The parts of a plan's document that tell about one expression, in the corpus' form.
    fn extract(&self, document: &Value, name: &str) -> Value {
        let output = &document["planned_values"]["outputs"][name];
        let change = &document["output_changes"][name];
        let address = format!("terraform_data.{name}");
        let resources = document["resource_changes"].as_array().into_iter().flatten();
        let resource = resources.into_iter().find(|c| c["address"] == *address).map_or(&Value::Null, |c| &c["change"]);
        let unknown = prune(&first(&change["after_unknown"]));
        let sensitive = match &resource["after_sensitive"] {
            tree @ Value::Object(_) => first(&tree["input"]),
            other => other.clone(),
        };
        let mut out = json!({ "unknown": unknown, "sensitive": prune(&sensitive) });
        if output.get("value").is_some() && unknown == Value::Bool(false) {
            out["result"] = first(&output["value"]);
            let ty = &output["type"];
            out["type"] = if ty[0] == "tuple" && ty[1].as_array().is_some_and(|t| t.len() == 1) { ty[1][0].clone() } else { ty.clone() };
        } else {
            out["result"] = first(&change["after"]);
        }
        super::document::map_text(&out, &|text| self.place.without_dir(text))
    }
}

/// The only element of a list; a bool stands for every element.
fn first(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => items[0].clone(),
        Value::Bool(b) => Value::Bool(*b),
        _ => Value::Null,
    }
}

fn hide_names(diagnostic: &mut Value, cases: &[&Case]) {
    for field in ["summary", "detail"] {
        let mut text = diagnostic[field].as_str().unwrap_or_default().to_owned();
        for case in cases {
            let name = case.name();
            text = text.replace(&format!("expr_{name}.tf"), "<expr>").replace(&name, "<probe>");
        }
        diagnostic[field] = text.into();
    }
}

fn judge_value(recorded: &Value, found: &Value) -> Vec<String> {
    let out = value_differences(recorded, found);
    let others = recorded["alternatives"].as_array().into_iter().flatten();
    let agrees = others.into_iter().any(|other| value_differences(other, found).is_empty());
    if agrees { Vec::new() } else { out }
}

fn value_differences(recorded: &Value, found: &Value) -> Vec<String> {
    let absent = Value::Bool(false);
    let mut out = Vec::new();
    for name in ["unknown", "sensitive"] {
        out.extend(differences(recorded.get(name).unwrap_or(&absent), &found[name], name));
    }
    out.extend(differences(&recorded["result"], &found["result"], "result"));
    if found["unknown"] == absent && recorded.get("type").is_some() {
        out.extend(differences(&recorded["type"], &found["type"], "type"));
    }
    out
}

fn judge_error(recorded: &Value, outcome: &Outcome) -> Vec<String> {
    let Outcome::Errors(errors) = outcome else {
        return vec![format!("expected the error {}, got none", short(&recorded["error"]))];
    };
    // What the oracle says when it cannot write a value, or breaks, is nobody's model.
    if matches!(recorded["kind"].as_str(), Some("panic" | "unserializable")) {
        return Vec::new();
    }
    let one = [recorded["error"].clone()];
    let wanted = recorded["errors"].as_array().map_or(&one[..], Vec::as_slice);
    let varies = recorded["suggestion_varies"] == true;
    let (wanted, found) = (essence(wanted, varies), essence(errors, varies));
    if wanted == found { Vec::new() } else { vec![format!("expected {wanted:?}, got {found:?}")] }
}

fn essence(diagnostics: &[Value], without_suggestion: bool) -> Vec<(String, String)> {
    let text = |d: &Value, name: &str| squashed(d[name].as_str().unwrap_or_default());
    let mut out: Vec<(String, String)> = diagnostics
        .iter()
        .map(|d| {
            let detail = text(d, "detail");
            let end = if without_suggestion { detail.find(" Did you mean ") } else { None };
            (text(d, "summary"), end.map_or(detail.as_str(), |end| &detail[..end]).to_owned())
        })
        .collect();
    out.sort();
    out
}

/// Copies a directory, if there is one.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    fs::create_dir_all(to)?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy(&entry.path(), &target)? } else { fs::copy(entry.path(), target).map(drop)? }
    }
    Ok(())
}

/// Writes into the corpus what a program makes of its expressions.
pub(super) fn record(corpus: &Path, program: &Program) -> Result<()> {
    let path = corpus.join("expressions.jsonl");
    let mut lines = String::new();
    for case in cases(corpus)? {
        let mut session = Session::new(corpus, &case.context, program)?;
        let mut line = json!({ "id": case.id, "category": case.category, "context": case.context, "expr": case.text });
        match session.evaluate(&[&case])? {
            Outcome::Errors(errors) => {
                let kept = |e: &Value| json!({ "summary": e["summary"], "detail": e["detail"] });
                line["error"] = kept(&errors[0]);
                if errors[0]["summary"].as_str().is_some_and(|s| s.contains("cannot serialize infinity")) {
                    line["kind"] = "unserializable".into();
                }
                if errors.len() > 1 {
                    line["errors"] = errors.iter().map(kept).collect();
                }
            }
            Outcome::Values(mut found) => {
                let found = found.remove(&case.name()).unwrap_or_default();
                for (name, value) in found.as_object().into_iter().flatten() {
                    if !matches!((name.as_str(), value), ("unknown" | "sensitive", Value::Bool(false))) {
                        line[name] = value.clone();
                    }
                }
            }
        }
        writeln!(lines, "{line}")?;
    }
    fs::write(path, lines)?;
    Ok(())
}
