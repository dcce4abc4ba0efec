//! Terraform's state file, version 4: a snapshot as its JSON, and back. No provider is known here: attributes are kept as they
//! stand.

use crate::dependencies::AllDependencies;
use crate::rows::{ObjectRow, ObjectStatus, OutputRow};
use crate::snapshot::Snapshot;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use levee_model::address::{DeposedKey, InstanceAddr, InstanceKey, Mode, ModuleInstance};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

/// What the file says of who wrote it, and which host it names before the source of a provider that has none.
#[derive(Clone, Copy, Debug)]
pub struct FileFormat {
    /// Version of Terraform whose format this is.
    pub terraform_version: &'static str,
    /// The registry's host.
    pub registry: &'static str,
}

/// Why a file is no state that can be read: each problem in Terraform's words. Never holds values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct FileError(pub Vec<String>);

#[derive(Serialize, Deserialize)]
struct File<R> {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: R,
    #[serde(default)]
    check_results: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
struct Output {
    value: Box<RawValue>,
    #[serde(rename = "type")]
    ty: Box<RawValue>,
    #[serde(default, skip_serializing_if = "is_false")]
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct Resource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    provider: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Serialize, Deserialize)]
struct Instance {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index_key: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
    #[serde(default)]
    schema_version: u64,
    #[serde(default)]
    attributes: Option<Box<RawValue>>,
    #[serde(default)]
    sensitive_attributes: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_false")]
    create_before_destroy: bool,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Writes the file's text.
///
/// # Errors
/// A row holds something that is no JSON, or `out` takes no more.
pub(crate) fn encode(snapshot: &Snapshot, format: FileFormat, out: &mut impl Write) -> Result<(), serde_json::Error> {
    let raw = |text: &str| RawValue::from_string(text.to_owned());
    let mut outputs = BTreeMap::new();
    for (name, row) in &snapshot.outputs {
        outputs.insert(name.clone(), Output { value: raw(&row.value)?, ty: raw(&row.type_json)?, sensitive: row.sensitive });
    }
    let checks = snapshot.checks.as_deref().filter(|c| *c != "[]").map(raw).transpose()?;
    let file = File {
        version: 4,
        terraform_version: format.terraform_version.to_owned(),
        serial: snapshot.serial,
        lineage: snapshot.lineage.to_string(),
        outputs,
        resources: Resources { rows: &snapshot.objects, dependencies: AllDependencies::of(&snapshot.objects), format },
        check_results: checks,
    };
    serde_json::to_writer_pretty(&mut *out, &file)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// The objects of a snapshot by resource, each made only when it is written: all of them at once are as much again.
struct Resources<'a> {
    rows: &'a [ObjectRow],
    dependencies: AllDependencies,
    format: FileFormat,
}

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(None)?;
        for rows in self.rows.chunk_by(is_same_resource) {
            let instances = rows.iter().map(|row| instance(row, self.dependencies.of_row(row)));
            let instances = instances.collect::<Result<_, _>>().map_err(|_| S::Error::custom("a row is no JSON"))?;
            out.serialize_element(&resource(&rows[0], self.format, instances))?;
        }
        out.end()
    }
}

fn is_same_resource(a: &ObjectRow, b: &ObjectRow) -> bool {
    (&a.addr.module, a.addr.mode, &a.addr.type_name, &a.addr.name) == (&b.addr.module, b.addr.mode, &b.addr.type_name, &b.addr.name)
}

fn resource(row: &ObjectRow, format: FileFormat, instances: Vec<Instance>) -> Resource {
    Resource {
        module: (!row.addr.module.is_root()).then(|| row.addr.module.to_string()),
        mode: if row.addr.mode == Mode::Data { "data" } else { "managed" }.to_owned(),
        type_name: row.addr.type_name.to_string(),
        name: row.addr.name.to_string(),
        provider: provider_text(row, format),
        instances,
    }
}

fn instance(row: &ObjectRow, dependencies: Vec<String>) -> Result<Instance, serde_json::Error> {
    Ok(Instance {
        index_key: match &row.addr.key {
            InstanceKey::None => None,
            InstanceKey::Int(n) => Some(Json::from(*n)),
            InstanceKey::Str(s) => Some(Json::from(&**s)),
        },
        status: (row.status == ObjectStatus::Tainted).then(|| "tainted".to_owned()),
        deposed: row.deposed.as_ref().map(|key| key.0.to_string()),
        schema_version: row.schema_version,
        attributes: Some(RawValue::from_string(row.values.clone())?),
        sensitive_attributes: Some(RawValue::from_string(row.sensitive_paths.clone())?),
        private: row.private.as_ref().map(|bytes| BASE64_STANDARD.encode(bytes)),
        dependencies: Some(dependencies).filter(|d| !d.is_empty()),
        create_before_destroy: row.create_before_destroy,
    })
}

/// A row names a provider's configuration by its local name, `module.m.provider.aws.west`; the file by its source.
fn provider_text(row: &ObjectRow, format: FileFormat) -> String {
    let mut parts = row.provider.split('.').peekable();
    let mut out = String::new();
    while parts.peek() == Some(&"module") {
        let (word, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        out += &format!("{word}.{name}.");
    }
    let alias = parts.nth(2);
    let host = if row.provider_source.matches('/').count() == 1 { format!("{}/", format.registry) } else { String::new() };
    out += &format!("provider[\"{host}{}\"]", row.provider_source);
    alias.map(|alias| out += &format!(".{alias}"));
    out
}

/// The configuration's address by its type's name, and its source without the registry's host.
fn provider_of(text: &str, format: FileFormat) -> Option<(Arc<str>, Arc<str>)> {
    let (before, rest) = text.split_once("provider[\"")?;
    let (source, alias) = rest.split_once("\"]")?;
    let source = source.strip_prefix(format.registry).and_then(|s| s.strip_prefix('/')).unwrap_or(source);
    let name = source.rsplit('/').next()?;
    Some((Arc::from(format!("{before}provider.{name}{alias}")), Arc::from(source)))
}

const UNSUPPORTED: &str = "Unsupported state file format";

/// Reads the file's text.
///
/// # Errors
/// It is no state of version 4, or it has an object twice.
pub(crate) fn decode(text: &str, format: FileFormat) -> Result<Snapshot, FileError> {
    check_version(text, format)?;
    let file: File<Vec<Resource>> = serde_json::from_str(text)
        .map_err(|e| FileError(vec![format!("{UNSUPPORTED}: The state file could not be parsed: line {}.", e.line())]))?;
    let mut objects = Vec::new();
    for resource in &file.resources {
        // Terraform passes over what it cannot place.
        let Some((provider, source)) = provider_of(&resource.provider, format) else { continue };
        for instance in &resource.instances {
            objects.push(row(resource, instance, (&provider, &source))?);
        }
    }
    objects.sort_unstable_by(|a, b| (&a.addr, &a.deposed).cmp(&(&b.addr, &b.deposed)));
    let twice = objects.windows(2).filter(|w| w[0].addr == w[1].addr && w[0].deposed == w[1].deposed).map(|w| &w[0].addr);
    let twice: BTreeSet<_> = twice.collect();
    if !twice.is_empty() {
        let told =
            |a: &&InstanceAddr| format!("Duplicate resource instance in state: Instance {a} appears multiple times in the state file.");
        return Err(FileError(twice.iter().map(told).collect()));
    }
    let output = |o: &Output| OutputRow { value: compact(&o.value), type_json: compact(&o.ty), sensitive: o.sensitive };
    Ok(Snapshot {
        lineage: file.lineage.parse().unwrap_or_default(),
        serial: file.serial,
        objects,
        outputs: file.outputs.iter().map(|(name, o)| (name.clone(), output(o))).collect(),
        moving: false,
        checks: file.check_results.as_deref().map(compact),
    })
}

fn check_version(text: &str, format: FileFormat) -> Result<(), FileError> {
    const MISSING: &str = "The state file does not have a \"version\" attribute, which is required to identify the format version.";
    let refused = |why: Vec<String>| Err(FileError(why.into_iter().map(|w| format!("{UNSUPPORTED}: {w}")).collect()));
    let sniffed: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => {
            let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let offset = before + error.column();
            let syntax = format!("The state file could not be parsed as JSON: syntax error at byte offset {offset}.");
            return refused(vec![syntax, MISSING.to_owned()]);
        }
    };
    let wrong = |json: &Json| format!("The version in the state file is {}. A positive whole number is required.", kind(json));
    let Json::Object(members) = &sniffed else { return refused(vec![wrong(&sniffed), MISSING.to_owned()]) };
    match members.get("version") {
        None | Some(Json::Null) => refused(vec![MISSING.to_owned()]),
        Some(Json::Number(n)) if n.as_u64() == Some(4) => Ok(()),
        Some(Json::Number(n)) => {
            let by = members.get("terraform_version").and_then(Json::as_str);
            let by = by.map_or_else(String::new, |v| format!(" This state file was created by Terraform {v}."));
            let ours = format.terraform_version;
            refused(vec![format!("The state file uses format version {n}, which is not supported by Terraform {ours}.{by}")])
        }
        Some(other) => refused(vec![wrong(other)]),
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

fn row(resource: &Resource, instance: &Instance, (provider, source): (&Arc<str>, &Arc<str>)) -> Result<ObjectRow, FileError> {
    let bad = |what: &str| FileError(vec![format!("{UNSUPPORTED}: {}.{} has {what}.", resource.type_name, resource.name)]);
    let module = match &resource.module {
        None => ModuleInstance::root(),
        Some(text) => text.parse().map_err(|_| bad("an invalid module address"))?,
    };
    let key = match &instance.index_key {
        None => InstanceKey::None,
        Some(Json::String(text)) => InstanceKey::Str(Arc::from(&**text)),
        Some(other) => other.to_string().parse().map(InstanceKey::Int).map_err(|_| bad("an invalid instance key"))?,
    };
    let mode = if resource.mode == "data" { Mode::Data } else { Mode::Managed };
    let (type_name, name) = (Arc::from(&*resource.type_name), Arc::from(&*resource.name));
    let attributes: Json = match &instance.attributes {
        Some(text) => serde_json::from_str(text.get()).map_err(|_| bad("invalid attributes"))?,
        None => Json::Object(serde_json::Map::new()),
    };
    // A dependency in a form of old is passed over, as Terraform does.
    let dependencies = instance.dependencies.iter().flatten();
    let dependencies = dependencies.filter_map(|d| d.parse::<InstanceAddr>().ok()).map(|d| d.resource()).collect();
    Ok(ObjectRow {
        addr: InstanceAddr { module, mode, type_name, name, key },
        deposed: instance.deposed.as_deref().filter(|d| !d.is_empty()).map(|d| DeposedKey(Arc::from(d))),
        provider: provider.clone(),
        provider_source: source.clone(),
        schema_version: instance.schema_version,
        status: if instance.status.as_deref() == Some("tainted") { ObjectStatus::Tainted } else { ObjectStatus::Ready },
        id: attributes.get("id").and_then(Json::as_str).map(str::to_owned),
        values: attributes.to_string(),
        sensitive_paths: instance.sensitive_attributes.as_deref().map_or_else(|| "[]".to_owned(), compact),
        dependencies,
        create_before_destroy: instance.create_before_destroy,
        private: instance.private.as_deref().and_then(|text| BASE64_STANDARD.decode(text).ok()),
    })
}

fn compact(raw: &RawValue) -> String {
    serde_json::from_str::<Json>(raw.get()).map_or_else(|_| raw.get().to_owned(), |json| json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: FileFormat = FileFormat { terraform_version: "1.11.4", registry: "registry.example" };
    const TEXT: &str = r#"{"version": 4, "serial": 7, "lineage": "e22f6f4b-a8b2-b0bc-0269-de635a8e2289", "outputs": {
        "o": {"value": [1], "type": ["list", "number"], "sensitive": true}}, "resources": [
        {"module": "module.m[\"a\"]", "mode": "managed", "type": "t", "name": "r",
         "provider": "module.m.provider[\"registry.example/acme/cloud\"].west", "instances": [
            {"index_key": 0, "status": "tainted", "schema_version": 1, "attributes": {"id": "i"}, "private": "AAE=",
             "sensitive_attributes": [[{"type": "get_attr", "value": "id"}]], "dependencies": ["data.t.d"], "create_before_destroy": true},
            {"index_key": 0, "deposed": "0badcafe", "schema_version": 1, "attributes": {"id": "j"}, "sensitive_attributes": []}]}]}"#;

    #[test]
    fn what_is_read_is_written_the_same() {
        let read = decode(TEXT, FORMAT).expect("a state");
        let row = &read.objects[0];
        assert_eq!((&*row.provider, &*row.provider_source), ("module.m.provider.cloud.west", "acme/cloud"));
        assert_eq!((row.id.as_deref(), row.private.as_deref()), (Some("i"), Some(&[0, 1][..])));
        let mut text = Vec::new();
        encode(&read, FORMAT, &mut text).expect("JSON");
        let again = decode(std::str::from_utf8(&text).expect("text"), FORMAT).expect("a state");
        assert_eq!(again.base(), read.base());
        assert_eq!((again.objects, again.outputs), (read.objects, read.outputs));
    }

    #[test]
    fn what_is_no_state_is_told() {
        let newer = decode(r#"{"version": 5}"#, FORMAT).expect_err("a newer format").0;
        assert_eq!(newer, [format!("{UNSUPPORTED}: The state file uses format version 5, which is not supported by Terraform 1.11.4.")]);
        assert_eq!(decode("[]", FORMAT).expect_err("no object").0.len(), 2);
        let twice = TEXT.replace("0badcafe", "");
        assert!(decode(&twice, FORMAT).expect_err("an object twice").0[0].starts_with("Duplicate resource instance in state"));
    }
}
