//! A kind of object: what Kubernetes calls it, what it is made of, and what sets it apart from other kinds.

use crate::client::{Kubernetes, Place};
use crate::field::{Field, one, text};
use crate::metadata;
use futures::future::BoxFuture;
use levee_sdk::error::Result;
use levee_sdk::model::{Change, Diagnostics, Reversibility, Value};
use levee_sdk::{Ctx, Draft};
use serde_json::Value as Json;

/// Where objects of a kind lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Namespace,
    Cluster,
}

/// A kind of object, and the resource types that it is the kind of.
#[expect(clippy::struct_field_names, reason = "Kubernetes calls it so")]
pub(crate) struct Kind {
    /// The types that are of it: a type and its versioned spelling.
    pub(crate) types: &'static [&'static str],
    /// One sentence for the reference.
    pub(crate) doc: &'static str,
    /// `apps/v1`.
    pub(crate) api_version: &'static str,
    /// `Deployment`.
    pub(crate) kind: &'static str,
    /// As paths have it: `deployments`.
    pub(crate) plural: &'static str,
    pub(crate) scope: Scope,
    /// What `metadata` is made of.
    pub(crate) metadata: &'static [Field],
    /// Everything else.
    pub(crate) fields: &'static [Field],
    pub(crate) rules: &'static dyn Rules,
}

impl Kind {
    /// Everything that an object is made of, in Terraform's order.
    pub(crate) fn all_fields(&self) -> Vec<Field> {
        let common = [text("id").optional().computed().local(), one("metadata", self.metadata).at_least(1)];
        common.into_iter().chain(self.fields.iter().copied()).collect()
    }

    /// Where an object lies.
    pub(crate) fn place(&self, namespace: Option<&str>, name: &str) -> Place {
        let namespace = namespace.filter(|_| self.scope == Scope::Namespace);
        Place::new(self.api_version, self.plural, namespace, name)
    }

    /// Where the object of an id lies: `namespace/name`, or `name` for what lies in no namespace.
    pub(crate) fn place_of_id(&self, id: &str) -> Place {
        match id.split_once('/') {
            Some((namespace, name)) if self.scope == Scope::Namespace => self.place(Some(namespace), name),
            _ if self.scope == Scope::Namespace => self.place(Some("default"), id),
            _ => self.place(None, id),
        }
    }

    /// The id of an object, where it is known.
    pub(crate) fn id(&self, object: &Value) -> Option<String> {
        let name = metadata::of(object, "name")?;
        match self.scope {
            Scope::Namespace => Some(format!("{}/{name}", metadata::of(object, "namespace")?)),
            Scope::Cluster => Some(name),
        }
    }
}

/// An object that was just applied, which may not be ready yet.
pub(crate) struct Settling<'a> {
    pub(crate) ctx: &'a Ctx<Kubernetes>,
    pub(crate) place: &'a Place,
    /// As it was planned.
    pub(crate) planned: &'a Value,
    /// What the cluster answered.
    pub(crate) live: &'a Json,
    pub(crate) is_new: bool,
}

/// What sets a kind apart. Most kinds are set apart by nothing.
pub(crate) trait Rules: Send + Sync {
    /// Changes what is about to be applied.
    fn written(&self, planned: &Value, object: &mut Json) {
        let _ = (planned, object);
    }

    /// Changes what was read.
    fn read(&self, live: &Json, known: Option<&Value>, object: Value) -> Value {
        let _ = (live, known);
        object
    }

    /// Checks beyond the schema; parts may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Changes the draft of a plan.
    fn plan(&self, draft: &mut Draft) {
        let _ = draft;
    }

    /// Waits until the object is as it should be.
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        let _ = at;
        Box::pin(async { Ok(()) })
    }

    /// What happens to what hangs on the object when it is deleted.
    fn propagation(&self) -> &'static str {
        "Background"
    }

    /// Whether a planned change can be undone.
    fn reversibility(&self, change: &Change) -> Reversibility {
        let _ = change;
        Reversibility::Reversible
    }
}

/// Of a kind that nothing sets apart.
pub(crate) struct Plain;

impl Rules for Plain {}
