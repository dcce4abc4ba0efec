//! The client that all types of this provider are given: objects by their places, one at a time or many in one call.

use levee_cluster::{Cluster, Listing, Request, Verb, encoded};
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

    /// The same objects in all namespaces.
    fn everywhere(&self) -> Self {
        let path = match &self.namespace {
            Some(namespace) => self.path.replacen(&format!("/namespaces/{namespace}/"), "/", 1),
            None => self.path.clone(),
        };
        Self { path, what: self.what.clone(), namespace: None }
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
        listing(collection, query).all(&self.cluster).await
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

async fn get(cluster: &Cluster, place: &Place) -> Result<Option<Json>> {
    match cluster.ask(&Request::new(Verb::Get, place.what(), place.path())).await {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn listing<'a>(collection: &'a Collection, query: &'a str) -> Listing<'a> {
    let what = match &collection.namespace {
        Some(namespace) => format!("{} in {namespace}", collection.what),
        None => collection.what.clone(),
    };
    Listing { what, path: &collection.path, query, page: PAGE }
}

type Found = Vec<(Place, Result<Arc<Json>>)>;

/// Reads many objects, each kind in as few calls as it takes: one by one if they are few, else by listing their namespace, or
/// all namespaces if they are in many. A list that turns out longer than that, for what others have in it, is given up.
async fn read_many(cluster: Arc<Cluster>, places: Vec<Place>) -> Result<BTreeMap<Place, Result<Arc<Json>>>> {
    let mut kinds: BTreeMap<Collection, BTreeMap<Collection, Vec<String>>> = BTreeMap::new();
    for place in places {
        let kind = kinds.entry(place.collection.everywhere()).or_default();
        kind.entry(place.collection).or_default().push(place.name);
    }
    let of_each = kinds.iter().map(|(everywhere, wanted)| read_kind(&cluster, everywhere, wanted));
    let found = futures::future::join_all(of_each).await;
    Ok(found.into_iter().flatten().collect())
}

async fn read_kind(cluster: &Cluster, everywhere: &Collection, wanted: &BTreeMap<Collection, Vec<String>>) -> Found {
    let calls = wanted.values().map(|names| if names.len() > FEW { 1 } else { names.len() }).sum::<usize>();
    let together = if wanted.len() > FEW { listed(cluster, everywhere, calls).await } else { Ok(None) };
    let all_failed = |error: &ProviderError| {
        let of = |(collection, names): (&Collection, &Vec<String>)| failed(collection, names, error);
        wanted.iter().flat_map(of).collect()
    };
    let together = match together {
        Ok(together) => together,
        Err(error) => return all_failed(&error),
    };
    if let Some(objects) = together {
        let mut by_namespace: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for object in objects {
            let namespace = object.pointer("/metadata/namespace").and_then(Json::as_str).unwrap_or_default().to_owned();
            by_namespace.entry(namespace).or_default().push(object);
        }
        let mut of = |collection: &Collection| by_namespace.remove(collection.namespace.as_deref().unwrap_or_default()).unwrap_or_default();
        return wanted.iter().flat_map(|(collection, names)| pick(of(collection), collection, names)).collect();
    }
    let of_each = wanted.iter().map(|(collection, names)| read_collection(cluster, collection, names));
    futures::future::join_all(of_each).await.into_iter().flatten().collect()
}

async fn read_collection(cluster: &Cluster, collection: &Collection, names: &[String]) -> Found {
    if names.len() > FEW {
        match listed(cluster, collection, names.len()).await {
            Ok(Some(objects)) => return pick(objects, collection, names),
            Ok(None) => {}
            Err(error) => return failed(collection, names, &error),
        }
    }
    let each = names.iter().map(|name| async {
        let place = collection.place(name);
        let found = get(cluster, &place).await.transpose()?;
        Some((place, found.map(Arc::new)))
    });
    futures::future::join_all(each).await.into_iter().flatten().collect()
}

/// What a list holds that takes so many calls at most; `None` where the objects are to be read one by one: who may read objects
/// need not be allowed to list them.
async fn listed(cluster: &Cluster, collection: &Collection, calls: usize) -> Result<Option<Vec<Json>>> {
    match listing(collection, "").within(cluster, calls).await {
        // A page that came too late is invalid; that a kind is gone is told by each object.
        Err(error) if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotFound | ErrorKind::Invalid) => Ok(None),
        answer => answer,
    }
}

fn failed(collection: &Collection, names: &[String], error: &ProviderError) -> Found {
    names.iter().map(|name| (collection.place(name), Err(error.clone()))).collect()
}

fn pick(objects: Vec<Json>, collection: &Collection, names: &[String]) -> Found {
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
