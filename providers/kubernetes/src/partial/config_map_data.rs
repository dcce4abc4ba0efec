//! `kubernetes_config_map_v1_data`: some keys of a config map that somebody else made, such as `aws-auth`.

use crate::client::Kubernetes;
use crate::manifest::identity::Named;
use crate::partial::part::{Name, Part, Texts};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Identity, OpToken, Resource, Shape};

/// Some keys of a config map that somebody else made, such as `aws-auth`.
#[derive(Clone, Default, Shape)]
pub(super) struct ConfigMapData {
    /// The id of the object.
    #[attr(optional, computed)]
    id: Option<String>,
    /// The keys with their values.
    #[attr(required)]
    data: Option<Texts>,
    /// As whom it is written.
    #[attr(optional, default = "Terraform")]
    field_manager: Option<String>,
    /// Whether keys of others are taken over.
    #[attr(optional)]
    force: Option<bool>,
    /// The object.
    #[block(list, min = 1, max = 1)]
    metadata: Vec<Name>,
}

impl ConfigMapData {
    fn part(&self) -> Part {
        let metadata = self.metadata.first().cloned().unwrap_or_default();
        let named = Named {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: metadata.namespace,
            name: metadata.name.unwrap_or_default(),
        };
        Part {
            named,
            manager: self.field_manager.clone().unwrap_or_else(|| "Terraform".to_owned()),
            force: self.force.unwrap_or(false),
            maps: vec![(&["data"], self.data.clone().unwrap_or_default())],
        }
    }

    /// With the maps as they are.
    fn with(mut self, maps: Vec<Texts>) -> Self {
        self.data = maps.into_iter().next();
        self
    }

    async fn written(mut self, ctx: &Ctx<Kubernetes>, prior: Option<&Self>) -> Result<Self> {
        let part = self.part();
        part.write(ctx, prior.map(Self::part).as_ref()).await?;
        self.id = Some(format!("{}/{}", part.named.namespace.unwrap_or_default(), part.named.name));
        Ok(self)
    }
}

impl Resource for ConfigMapData {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_config_map_v1_data";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    async fn read(ctx: &Ctx<Kubernetes>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let known = prior.cloned().unwrap_or_else(|| Self::of_id(id));
        let maps = known.part().read(ctx, prior.is_none()).await?;
        Ok(maps.map(|maps| known.with(maps)))
    }
    async fn create(ctx: &Ctx<Kubernetes>, planned: Self, _: OpToken) -> Result<Self> {
        planned.written(ctx, None).await
    }
    async fn update(ctx: &Ctx<Kubernetes>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        planned.written(ctx, Some(&prior)).await
    }
    async fn delete(ctx: &Ctx<Kubernetes>, prior: Self, _: OpToken) -> Result<()> {
        prior.part().remove(ctx).await
    }
    async fn find(ctx: &Ctx<Kubernetes>, _: OpToken, planned: &Self) -> Result<Option<Self>> {
        let part = planned.part();
        let wanted: Vec<Texts> = part.maps.iter().map(|(_, texts)| texts.clone()).collect();
        let there = part.read(ctx, false).await?.filter(|there| *there == wanted);
        // It is there as it was to be: writing it once more says who owns it.
        if there.is_some() { planned.clone().written(ctx, None).await.map(Some) } else { Ok(None) }
    }
}

impl ConfigMapData {
    /// What the id of an import says.
    fn of_id(id: &str) -> Self {
        let (namespace, name) = id.split_once('/').unwrap_or(("default", id));
        let name = Name { name: Some(name.to_owned()), namespace: Some(namespace.to_owned()) };
        Self { id: Some(id.to_owned()), field_manager: Some("Terraform".to_owned()), metadata: vec![name], ..Self::default() }
    }
}
