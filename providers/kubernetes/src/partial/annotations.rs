//! `kubernetes_annotations`: some annotations of an object that somebody else made, and of its pods.

use crate::client::Kubernetes;
use crate::manifest::identity::Named;
use crate::partial::part::{Name, Part, Texts};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Identity, OpToken, Resource, Shape};

/// Some annotations of an object that somebody else made, and of its pods.
#[derive(Clone, Default, Shape)]
#[expect(clippy::struct_field_names, reason = "Terraform's names")]
pub(super) struct Annotations {
    /// The id of the object.
    #[attr(optional, computed)]
    id: Option<String>,
    /// `v1`.
    #[attr(required, force_new)]
    api_version: Option<String>,
    /// `Namespace`.
    #[attr(required, force_new)]
    kind: Option<String>,
    /// The annotations.
    #[attr(optional)]
    annotations: Option<Texts>,
    /// Annotations of the pods that the object makes.
    #[attr(optional)]
    template_annotations: Option<Texts>,
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

impl Annotations {
    fn part(&self) -> Part {
        let metadata = self.metadata.first().cloned().unwrap_or_default();
        let named = Named {
            api_version: self.api_version.clone().unwrap_or_default(),
            kind: self.kind.clone().unwrap_or_default(),
            namespace: metadata.namespace,
            name: metadata.name.unwrap_or_default(),
        };
        Part {
            named,
            manager: self.field_manager.clone().unwrap_or_else(|| "Terraform".to_owned()),
            force: self.force.unwrap_or(false),
            maps: self.maps(),
        }
    }

    /// With the maps as they are.
    fn with(mut self, maps: Vec<Texts>) -> Self {
        let mut maps = maps.into_iter();
        let (own, template) = (maps.next().unwrap_or_default(), maps.next().unwrap_or_default());
        self.annotations = Some(own).filter(|texts| self.annotations.is_some() || !texts.is_empty());
        self.template_annotations = Some(template).filter(|texts| self.template_annotations.is_some() || !texts.is_empty());
        self
    }

    async fn written(mut self, ctx: &Ctx<Kubernetes>, prior: Option<&Self>) -> Result<Self> {
        let part = self.part();
        part.write(ctx, prior.map(Self::part).as_ref()).await?;
        self.id = Some(part.named.id());
        Ok(self)
    }
}

impl Resource for Annotations {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_annotations";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    async fn read(ctx: &Ctx<Kubernetes>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let known = prior.cloned().map_or_else(|| Self::of_id(id), Ok)?;
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

impl Annotations {
    /// What the id of an import says.
    fn of_id(id: &str) -> Result<Self> {
        let named = Named::of_id(id)?;
        let name = Name { name: Some(named.name), namespace: named.namespace };
        Ok(Self {
            id: Some(id.to_owned()),
            api_version: Some(named.api_version),
            kind: Some(named.kind),
            field_manager: Some("Terraform".to_owned()),
            metadata: vec![name],
            ..Self::default()
        })
    }

    fn maps(&self) -> Vec<(&'static [&'static str], Texts)> {
        let template: &[&str] = match self.kind.as_deref() {
            Some("CronJob") => &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
            _ => &["spec", "template", "metadata", "annotations"],
        };
        let own = self.annotations.clone().unwrap_or_default();
        vec![(&["metadata", "annotations"], own), (template, self.template_annotations.clone().unwrap_or_default())]
    }
}
