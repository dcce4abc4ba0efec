//! Data sources: objects that are there already.

mod metadata;
mod object_data;
mod config_map;
mod endpoints;
mod ingress;
mod mutating_webhook;
mod namespace;
mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod secret;
mod service;
mod service_account;
mod storage_class;
mod nodes;
mod namespaces;
mod resource;
mod resources;
mod server_version;

use crate::kind::Kind;
use levee_sdk::AnyDataSource;
use levee_sdk::provider::Typed;
use std::sync::Arc;

/// Those that read an object of a kind.
pub(crate) const KINDS: &[&Kind] = &[
    &config_map::KIND,
    &endpoints::KIND,
    &ingress::KIND,
    &mutating_webhook::KIND,
    &namespace::KIND,
    &persistent_volume::KIND,
    &persistent_volume_claim::KIND,
    &pod::KIND,
    &secret::KIND,
    &service::KIND,
    &service_account::KIND,
    &storage_class::KIND,
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Arc<dyn AnyDataSource>> {
    let of_kinds = KINDS.iter().flat_map(|kind| object_data::ObjectData::all(kind));
    let others: [Arc<dyn AnyDataSource>; 5] = [
        Arc::new(nodes::Nodes::default()),
        Typed::<namespaces::AllNamespaces>::data_source(),
        Typed::<resource::ResourceData>::data_source(),
        Typed::<resources::ResourcesData>::data_source(),
        Typed::<server_version::ServerVersion>::data_source(),
    ];
    of_kinds.chain(others)
}
