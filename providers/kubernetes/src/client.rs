//! The client that all types of this provider are given: objects by their places, one at a time or many in one call.

use levee_cluster::{Cluster, Request, Verb};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::loader::Loader;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many objects of one collection are read one by one; more are listed.
const FEW: usize = 4;
/// So many objects are asked for with one page of a list.
const PAGE: usize = 500;
/// So many reads share their calls at most.
const MOST: usize = 20_000;

/// Where objects of a kind lie: the path of their collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Collection {
    /// `/apis/apps/v1/namespaces/shop/deployments`.
    path: String,
    /// `deployments.apps`, for messages.
    what: String,
    namespace: Option<String>,
}

/// Where an object lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) collection: Collection,
    pub(crate) name: String,
}

impl Collection {
    /// `namespace`: none of what lies in none, and of all namespaces together.
    pub(crate) fn new(api_version: &str, plural: &str, namespace: Option<&str>) -> Self {
        let root = if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") };
        let path = match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        };
        let what = match api_version.split_once('/') {
            Some((group, _)) => format!("{plural}.{group}"),
            None => plural.to_owned(),
        };
        Self { path, what, namespace: namespace.map(str::to_owned) }
    }

    fn place(&self, name: &str) -> Place {
        Place { collection: self.clone(), name: name.to_owned() }
    }
}

impl Place {
    pub(crate) fn new(api_version: &str, plural: &str, namespace: Option<&str>, name: &str) -> Self {
        Self { collection: Collection::new(api_version, plural, namespace), name: name.to_owned() }
    }

    pub(crate) fn namespace(&self) -> Option<&str> {
        self.collection.namespace.as_deref()
    }

    /// The id as state and import know it.
    pub(crate) fn id(&self) -> String {
        match self.namespace() {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// `deployments.apps shop/web`.
    pub(crate) fn what(&self) -> String {
        format!("{} {}", self.collection.what, self.id())
    }

    fn path(&self) -> String {
        format!("{}/{}", self.collection.path, self.name)
    }
}

/// A configured provider.
pub struct Kubernetes {
    cluster: Arc<Cluster>,
    reads: Loader<Place, Arc<Json>>,
    pub(crate) catalog: crate::catalog::Catalog,
}

impl Kubernetes {
    pub(crate) fn new(cluster: Cluster) -> Self {
        let cluster = Arc::new(cluster);
        let asked = cluster.clone();
        let reads = Loader::with_results(MOST, move |places| read_many(asked.clone(), places));
        Self { cluster, reads, catalog: crate::catalog::Catalog::default() }
    }

    /// The cluster, for requests that are about no object.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// An object, read together with all that are asked for at the same time.
    pub(crate) async fn read(&self, place: &Place) -> Result<Option<Arc<Json>>> {
        self.reads.load(place.clone()).await
    }

    /// An object as it is at this moment.
    pub(crate) async fn get(&self, place: &Place) -> Result<Option<Json>> {
        get(&self.cluster, place).await
    }

    /// Some objects of a collection: those that a query for labels or fields picks, such as `labelSelector=app%3Dweb`.
    pub(crate) async fn list(&self, collection: &Collection, query: &str) -> Result<Vec<Json>> {
        list(&self.cluster, collection, query).await
    }

    /// Server-side apply: makes the object as `manager` wants it. `force`: whether fields of other managers are taken over.
    pub(crate) async fn apply(&self, place: &Place, manager: &str, force: bool, object: &Json) -> Result<Json> {
        let path = format!("{}?fieldManager={}&force={force}&fieldValidation=Strict", place.path(), encoded(manager));
        self.cluster.ask(&Request::new(Verb::Apply, place.what(), path).body(object.clone())).await
    }

    /// Starts the deletion of the object with this uid. One that is gone, or is another one by now, is no error.
    pub(crate) async fn delete(&self, place: &Place, uid: Option<&str>, propagation: &str) -> Result<()> {
        let mut options = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation });
        if let Some(uid) = uid {
            options["preconditions"] = json!({ "uid": uid });
        }
        match self.cluster.ask(&Request::new(Verb::Delete, place.what(), place.path()).body(options)).await {
            Err(error) if error.is_not_found() => Ok(()),
            // A finalizer's conflict would be one of the object's version; the precondition names the uid alone.
            Err(error) if error.kind == ErrorKind::Conflict && error.message.contains("UID") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }
}

/// A text as part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

async fn get(cluster: &Cluster, place: &Place) -> Result<Option<Json>> {
    match cluster.ask(&Request::new(Verb::Get, place.what(), place.path())).await {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn list(cluster: &Cluster, collection: &Collection, query: &str) -> Result<Vec<Json>> {
    let (mut out, mut next) = (Vec::new(), String::new());
    loop {
        let path = format!("{}?limit={PAGE}{}{query}{next}", collection.path, if query.is_empty() { "" } else { "&" });
        let what = match &collection.namespace {
            Some(namespace) => format!("{} in {namespace}", collection.what),
            None => collection.what.clone(),
        };
        let mut page = cluster.ask(&Request::new(Verb::List, what, path)).await?;
        let (api_version, kind) = (page["apiVersion"].take(), page["kind"].take());
        if let Some(Json::Array(items)) = page.get_mut("items").map(Json::take) {
            out.extend(items.into_iter().map(|item| of_list(item, &api_version, &kind)));
        }
        match page.pointer("/metadata/continue").and_then(Json::as_str).filter(|c| !c.is_empty()) {
            Some(token) => next = format!("&continue={}", encoded(token)),
            None => return Ok(out),
        }
    }
}

/// What stands in a list says no kind of its own.
fn of_list(mut item: Json, api_version: &Json, list_kind: &Json) -> Json {
    if item.get("kind").is_none() {
        item["apiVersion"] = api_version.clone();
        item["kind"] = json!(list_kind.as_str().and_then(|k| k.strip_suffix("List")).unwrap_or_default());
    }
    item
}

/// Reads many objects: of each collection one by one if they are few, else by listing it.
async fn read_many(cluster: Arc<Cluster>, places: Vec<Place>) -> Result<BTreeMap<Place, Result<Arc<Json>>>> {
    let mut wanted: BTreeMap<Collection, Vec<String>> = BTreeMap::new();
    for place in places {
        wanted.entry(place.collection).or_default().push(place.name);
    }
    let of_each = wanted.iter().map(|(collection, names)| read_collection(&cluster, collection, names));
    let found = futures::future::join_all(of_each).await;
    Ok(found.into_iter().flatten().collect())
}

async fn read_collection(cluster: &Cluster, collection: &Collection, names: &[String]) -> Vec<(Place, Result<Arc<Json>>)> {
    if names.len() > FEW {
        match list(cluster, collection, "").await {
            Ok(objects) => return pick(objects, collection, names),
            // Who may read objects need not be allowed to list them.
            Err(error) if error.kind == ErrorKind::AccessDenied => {}
            Err(error) => return names.iter().map(|name| (collection.place(name), Err(error.clone()))).collect(),
        }
    }
    let each = names.iter().map(|name| async {
        let place = collection.place(name);
        let found = get(cluster, &place).await.transpose()?;
        Some((place, found.map(Arc::new)))
    });
    futures::future::join_all(each).await.into_iter().flatten().collect()
}

fn pick(objects: Vec<Json>, collection: &Collection, names: &[String]) -> Vec<(Place, Result<Arc<Json>>)> {
    let name_of = |object: &Json| object.pointer("/metadata/name").and_then(Json::as_str).map(str::to_owned);
    let found: BTreeMap<String, Json> = objects.into_iter().filter_map(|o| Some((name_of(&o)?, o))).collect();
    let wanted: std::collections::BTreeSet<&String> = names.iter().collect();
    let ours = found.into_iter().filter(|(name, _)| wanted.contains(name));
    ours.map(|(name, object)| (collection.place(&name), Ok(Arc::new(object)))).collect()
}

/// That an object which should be there is not.
pub(crate) fn gone(place: &Place) -> ProviderError {
    ProviderError::new(ErrorKind::NotFound, format!("{} is gone", place.what()))
}

#[cfg(test)]
mod tests;
