//! `kubernetes_manifest`: an object of any kind, as it is written.

use crate::client::{Kubernetes, Place, gone};
use crate::manifest::apply::{self, How};
use crate::manifest::identity::Named;
use crate::manifest::immutable;
use crate::manifest::mask::{self, Filled};
use crate::manifest::secret;
use crate::manifest::waiting::{self, Wanted};
use crate::metadata::MANAGER;
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Action, Change, Diagnostic, Diagnostics, Path, Reversibility, Step, Type, Value, duration};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Schema;
use levee_sdk::{AnyResource, Ctx, Draft, Effects, Identity, OpToken, Shape};
use serde_json::Value as Json;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// An object of any kind, as it is written.
#[derive(Clone, Shape)]
#[expect(clippy::struct_field_names, reason = "Terraform's names")]
pub(crate) struct Manifest {
    /// The object as it is to be, in Kubernetes' own names.
    #[attr(required, secrets = secret::of)]
    manifest: Value,
    /// The object as it is, with what the cluster filled in.
    #[attr(optional, computed, secrets = secret::of)]
    object: Value,
    /// Paths that the cluster fills in or changes; what lies there is no difference.
    #[attr(optional)]
    computed_fields: Option<Vec<String>>,
    /// Fields that are waited for.
    #[attr(optional, deprecated = "Use the wait block.")]
    wait_for: Option<WaitFor>,
    /// As whom it is applied.
    #[block(list, max = 1)]
    field_manager: Vec<FieldManager>,
    /// How long operations may take.
    #[block(list, max = 1)]
    timeouts: Vec<Timeouts>,
    /// What is waited for.
    #[block(list, max = 1)]
    wait: Vec<WaitBlock>,
}

/// Fields that are waited for.
#[derive(Clone, Default, Shape)]
struct WaitFor {
    /// Paths with patterns.
    #[attr(optional)]
    fields: Option<BTreeMap<String, String>>,
}

/// As whom it is applied.
#[derive(Clone, Default, Shape)]
struct FieldManager {
    /// The field manager's name.
    #[attr(optional)]
    name: Option<String>,
    /// Whether fields of others are taken over.
    #[attr(optional)]
    force_conflicts: Option<bool>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
struct Timeouts {
    /// To make it.
    #[attr(optional)]
    create: Option<String>,
    /// To change it.
    #[attr(optional)]
    update: Option<String>,
    /// To delete it.
    #[attr(optional)]
    delete: Option<String>,
}

/// What is waited for.
#[derive(Clone, Default, Shape)]
struct WaitBlock {
    /// Until all pods are of the newest template and ready.
    #[attr(optional)]
    rollout: Option<bool>,
    /// Paths with patterns.
    #[attr(optional)]
    fields: Option<BTreeMap<String, String>>,
    /// Conditions.
    #[block(list)]
    condition: Vec<Condition>,
}

/// A condition that is waited for.
#[derive(Clone, Default, Shape)]
struct Condition {
    /// `Ready`.
    #[attr(optional)]
    r#type: Option<String>,
    /// `True`.
    #[attr(optional)]
    status: Option<String>,
}

impl Manifest {
    fn how(&self) -> How {
        let manager = self.field_manager.first();
        How {
            manager: manager.and_then(|m| m.name.clone()).unwrap_or_else(|| MANAGER.to_owned()),
            force: manager.and_then(|m| m.force_conflicts).unwrap_or(false),
            propagation: "Foreground",
            adopts: false,
        }
    }

    fn filled(&self) -> Filled {
        match &self.computed_fields {
            Some(paths) => Filled::of(paths.iter().map(String::as_str)),
            // Terraform's own default; keys of others are never ours anyway.
            None => Filled::default(),
        }
    }

    fn wanted(&self) -> Wanted {
        let block = self.wait.first().cloned().unwrap_or_default();
        let older = self.wait_for.clone().and_then(|w| w.fields).unwrap_or_default();
        let condition = |c: &Condition| Some((c.r#type.clone()?, c.status.clone().unwrap_or_else(|| "True".to_owned())));
        Wanted {
            rollout: block.rollout.unwrap_or(false),
            conditions: block.condition.iter().filter_map(condition).collect(),
            fields: block.fields.unwrap_or_default().into_iter().chain(older).collect(),
        }
    }

    fn json(&self) -> Json {
        mask::manifest(&self.manifest)
    }

    /// With the object as the cluster has it.
    fn seen(mut self, live: &Json) -> Self {
        self.manifest = mask::now(&self.manifest, live, &self.filled());
        self.object = mask::value(&mask::quiet(live.clone()));
        self
    }

    /// As [`Manifest::seen`], where state knows it: what others changed in it, and is not ours, stays as it is known.
    fn refreshed(mut self, live: &Json) -> Self {
        let before = self.manifest.clone();
        self.manifest = mask::now(&before, live, &self.filled());
        let live = mask::quiet(live.clone());
        let is_another = apply::of_metadata(&self.object, "uid") != live["metadata"]["uid"].as_str().map(str::to_owned);
        let moved = self.computed_fields.iter().flatten().any(|path| {
            let known = mask::manifest(&self.object);
            mask::at(&known, path) != mask::at(&live, path)
        });
        if self.manifest != before || is_another || moved {
            self.object = mask::value(&live);
        }
        self
    }

    /// Of an object that nothing is known of.
    fn imported(live: &Json) -> Self {
        let object = mask::quiet(live.clone());
        let mut manifest = object.clone();
        if let Some(metadata) = manifest["metadata"].as_object_mut() {
            metadata.retain(|name, _| matches!(name.as_str(), "name" | "namespace" | "labels" | "annotations"));
        }
        Self {
            manifest: mask::value(&manifest),
            object: mask::value(&object),
            computed_fields: None,
            wait_for: None,
            field_manager: Vec::new(),
            timeouts: Vec::new(),
            wait: Vec::new(),
        }
    }

    /// What an operation is given, with its own limit of time.
    fn timed(&self, ctx: &Ctx<Kubernetes>, of: impl Fn(&Timeouts) -> Option<&String>) -> Ctx<Kubernetes> {
        let limit = self.timeouts.first().and_then(of).and_then(|text| duration::parse(text).ok());
        Ctx { timeout: limit.or(ctx.timeout), ..ctx.clone() }
    }

    async fn settled(self, ctx: &Ctx<Kubernetes>, place: &Place) -> Result<Value> {
        waiting::wait(ctx, place, &self.wanted()).await?;
        let live = ctx.client.get(place).await?.ok_or_else(|| gone(place))?;
        let said = self.manifest.clone();
        let mut seen = self.seen(&live);
        // What was planned is what was applied; what came of it since is found by the next refresh.
        seen.manifest = said;
        Ok(seen.to_value())
    }
}

/// The resource type.
#[derive(Default)]
pub(crate) struct ManifestType {
    schema: OnceLock<Arc<Schema>>,
}

fn shaped(value: &Value) -> Result<Manifest> {
    Manifest::from_value(value).map_err(|e| ProviderError::new(ErrorKind::Bug, e.to_string()))
}

/// The manifest of a value, with its unknown parts left out.
fn named(object: &Value) -> Option<Named> {
    let manifest = object.get("manifest").filter(Value::is_known)?;
    Named::of(&mask::manifest(&manifest.unmark_deep().0)).ok()
}

/// Where the planned manifest says of something that cannot be changed that it be changed.
fn unchangeable(draft: &Draft) -> Option<Path> {
    let whole = |value: Value| Some(mask::manifest(&value.unmark_deep().0)).filter(Json::is_object);
    let planned = draft.planned("manifest");
    let (old, live) = (whole(draft.prior("manifest"))?, whole(draft.prior("object"))?);
    let new = if planned.is_wholly_known() { whole(planned)? } else { return None };
    let path = immutable::changed(&old, &new, &live)?;
    Some(path.split('.').fold(Path::attribute("manifest"), |at, name| at.then(Step::Attribute(Arc::from(name)))))
}

impl AnyResource for ManifestType {
    fn type_name(&self) -> &'static str {
        "kubernetes_manifest"
    }
    fn schema(&self) -> Arc<Schema> {
        self.schema.get_or_init(|| Arc::new(Schema::new(1, Manifest::block(), Manifest::doc()))).clone()
    }
    fn identity(&self) -> Identity {
        Identity::Name
    }
    fn effects(&self) -> Effects {
        Effects::Remote
    }
    fn reversibility(&self, change: &Change) -> Reversibility {
        let is_removal = matches!(change.action, Action::Delete | Action::Replace(_));
        let kind = change.before.as_ref().and_then(named).map(|n| n.kind).unwrap_or_default();
        match kind.as_str() {
            "Namespace" if is_removal => Reversibility::LosesData("everything in the namespace goes with it".into()),
            "CustomResourceDefinition" if is_removal => Reversibility::LosesData("all objects of the kind go with it".into()),
            "PersistentVolumeClaim" if is_removal => Reversibility::LosesData("what the volume holds goes with it".into()),
            _ => Reversibility::Reversible,
        }
    }
    fn id(&self, object: &Value) -> Option<String> {
        named(object).map(|n| n.id())
    }
    fn moved_from(&self, _: &str, _: &Value) -> Option<Value> {
        None
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        let manifest = config.get("manifest").unwrap_or_else(|| Value::null(Type::Dynamic));
        let missing = |name: &str| manifest.is_known() && !manifest.is_null() && manifest.get(name).is_none_or(|v| v.is_null());
        let told = ["apiVersion", "kind", "metadata"].into_iter().filter(|name| missing(name));
        let mut told: Diagnostics =
            told.map(|name| Diagnostic::error(format!("The manifest has no {name}"), "Every object of Kubernetes has one.")).collect();
        if manifest.get("status").is_some_and(|s| !s.is_null()) {
            told.push(Diagnostic::error("The manifest has a status", "What an object's status is, the cluster says. Leave it out."));
        }
        told
    }
    fn plan(&self, _: Option<&Arc<dyn Any + Send + Sync>>, draft: &mut Draft) -> Result<()> {
        if draft.prior.is_some() && draft.changes("manifest") {
            draft.set("object", Value::unknown(Type::Dynamic));
            let (old, new) = (draft.prior.as_ref().and_then(named), named(&draft.planned));
            if old.zip(new).is_some_and(|(old, new)| old.id() != new.id()) {
                draft.force_replace("manifest");
            }
            if let Some(path) = unchangeable(draft) {
                draft.replace.push(path);
            }
        }
        Ok(())
    }
    fn read(&self, ctx: AnyCtx, id: String, prior: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let ctx = ctx.of()?;
            let Some(place) = Named::of_id(&id)?.find(&ctx.client).await? else { return Ok(None) };
            let Some(live) = ctx.client.read(&place).await? else { return Ok(None) };
            let seen = match prior {
                Some(prior) => shaped(&prior)?.refreshed(&live),
                None => Manifest::imported(&live),
            };
            Ok(Some(seen.to_value()))
        })
    }
    fn create(&self, ctx: AnyCtx, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let planned = shaped(&planned)?;
            let ctx = planned.timed(&ctx.of()?, |t| t.create.as_ref());
            let place = apply::create(&ctx, &planned.json(), &planned.how(), op).await?;
            planned.settled(&ctx, &place).await
        })
    }
    fn update(&self, ctx: AnyCtx, _: Value, planned: Value, _: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let planned = shaped(&planned)?;
            let ctx = planned.timed(&ctx.of()?, |t| t.update.as_ref());
            let place = apply::update(&ctx, &planned.json(), &planned.how()).await?;
            planned.settled(&ctx, &place).await
        })
    }
    fn delete(&self, ctx: AnyCtx, prior: Value, _: OpToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let prior = shaped(&prior)?;
            let ctx = prior.timed(&ctx.of()?, |t| t.delete.as_ref());
            let uid = apply::of_metadata(&prior.object, "uid");
            apply::delete(&ctx, &Named::of(&prior.json())?, uid.as_deref(), &prior.how()).await
        })
    }
    fn import(&self, ctx: AnyCtx, id: String) -> BoxFuture<'_, Result<Option<Value>>> {
        self.read(ctx, id, None)
    }
    fn find(&self, ctx: AnyCtx, op: OpToken, planned: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let (ctx, planned) = (ctx.of()?, shaped(&planned)?);
            match apply::made_by(&ctx, &Named::of(&planned.json())?, op).await? {
                Some((place, _)) => planned.settled(&ctx, &place).await.map(Some),
                None => Ok(None),
            }
        })
    }
}
