//! `kubectl_manifest`: an object of any kind, as a YAML text.

use crate::client::{Kubernetes, Place, gone};
use crate::manifest::apply::{self, How};
use crate::manifest::identity::Named;
use crate::manifest::mask::{self, Filled};
use crate::manifest::waiting::{self, Wanted};
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Type, Value};
use levee_sdk::{Ctx, Draft, Identity, OpToken, Resource, Shape};
use serde_json::Value as Json;

/// Paths whose values are never shown, whatever else is said: what secrets hold.
const SECRET: &[&str] = &["data", "stringData"];

/// An object of any kind, as a YAML text.
#[derive(Clone, Default, Shape)]
pub(super) struct KubectlManifest {
    /// What names the object: `apps/v1//Deployment//web//shop`.
    #[attr(optional, computed)]
    id: Option<String>,
    /// The object, in YAML.
    #[attr(required, sensitive)]
    yaml_body: Option<String>,
    /// The same, without what is not to be shown.
    #[attr(computed)]
    yaml_body_parsed: Option<String>,
    /// The object's uid.
    #[attr(computed)]
    uid: Option<String>,
    /// The uid of the object that is there now.
    #[attr(computed)]
    live_uid: Option<String>,
    /// Its API version.
    #[attr(computed)]
    api_version: Option<String>,
    /// Its kind.
    #[attr(computed)]
    kind: Option<String>,
    /// Its name.
    #[attr(computed)]
    name: Option<String>,
    /// Where it lies.
    #[attr(computed)]
    namespace: Option<String>,
    /// Paths whose values are not shown.
    #[attr(optional)]
    sensitive_fields: Option<Vec<String>>,
    /// Whether a change makes it anew.
    #[attr(optional, default = false)]
    force_new: Option<bool>,
    /// Objects are always applied on the server's side; without this, fields of others are taken over.
    #[attr(optional, default = false)]
    server_side_apply: Option<bool>,
    /// As whom it is applied.
    #[attr(optional, default = "kubectl")]
    field_manager: Option<String>,
    /// With `server_side_apply`: whether fields of others are taken over.
    #[attr(optional, default = false)]
    force_conflicts: Option<bool>,
    /// Whether the object stays when it is deleted here.
    #[attr(optional, default = false)]
    apply_only: Option<bool>,
    /// Paths at which a difference is none.
    #[attr(optional)]
    ignore_fields: Option<Vec<String>>,
    /// Deletions are always waited for.
    #[attr(optional)]
    wait: Option<bool>,
    /// Whether the rollout of pods is waited for.
    #[attr(optional, default = true)]
    wait_for_rollout: Option<bool>,
    /// The server always checks.
    #[attr(optional, default = true)]
    validate_schema: Option<bool>,
    /// Where it lies, whatever the YAML says.
    #[attr(optional)]
    override_namespace: Option<String>,
    /// `Background` or `Foreground`.
    #[attr(optional)]
    delete_cascade: Option<String>,
    /// What is waited for.
    #[block(list, max = 1)]
    wait_for: Vec<WaitFor>,
    /// How long operations may take.
    #[block(single)]
    timeouts: Option<Timeouts>,
}

/// What is waited for.
#[derive(Clone, Default, Shape)]
struct WaitFor {
    /// Conditions.
    #[block(list)]
    condition: Vec<Condition>,
    /// Fields.
    #[block(list)]
    field: Vec<FieldIs>,
}

/// A condition.
#[derive(Clone, Default, Shape)]
struct Condition {
    /// `Ready`.
    #[attr(required)]
    r#type: Option<String>,
    /// `True`.
    #[attr(required)]
    status: Option<String>,
}

/// What a field should be.
#[derive(Clone, Default, Shape)]
struct FieldIs {
    /// Its path.
    #[attr(required)]
    key: Option<String>,
    /// Its value.
    #[attr(required)]
    value: Option<String>,
    /// `eq`, or `regex` for a pattern.
    #[attr(optional, default = "eq")]
    value_type: Option<String>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
struct Timeouts {
    /// To make it.
    #[attr(optional)]
    create: Option<String>,
}

/// Reads a YAML text with one object in it.
fn parse(yaml: &str) -> Result<Json> {
    let wrong = |e| ProviderError::invalid(format!("yaml_body is no YAML with one object in it: {e}"));
    let object: Json = serde_saphyr::from_str(yaml).map_err(wrong)?;
    if object.is_object() { Ok(object) } else { Err(ProviderError::invalid("yaml_body holds no object")) }
}

impl KubectlManifest {
    fn json(&self) -> Result<Json> {
        let mut object = parse(self.yaml_body.as_deref().unwrap_or_default())?;
        if let Some(namespace) = self.override_namespace.as_ref().filter(|n| !n.is_empty()) {
            object["metadata"]["namespace"] = namespace.as_str().into();
        }
        Ok(object)
    }

    fn how(&self) -> How {
        How {
            manager: self.field_manager.clone().unwrap_or_else(|| "kubectl".to_owned()),
            force: self.server_side_apply != Some(true) || self.force_conflicts == Some(true),
            propagation: if self.delete_cascade.as_deref() == Some("Foreground") { "Foreground" } else { "Background" },
            adopts: true,
        }
    }

    fn wanted(&self, kind: &str) -> Wanted {
        let block = self.wait_for.first().cloned().unwrap_or_default();
        let pattern = |f: &FieldIs| {
            let value = f.value.clone()?;
            let is_pattern = f.value_type.as_deref() == Some("regex");
            let quoted = || value.chars().flat_map(|c| [(!c.is_alphanumeric()).then_some('\\'), Some(c)]).flatten().collect::<String>();
            Some((f.key.clone()?, if is_pattern { value.clone() } else { format!("^{}$", quoted()) }))
        };
        Wanted {
            rollout: self.wait_for_rollout.unwrap_or(true) && matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet"),
            conditions: block.condition.iter().filter_map(|c| Some((c.r#type.clone()?, c.status.clone()?))).collect(),
            fields: block.field.iter().filter_map(pattern).collect(),
        }
    }

    /// The manifest as it may be shown.
    fn shown(&self, manifest: &Json) -> String {
        let mut shown = manifest.clone();
        let secret = if manifest["kind"] == "Secret" { SECRET } else { &[] };
        let said = self.sensitive_fields.iter().flatten().map(String::as_str);
        for path in secret.iter().copied().chain(said) {
            let place = mask::steps(path).into_iter().try_fold(&mut shown, |json, step| json.get_mut(step));
            if let Some(place) = place {
                *place = "(sensitive value)".into();
            }
        }
        serde_json::to_string_pretty(&shown).unwrap_or_default()
    }

    /// With what names the object, and how it may be shown.
    fn named(mut self, named: &Named, manifest: &Json) -> Self {
        self.id = Some(id(named));
        self.yaml_body_parsed = Some(self.shown(manifest));
        self.api_version = Some(named.api_version.clone());
        self.kind = Some(named.kind.clone());
        self.name = Some(named.name.clone());
        self.namespace.clone_from(&named.namespace);
        self
    }

    async fn settled(self, ctx: &Ctx<Kubernetes>, place: &Place) -> Result<Self> {
        let manifest = self.json()?;
        let named = Named::of(&manifest)?;
        waiting::wait(ctx, place, &self.wanted(&named.kind)).await?;
        let live = ctx.client.get(place).await?.ok_or_else(|| gone(place))?;
        let uid = live["metadata"]["uid"].as_str().map(str::to_owned);
        Ok(Self { uid: uid.clone(), live_uid: uid, ..self.named(&named, &manifest) })
    }

    /// As it is now: where it differs from what was applied, the text says how it is.
    fn refreshed(mut self, live: &Json) -> Result<Self> {
        let manifest = self.json()?;
        let said = mask::value(&manifest);
        let now = mask::now(&said, live, &Filled::of(self.ignore_fields.iter().flatten().map(String::as_str)));
        if now != said {
            let now = mask::manifest(&now);
            self.yaml_body_parsed = Some(self.shown(&now));
            self.yaml_body = Some(now.to_string());
        }
        self.live_uid = live["metadata"]["uid"].as_str().map(str::to_owned);
        Ok(self)
    }

    fn imported(named: &Named, live: &Json) -> Self {
        let mut manifest = mask::quiet(live.clone());
        if let Some(metadata) = manifest["metadata"].as_object_mut() {
            metadata.retain(|name, _| matches!(name.as_str(), "name" | "namespace" | "labels" | "annotations"));
        }
        let uid = live["metadata"]["uid"].as_str().map(str::to_owned);
        let it = Self { yaml_body: Some(manifest.to_string()), uid: uid.clone(), live_uid: uid, ..Self::default() };
        it.named(named, &manifest)
    }
}

/// `apps/v1//Deployment//web//shop`.
fn id(named: &Named) -> String {
    let namespace = named.namespace.as_ref().map(|n| format!("//{n}")).unwrap_or_default();
    format!("{}//{}//{}{namespace}", named.api_version, named.kind, named.name)
}

fn of_id(id: &str) -> Result<Named> {
    let parts: Vec<&str> = id.split("//").collect();
    let (api_version, kind, name, namespace) = match parts.as_slice() {
        [api_version, kind, name] => (api_version, kind, name, None),
        [api_version, kind, name, namespace] => (api_version, kind, name, Some((*namespace).to_owned())),
        _ => {
            let told = ProviderError::invalid(format!("{id:?} does not name an object"));
            return Err(told.hint("it is written apps/v1//Deployment//web//shop"));
        }
    };
    Ok(Named { api_version: (*api_version).to_owned(), kind: (*kind).to_owned(), namespace, name: (*name).to_owned() })
}

impl Resource for KubectlManifest {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubectl_manifest";

    fn identity() -> Identity {
        Identity::Name
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn validate(config: &Value) -> Diagnostics {
        let yaml = config.get("yaml_body").map(|y| y.unmark().0);
        let error = yaml.as_ref().and_then(Value::as_str).and_then(|yaml| parse(yaml).and_then(|json| Named::of(&json)).err());
        error.into_iter().map(|e| Diagnostic::error("Unusable yaml_body", e.message)).collect()
    }
    fn plan(_: Option<&Kubernetes>, draft: &mut Draft) -> Result<()> {
        let text = |value: &Value| value.clone().unmark().0.as_str().map(str::to_owned);
        let (old, new) = (text(&draft.prior("yaml_body")), text(&draft.planned("yaml_body")));
        let Some(manifest) = new.as_deref().and_then(|new| parse(new).ok()) else {
            draft.set("yaml_body_parsed", Value::unknown(Type::String));
            return Ok(());
        };
        let before = old.as_deref().and_then(|old| parse(old).ok());
        if before.as_ref() == Some(&manifest) {
            // Another spelling of the same.
            let prior = draft.prior("yaml_body");
            draft.set("yaml_body", prior);
            return Ok(());
        }
        let Ok(wanted) = Self::from_value(&draft.planned) else { return Ok(()) };
        draft.set("yaml_body_parsed", Value::string(wanted.shown(&manifest)));
        let name = |json: &Json| Named::of(json).ok().map(|n| id(&n));
        let is_another = before.as_ref().is_some_and(|before| name(before) != name(&manifest));
        if is_another || (before.is_some() && wanted.force_new == Some(true)) {
            draft.force_replace("yaml_body");
        }
        Ok(())
    }
    async fn read(ctx: &Ctx<Kubernetes>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let named = of_id(id)?;
        let Some(place) = named.find(&ctx.client).await? else { return Ok(None) };
        let Some(live) = ctx.client.read(&place).await? else { return Ok(None) };
        match prior {
            Some(prior) => prior.clone().refreshed(&live).map(Some),
            None => Ok(Some(Self::imported(&named, &live))),
        }
    }
    async fn create(ctx: &Ctx<Kubernetes>, planned: Self, op: OpToken) -> Result<Self> {
        let place = apply::create(ctx, &planned.json()?, &planned.how(), op).await?;
        planned.settled(ctx, &place).await
    }
    async fn update(ctx: &Ctx<Kubernetes>, _: Self, planned: Self, _: OpToken) -> Result<Self> {
        let place = apply::update(ctx, &planned.json()?, &planned.how()).await?;
        planned.settled(ctx, &place).await
    }
    async fn delete(ctx: &Ctx<Kubernetes>, prior: Self, _: OpToken) -> Result<()> {
        if prior.apply_only == Some(true) {
            return Ok(());
        }
        apply::delete(ctx, &of_id(prior.id.as_deref().unwrap_or_default())?, prior.uid.as_deref(), &prior.how()).await
    }
    async fn find(ctx: &Ctx<Kubernetes>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        match apply::made_by(ctx, &Named::of(&planned.json()?)?, op).await? {
            Some((place, _)) => planned.clone().settled(ctx, &place).await.map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_read_and_secrets_are_not_shown() {
        let yaml = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {pw: hush}\nimmutable: true\n";
        let it = KubectlManifest { yaml_body: Some(yaml.into()), override_namespace: Some("c".into()), ..KubectlManifest::default() };
        let json = it.json().unwrap();
        assert_eq!((&json["immutable"], &json["metadata"]["namespace"]), (&Json::Bool(true), &Json::from("c")));
        assert!(!it.shown(&json).contains("hush"));
        let named = Named::of(&json).unwrap();
        assert_eq!(of_id(&id(&named)).unwrap(), named);
        assert!(parse("- a\n").is_err() && parse("a: [").is_err());
    }
}
