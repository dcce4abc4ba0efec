//! Which kinds a cluster knows, asked for once: a kind's name in paths, and whether it lies in namespaces.

use crate::client::Kubernetes;
use crate::kind::Scope;
use levee_cluster::{Request, Verb};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a cluster says of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) plural: String,
    pub(crate) scope: Scope,
}

/// The kinds that were asked for, by API version.
#[derive(Default)]
pub(crate) struct Catalog {
    known: Mutex<BTreeMap<String, BTreeMap<String, Entry>>>,
}

impl Catalog {
    fn look(&self, api_version: &str, kind: &str) -> Option<Entry> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(api_version)?.get(kind).cloned()
    }

    fn learn(&self, api_version: &str, kinds: BTreeMap<String, Entry>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(api_version.to_owned(), kinds);
    }
}

impl Kubernetes {
    /// What the cluster says of a kind; `None` where it does not know it (yet).
    pub(crate) async fn kind(&self, api_version: &str, kind: &str) -> Result<Option<Entry>> {
        if let Some(entry) = self.catalog.look(api_version, kind) {
            return Ok(Some(entry));
        }
        let path = if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") };
        match self.cluster().ask(&Request::new(Verb::Get, format!("kinds of {api_version}"), path)).await {
            Ok(list) => self.catalog.learn(api_version, read(&list)),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(self.catalog.look(api_version, kind))
    }

    /// As [`Kubernetes::kind`], where the kind has to be there.
    pub(crate) async fn kind_there(&self, api_version: &str, kind: &str) -> Result<Entry> {
        let missing = || {
            ProviderError::new(ErrorKind::Invalid, format!("the cluster knows no kind {kind} in {api_version}"))
                .hint("if a custom resource definition brings it, let this object depend on that one")
        };
        self.kind(api_version, kind).await?.ok_or_else(missing)
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
