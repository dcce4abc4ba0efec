//! `kubernetes_annotations`: some annotations of an object that somebody else made, and of its pods.

use crate::manifest::identity::Named;
use crate::partial::life::{self, Partial};
use crate::partial::part::{MANAGER, Name, Part, Texts};
use levee_sdk::Shape;
use levee_sdk::error::Result;

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

life::resource!(Annotations, "kubernetes_annotations");

impl Partial for Annotations {
    fn part(&self) -> Part {
        let named = Named::object(self.api_version.as_deref(), self.kind.as_deref(), &self.metadata);
        Part::new(named, self.field_manager.as_deref(), self.force, self.maps())
    }

    fn with(mut self, maps: Vec<Texts>) -> Self {
        let mut maps = maps.into_iter();
        let (own, template) = (maps.next().unwrap_or_default(), maps.next().unwrap_or_default());
        self.annotations = Some(own).filter(|texts| self.annotations.is_some() || !texts.is_empty());
        self.template_annotations = Some(template).filter(|texts| self.template_annotations.is_some() || !texts.is_empty());
        self
    }

    fn identified(self, named: &Named) -> Self {
        Self { id: Some(named.id()), ..self }
    }

    fn of_id(id: &str) -> Result<Self> {
        let named = Named::of_id(id)?;
        Ok(Self {
            id: Some(id.to_owned()),
            api_version: Some(named.api_version),
            kind: Some(named.kind),
            field_manager: Some(MANAGER.to_owned()),
            metadata: vec![Name { name: Some(named.name), namespace: named.namespace }],
            ..Self::default()
        })
    }
}

impl Annotations {
    fn maps(&self) -> Vec<(&'static [&'static str], Texts)> {
        let template: &[&str] = match self.kind.as_deref() {
            Some("CronJob") => &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
            _ => &["spec", "template", "metadata", "annotations"],
        };
        let own = self.annotations.clone().unwrap_or_default();
        vec![(&["metadata", "annotations"], own), (template, self.template_annotations.clone().unwrap_or_default())]
    }
}
