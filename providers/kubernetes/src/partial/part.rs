//! A part of an object: some keys of some maps in it.

use crate::client::{Kubernetes, Place, gone};
use crate::conflict;
use crate::manifest::identity::Named;
use crate::owned::Owned;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, Shape};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// So often somebody may be faster.
const TRIES: u32 = 10;

/// As whom a part is written, unless its configuration says otherwise.
pub(super) const MANAGER: &str = "Terraform";

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

impl Name {
    /// The namespace and the name of an id.
    pub(super) fn of_id(id: &str) -> Self {
        let (namespace, name) = id.split_once('/').unwrap_or(("default", id));
        Self { name: Some(name.to_owned()), namespace: Some(namespace.to_owned()) }
    }
}

impl Named {
    /// The object that arguments name.
    pub(super) fn object(api_version: Option<&str>, kind: Option<&str>, metadata: &[Name]) -> Self {
        let Name { name, namespace } = metadata.first().cloned().unwrap_or_default();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self { api_version: text(api_version), kind: text(kind), namespace, name: name.unwrap_or_default() }
    }
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
    /// The part of an object that these arguments describe.
    pub(super) fn new(named: Named, manager: Option<&str>, force: Option<bool>, maps: Vec<(&'static [&'static str], Texts)>) -> Self {
        Self { named, manager: manager.unwrap_or(MANAGER).to_owned(), force: force.unwrap_or(false), maps }
    }

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

    /// Makes the maps so; `prior` says which keys were ours before. The object has to be there.
    pub(super) async fn write(&self, ctx: &Ctx<Kubernetes>, prior: Option<&Self>) -> Result<()> {
        let place = self.named.find_soon(ctx).await?;
        let written = self.change(ctx, &place, self.force, |object| {
            if let Some(prior) = prior {
                prior.take_from(object);
            }
            for (path, texts) in self.maps.iter().filter(|(_, texts)| !texts.is_empty()) {
                let at = path.iter().fold(&mut *object, |json, step| &mut json[*step]);
                for (key, value) in texts {
                    at[key] = json!(value);
                }
            }
        });
        written.await?.ok_or_else(|| gone(&place))
    }

    /// Takes the keys away that are ours.
    pub(super) async fn remove(&self, ctx: &Ctx<Kubernetes>) -> Result<()> {
        let Some(place) = self.place(&ctx.client).await? else { return Ok(()) };
        match self.change(ctx, &place, true, |object| self.take_from(object)).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// Changes what our manager has applied; again, if somebody was faster. `None` where the object is gone.
    async fn change(&self, ctx: &Ctx<Kubernetes>, place: &Place, force: bool, change: impl Fn(&mut Json)) -> Result<Option<()>> {
        let mut tries = 0;
        loop {
            let Some(live) = ctx.client.get(place).await? else { return Ok(None) };
            let mut object = self.kept(&live);
            change(&mut object);
            match ctx.client.apply(place, &self.manager, force, &object).await {
                Ok(_) => return Ok(Some(())),
                Err(error) if conflict::is_about_owners(&error) => return Err(taken(error, &live)),
                Err(error) if error.kind == ErrorKind::Conflict && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn take_from(&self, object: &mut Json) {
        for (path, texts) in &self.maps {
            let at = path.iter().try_fold(&mut *object, |json, step| json.get_mut(*step)).and_then(Json::as_object_mut);
            if let Some(at) = at {
                at.retain(|key, _| !texts.contains_key(key));
            }
        }
    }

    /// The object as our manager has applied it so far: other parts of it may be ours too, by other resources. With its
    /// uid an object that is gone is not made by it, and with its version nobody's change in between is lost.
    fn kept(&self, live: &Json) -> Json {
        let mut object = owned_part(live, &Owned::by(live, &self.manager));
        object["apiVersion"] = json!(self.named.api_version);
        object["kind"] = json!(self.named.kind);
        object["metadata"]["name"] = json!(self.named.name);
        for name in ["uid", "resourceVersion"] {
            object["metadata"][name] = live["metadata"][name].clone();
        }
        if let Some(namespace) = live["metadata"].get("namespace") {
            object["metadata"]["namespace"] = namespace.clone();
        }
        object
    }
}

/// What of an object is owned. Lists are left out: no part of ours has one.
fn owned_part(live: &Json, owned: &Owned<'_>) -> Json {
    if owned.is_leaf() {
        return live.clone();
    }
    let one = |name: &str| Some((name.to_owned(), owned_part(live.get(name)?, &owned.member(name))));
    Json::Object(owned.members().into_iter().filter_map(one).collect::<Map<_, _>>())
}

fn taken(error: ProviderError, live: &Json) -> ProviderError {
    let text = format!("others own keys that are to change: {}", conflict::owners(&error.message, live));
    ProviderError { message: text, ..error }.hint("take them over with force = true, or leave them out")
}
