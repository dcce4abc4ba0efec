//! A part of an object: some keys of some maps in it.

use crate::client::{Kubernetes, Place, gone};
use crate::conflict;
use crate::manifest::identity::Named;
use crate::owned::Owned;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::{Ctx, Shape};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Keys with their values.
pub(super) type Texts = BTreeMap<String, String>;

/// What names the object.
#[derive(Clone, Default, Shape)]
pub(super) struct Name {
    /// Its name.
    #[attr(required, force_new)]
    pub(super) name: Option<String>,
    /// Where it lies.
    #[attr(optional, force_new, default = "default")]
    pub(super) namespace: Option<String>,
}

/// Whose a part is, and of what.
pub(super) struct Part {
    pub(super) named: Named,
    pub(super) manager: String,
    /// Whether keys of others are taken over.
    pub(super) force: bool,
    /// Where the maps stand: `data`, `metadata.labels`.
    pub(super) maps: Vec<(&'static [&'static str], Texts)>,
}

impl Part {
    /// Where the object lies; `None` where the cluster does not know its kind.
    async fn place(&self, k: &Kubernetes) -> Result<Option<Place>> {
        self.named.find(k).await
    }

    /// The maps as they are now, of those keys alone that are ours; `None` when the object is gone. `all`: also the keys that
    /// nobody told us of, but which our manager owns.
    pub(super) async fn read(&self, ctx: &Ctx<Kubernetes>, all: bool) -> Result<Option<Vec<Texts>>> {
        let Some(place) = self.place(&ctx.client).await? else { return Ok(None) };
        let Some(live) = ctx.client.read(&place).await? else { return Ok(None) };
        let owned = Owned::by(&live, &self.manager);
        let one = |(path, ours): &(&'static [&'static str], Texts)| {
            let (there, owned) =
                path.iter().fold((Some(&*live), owned.clone()), |(json, owned), step| (json.and_then(|j| j.get(step)), owned.member(step)));
            let is_ours = |key: &str| ours.contains_key(key) || (all && owned.member(key).any());
            let members = there.and_then(Json::as_object).into_iter().flatten().filter(|(key, _)| is_ours(key));
            members.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        };
        Ok(Some(self.maps.iter().map(one).collect()))
    }

    /// Makes the maps so. The object has to be there.
    pub(super) async fn write(&self, ctx: &Ctx<Kubernetes>) -> Result<()> {
        let place = self.named.find_soon(ctx).await?;
        let live = ctx.client.get(&place).await?.ok_or_else(|| gone(&place))?;
        let object = self.object(&live, &self.maps);
        let answer = ctx.client.apply(&place, &self.manager, self.force, &object).await;
        answer.map(|_| ()).map_err(|error| if conflict::is_about_owners(&error) { taken(error) } else { error })
    }

    /// Takes the keys away that are ours.
    pub(super) async fn remove(&self, ctx: &Ctx<Kubernetes>) -> Result<()> {
        let Some(place) = self.place(&ctx.client).await? else { return Ok(()) };
        let Some(live) = ctx.client.get(&place).await? else { return Ok(()) };
        match ctx.client.apply(&place, &self.manager, true, &self.object(&live, &[])).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The object as it is applied. Its uid keeps one that was made anew meanwhile, or is gone, from being made by it.
    fn object(&self, live: &Json, maps: &[(&'static [&'static str], Texts)]) -> Json {
        let mut object = json!({
            "apiVersion": self.named.api_version,
            "kind": self.named.kind,
            "metadata": { "name": self.named.name, "uid": live["metadata"]["uid"] },
        });
        if let Some(namespace) = live["metadata"].get("namespace") {
            object["metadata"]["namespace"] = namespace.clone();
        }
        for (path, texts) in maps.iter().filter(|(_, texts)| !texts.is_empty()) {
            let at = path.iter().fold(&mut object, |json, step| &mut json[*step]);
            *at = Json::Object(texts.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))).collect::<Map<_, _>>());
        }
        object
    }
}

fn taken(error: ProviderError) -> ProviderError {
    let text = format!("others own keys that are to change: {}", conflict::owners(&error.message));
    ProviderError { message: text, ..error }.hint("take them over with force = true, or leave them out")
}
