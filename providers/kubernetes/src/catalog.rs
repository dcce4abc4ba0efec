//! Which kinds a cluster knows, asked for once: a kind's name in paths, and whether it lies in namespaces.

use crate::client::Kubernetes;
use crate::kind::Scope;
use levee_cluster::{Request, Verb};
use levee_sdk::error::Result;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// What a cluster says of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) plural: String,
    pub(crate) scope: Scope,
}

/// The kinds that were asked for, by API version.
#[derive(Default)]
pub(crate) struct Catalog {
    /// Held while the cluster is asked: who comes meanwhile waits for the answer.
    known: Mutex<BTreeMap<String, BTreeMap<String, Entry>>>,
}

impl Kubernetes {
    /// What the cluster says of a kind; `None` where it does not know it (yet).
    pub(crate) async fn kind(&self, api_version: &str, kind: &str) -> Result<Option<Entry>> {
        let mut known = self.catalog.known.lock().await;
        if let Some(entry) = known.get(api_version).and_then(|kinds| kinds.get(kind)) {
            return Ok(Some(entry.clone()));
        }
        let path = if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") };
        let kinds = match self.cluster().ask(&Request::new(Verb::Get, format!("kinds of {api_version}"), path)).await {
            Ok(list) => read(&list),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let entry = kinds.get(kind).cloned();
        known.insert(api_version.to_owned(), kinds);
        Ok(entry)
    }
}

fn read(list: &Json) -> BTreeMap<String, Entry> {
    let of = |resource: &Json| {
        let text = |name: &str| resource.get(name).and_then(Json::as_str);
        // A name with a slash is a part of another kind: its status, its scale.
        let plural = text("name").filter(|n| !n.contains('/'))?.to_owned();
        let scope = if resource.get("namespaced").and_then(Json::as_bool)? { Scope::Namespace } else { Scope::Cluster };
        Some((text("kind")?.to_owned(), Entry { plural, scope }))
    };
    list.get("resources").and_then(Json::as_array).into_iter().flatten().filter_map(of).collect()
}
