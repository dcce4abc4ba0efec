//! Which object a manifest is of, and the id that state and import know it by.

use crate::catalog::Entry;
use crate::client::{Kubernetes, Place};
use crate::kind::Scope;
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use serde_json::Value as Json;
use std::time::Duration;

/// A new kind is known to the server a moment after its definition is there.
const PACE: Pace = Pace::millis(100, 1_000);
const LIMIT: Duration = Duration::from_secs(15);

/// What names an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl Named {
    /// From a manifest.
    pub(crate) fn of(manifest: &Json) -> Result<Self> {
        let text = |pointer: &str| manifest.pointer(pointer).and_then(Json::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        let wanted = |pointer: &str| {
            let missing = || ProviderError::invalid(format!("the manifest has no {}", pointer[1..].replace('/', ".")));
            text(pointer).ok_or_else(missing)
        };
        Ok(Self {
            api_version: wanted("/apiVersion")?,
            kind: wanted("/kind")?,
            namespace: text("/metadata/namespace"),
            name: wanted("/metadata/name")?,
        })
    }

    /// `apiVersion=v1,kind=Secret,namespace=shop,name=web`.
    pub(crate) fn id(&self) -> String {
        let namespace = self.namespace.as_ref().map(|n| format!("namespace={n},")).unwrap_or_default();
        format!("apiVersion={},kind={},{namespace}name={}", self.api_version, self.kind, self.name)
    }

    /// From an id.
    pub(crate) fn of_id(id: &str) -> Result<Self> {
        let mut named = Self::default();
        for part in id.split(',') {
            match part.trim().split_once('=') {
                Some(("apiVersion", v)) => v.clone_into(&mut named.api_version),
                Some(("kind", v)) => v.clone_into(&mut named.kind),
                Some(("namespace", v)) => named.namespace = Some(v.to_owned()),
                Some(("name", v)) => v.clone_into(&mut named.name),
                _ => {}
            }
        }
        if named.api_version.is_empty() || named.kind.is_empty() || named.name.is_empty() {
            let hint = "it is written apiVersion=v1,kind=Secret,namespace=shop,name=web";
            return Err(ProviderError::invalid(format!("{id:?} does not name an object")).hint(hint));
        }
        Ok(named)
    }

    /// Where it lies, as the cluster says of its kind.
    pub(crate) fn place(&self, entry: &Entry, default_namespace: &str) -> Place {
        let namespace = self.namespace.as_deref().unwrap_or(default_namespace);
        let namespace = (entry.scope == Scope::Namespace).then_some(namespace);
        Place::new(&self.api_version, &entry.plural, namespace, &self.name)
    }

    /// Where it lies; `None` where the cluster does not know its kind, so that it cannot be there.
    pub(crate) async fn find(&self, k: &Kubernetes) -> Result<Option<Place>> {
        let entry = k.kind(&self.api_version, &self.kind).await?;
        Ok(entry.map(|entry| self.place(&entry, k.cluster().default_namespace())))
    }

    /// Where it is to lie. A kind that was defined just now is waited for.
    pub(crate) async fn find_soon(&self, ctx: &Ctx<Kubernetes>) -> Result<Place> {
        let quick = Ctx { timeout: None, ..ctx.clone() };
        let wait = Wait::new(format!("kind {} of {}", self.kind, self.api_version), PACE, LIMIT);
        let pending = || Look::Pending(format!("the cluster does not know the kind {} of {} yet", self.kind, self.api_version));
        let found = wait.run(&quick, || async { Ok(self.find(&ctx.client).await?.map_or_else(pending, Look::Ready)) }).await;
        found.map_err(|error| match error.kind {
            ErrorKind::TimedOut => {
                let text = format!("the cluster knows no kind {} in {}", self.kind, self.api_version);
                let hint = "if a custom resource definition brings it, let this object depend on that one";
                ProviderError::new(ErrorKind::Invalid, text).hint(hint)
            }
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let manifest = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "shop" } });
        let named = Named::of(&manifest).unwrap();
        assert_eq!(named.id(), "apiVersion=apps/v1,kind=Deployment,namespace=shop,name=web");
        assert_eq!(Named::of_id(&named.id()).unwrap(), named);
        assert!(Named::of_id("shop/web").unwrap_err().hint.is_some());
        assert_eq!(Named::of(&json!({ "apiVersion": "v1" })).unwrap_err().message, "the manifest has no kind");
    }
}
