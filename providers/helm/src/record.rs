//! A release record: what Helm writes down of one revision, in a Secret or a `ConfigMap` beside what it installed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Map, Value as Json, json};
use std::fmt;
use std::io::Read;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The label that carries the op token of the step that made a revision.
pub(crate) const OP_LABEL: &str = "levee/op";

/// A record that unpacks to more than this is not Helm's.
const LARGEST: u64 = 256 << 20;

/// One revision of a release.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) revision: i64,
    /// As Helm says it: `deployed`, `pending-upgrade`, ...
    pub(crate) status: String,
    /// What Helm says about how it came to be, or failed.
    pub(crate) description: String,
    pub(crate) chart: String,
    pub(crate) version: String,
    pub(crate) app_version: String,
    /// Seconds since 1970.
    pub(crate) first_deployed: i64,
    /// Seconds since 1970.
    pub(crate) last_deployed: i64,
    pub(crate) notes: String,
    /// What was rendered, in YAML.
    pub(crate) manifest: String,
    /// The values that were given, without those of the chart.
    pub(crate) values: Json,
    /// Whose step made it.
    pub(crate) op: Option<String>,
    /// Whether objects are applied on the server's side (Helm 4).
    pub(crate) is_server_side: bool,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values and manifests hold secrets.
        let Self { namespace, name, revision, status, .. } = self;
        write!(f, "{namespace}/{name} v{revision} ({status})")
    }
}

impl Record {
    /// Reads a Secret's, or a `ConfigMap`'s, JSON.
    pub(crate) fn of(object: &Json) -> Result<Self, String> {
        let packed = object["data"]["release"].as_str().ok_or("it has no data.release")?;
        // What is in a Secret is in base64 once more.
        let packed = match object["kind"].as_str() {
            Some("ConfigMap") => packed.as_bytes().to_vec(),
            _ => STANDARD.decode(packed).map_err(|_| "its data is no base64")?,
        };
        let release = unpack(&packed)?;
        let labels = &object["metadata"]["labels"];
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        Ok(Self::read(&release, labels, namespace))
    }

    fn read(release: &Json, labels: &Json, namespace: &str) -> Self {
        let text = |path: &str| release.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
        let op = labels[OP_LABEL].as_str().or_else(|| release["labels"][OP_LABEL].as_str());
        Self {
            name: text("/name"),
            namespace: Some(text("/namespace")).filter(|n| !n.is_empty()).unwrap_or_else(|| namespace.to_owned()),
            revision: release["version"].as_i64().unwrap_or_default(),
            status: text("/info/status"),
            description: text("/info/description"),
            chart: text("/chart/metadata/name"),
            version: text("/chart/metadata/version"),
            app_version: text("/chart/metadata/appVersion"),
            first_deployed: seconds(&text("/info/first_deployed")),
            last_deployed: seconds(&text("/info/last_deployed")),
            notes: text("/info/notes"),
            manifest: text("/manifest"),
            values: release.get("config").filter(|c| c.is_object()).cloned().unwrap_or_else(|| json!({})),
            op: op.map(str::to_owned),
            is_server_side: release["apply_method"].as_str() == Some("ssa"),
        }
    }

    /// The values as a map.
    pub(crate) fn values(&self) -> Map<String, Json> {
        self.values.as_object().cloned().unwrap_or_default()
    }
}

/// From base64 of gzip, or of plain JSON, to JSON.
fn unpack(packed: &[u8]) -> Result<Json, String> {
    let bytes = STANDARD.decode(packed).map_err(|_| "the release in it is no base64")?;
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        GzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut out).map_err(|_| "the release in it is no gzip")?;
        out
    } else {
        bytes
    };
    serde_json::from_slice(&text).map_err(|_| "the release in it is no JSON".to_owned())
}

fn seconds(text: &str) -> i64 {
    OffsetDateTime::parse(text, &Rfc3339).map_or(0, OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn release() -> Json {
        json!({
            "name": "web", "namespace": "shop", "version": 3, "apply_method": "ssa", "manifest": "---\na: 1\n",
            "info": { "status": "deployed", "first_deployed": "2026-01-02T03:04:05.123456789+01:00", "last_deployed": "", "notes": "hi" },
            "chart": { "metadata": { "name": "chart", "version": "1.2.3", "appVersion": "9" }, "templates": [] },
            "config": { "a": { "b": "hush" } },
        })
    }

    fn packed(release: &Json) -> String {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(release.to_string().as_bytes()).unwrap();
        STANDARD.encode(gzip.finish().unwrap())
    }

    fn object(kind: &str, data: &str) -> Json {
        json!({ "kind": kind, "metadata": { "namespace": "shop", "labels": { "levee/op": "o" } }, "data": { "release": data } })
    }

    #[test]
    fn both_kinds_of_records_are_read() {
        let packed = packed(&release());
        let secret = Record::of(&object("Secret", &STANDARD.encode(&packed))).unwrap();
        let map = Record::of(&object("ConfigMap", &packed)).unwrap();
        for record in [secret, map] {
            assert_eq!(format!("{record:?}"), "shop/web v3 (deployed)");
            assert_eq!((record.first_deployed, record.last_deployed), (1_767_319_445, 0));
            assert_eq!((&*record.chart, &*record.version, &*record.app_version), ("chart", "1.2.3", "9"));
            assert_eq!((record.op.as_deref(), record.is_server_side), (Some("o"), true));
            assert_eq!(record.values["a"]["b"], "hush");
        }
        let plain = Record::of(&object("ConfigMap", &STANDARD.encode(release().to_string()))).unwrap();
        assert_eq!(plain.revision, 3);
    }

    #[test]
    fn what_is_no_record_is_told() {
        for data in ["%", "aGk=", &STANDARD.encode("%"), &STANDARD.encode(STANDARD.encode([0x1f, 0x8b, 1]))] {
            assert!(Record::of(&object("Secret", data)).is_err(), "{data}");
        }
        assert_eq!(Record::of(&json!({})).unwrap_err(), "it has no data.release");
    }
}
