//! Reads release records from the cluster. No process is started for it, and reads that are asked for together share their calls.

use crate::record::Record;
use levee_cluster::{Cluster, Listing, encoded};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::loader::Loader;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many releases of a namespace are asked for one by one; for more, all of the namespace are listed.
const FEW: usize = 3;
/// So many records are asked for with one page of a list. Each may be as large as a megabyte.
const PAGE: usize = 250;
/// So many reads share their calls at most.
const MOST: usize = 20_000;

/// Where Helm keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Secrets,
    ConfigMaps,
}

impl Driver {
    fn plural(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::ConfigMaps => "configmaps",
        }
    }

    /// As Helm's environment says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Secrets => "secret",
            Self::ConfigMaps => "configmap",
        }
    }
}

/// A release by its namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Place {
    /// As state and import know it.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The revisions of a release, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(pub(crate) Vec<Record>);

impl History {
    fn of(mut records: Vec<Record>) -> Option<Self> {
        records.sort_by_key(|r| r.revision);
        (!records.is_empty()).then_some(Self(records))
    }

    /// The newest revision.
    pub(crate) fn latest(&self) -> Option<&Record> {
        self.0.last()
    }

    /// A revision.
    pub(crate) fn revision(&self, number: i64) -> Option<&Record> {
        self.0.iter().find(|r| r.revision == number)
    }
}

/// All that is kept in a cluster.
pub(crate) struct Records {
    cluster: Arc<Cluster>,
    driver: Driver,
    shared: Loader<Place, Arc<History>>,
}

impl Records {
    pub(crate) fn new(cluster: Arc<Cluster>, driver: Driver) -> Self {
        let asked = cluster.clone();
        let shared = Loader::with_results(MOST, move |places| read_many(asked.clone(), driver, places));
        Self { cluster, driver, shared }
    }

    /// What is or was to be: the revisions that no newer one has taken the place of. Read together with all that is asked for at the
    /// same time.
    pub(crate) async fn standing(&self, place: &Place) -> Result<Option<Arc<History>>> {
        self.shared.load(place.clone()).await
    }

    /// Every revision there is, at this moment.
    pub(crate) async fn history(&self, place: &Place) -> Result<Option<History>> {
        let selector = format!("owner=helm,name={}", place.name);
        let found = list(&self.cluster, self.driver, &place.namespace, &selector).await?;
        Ok(History::of(decoded(&found)?))
    }
}

async fn read_many(cluster: Arc<Cluster>, driver: Driver, places: Vec<Place>) -> Result<BTreeMap<Place, Result<Arc<History>>>> {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Place { namespace, name } in places {
        wanted.entry(namespace).or_default().push(name);
    }
    let of_each = wanted.iter().map(|(namespace, names)| read_namespace(&cluster, driver, namespace, names));
    Ok(futures::future::join_all(of_each).await.into_iter().flatten().collect())
}

async fn read_namespace(cluster: &Cluster, driver: Driver, namespace: &str, names: &[String]) -> Vec<(Place, Result<Arc<History>>)> {
    const STANDING: &str = "owner=helm,status!=superseded";
    let asked: Vec<(String, Vec<&String>)> = if names.len() > FEW {
        vec![(STANDING.to_owned(), names.iter().collect())]
    } else {
        names.iter().map(|name| (format!("{STANDING},name={name}"), vec![name])).collect()
    };
    let each = asked.iter().map(|(selector, names)| async move {
        let found = list(cluster, driver, namespace, selector).await;
        let one = |name: &&String| {
            let place = Place { namespace: namespace.to_owned(), name: (**name).clone() };
            let history = found.as_ref().map_err(Clone::clone).and_then(|found| Ok(History::of(decoded(named(found, name))?)));
            Some((place, history.transpose()?.map(Arc::new)))
        };
        names.iter().filter_map(one).collect::<Vec<_>>()
    });
    futures::future::join_all(each).await.into_iter().flatten().collect()
}

fn named<'a>(found: &'a [Json], name: &'a str) -> impl Iterator<Item = &'a Json> {
    found.iter().filter(move |object| object["metadata"]["labels"]["name"].as_str() == Some(name))
}

fn decoded<'a>(found: impl IntoIterator<Item = &'a Json>) -> Result<Vec<Record>> {
    let one = |object: &Json| {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        Record::of(object).map_err(|why| ProviderError::new(ErrorKind::Failed, format!("the release record {name} cannot be read: {why}")))
    };
    found.into_iter().map(one).collect()
}

async fn list(cluster: &Cluster, driver: Driver, namespace: &str, selector: &str) -> Result<Vec<Json>> {
    let path = format!("/api/v1/namespaces/{namespace}/{}", driver.plural());
    let (what, query) = (format!("release records ({}) in {namespace}", driver.plural()), format!("labelSelector={}", encoded(selector)));
    Listing { what, path: &path, query: &query, page: PAGE }.all(cluster).await
}
