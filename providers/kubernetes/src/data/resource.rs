//! The data source `kubernetes_resource`.

use crate::client::{Kubernetes, gone};
use crate::manifest::identity::Named;
use crate::manifest::{mask, secret};
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::model::{Type, Value};
use levee_sdk::{Ctx, DataSource, Shape};
use serde_json::Value as Json;

/// An object of any kind that is there.
#[derive(Clone, Shape)]
pub(crate) struct ResourceData {
    /// `apps/v1`.
    #[attr(required)]
    api_version: Option<String>,
    /// `Deployment`.
    #[attr(required)]
    kind: Option<String>,
    /// The object.
    #[attr(optional, computed, secrets = secret::of)]
    object: Value,
    /// Its name.
    #[block(list, min = 1, max = 1)]
    metadata: Vec<Name>,
}

/// What names an object.
#[derive(Clone, Default, Shape)]
pub(crate) struct Name {
    /// Its name.
    #[attr(required)]
    name: Option<String>,
    /// Where it lies.
    #[attr(optional)]
    namespace: Option<String>,
}

impl DataSource for ResourceData {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_resource";

    async fn read(ctx: &Ctx<Kubernetes>, config: Self) -> Result<Self> {
        let metadata = config.metadata.first().cloned().unwrap_or_default();
        let named = Named {
            api_version: config.api_version.clone().unwrap_or_default(),
            kind: config.kind.clone().unwrap_or_default(),
            namespace: metadata.namespace,
            name: metadata.name.unwrap_or_default(),
        };
        let unknown = || ProviderError::invalid(format!("the cluster knows no kind {} in {}", named.kind, named.api_version));
        let place = named.find(&ctx.client).await?.ok_or_else(unknown)?;
        let live = ctx.client.get(&place).await?.ok_or_else(|| gone(&place))?;
        Ok(Self { object: shown(live), ..config })
    }
}

/// An object without the lists of who owns which field.
pub(super) fn shown(mut object: Json) -> Value {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    if object.is_null() { Value::null(Type::Dynamic) } else { mask::value(&object) }
}
