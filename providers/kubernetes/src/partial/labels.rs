//! `kubernetes_labels`: some labels of an object that somebody else made.

use crate::manifest::identity::Named;
use crate::partial::life::{self, Partial};
use crate::partial::part::{MANAGER, Name, Part, Texts};
use levee_sdk::Shape;
use levee_sdk::error::Result;

/// Some labels of an object that somebody else made.
#[derive(Clone, Default, Shape)]
#[expect(clippy::struct_field_names, reason = "Terraform's names")]
pub(super) struct Labels {
    /// The id of the object.
    #[attr(optional, computed)]
    id: Option<String>,
    /// `v1`.
    #[attr(required, force_new)]
    api_version: Option<String>,
    /// `Namespace`.
    #[attr(required, force_new)]
    kind: Option<String>,
    /// The labels.
    #[attr(required)]
    labels: Option<Texts>,
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

life::resource!(Labels, "kubernetes_labels");

impl Partial for Labels {
    fn part(&self) -> Part {
        let named = Named::object(self.api_version.as_deref(), self.kind.as_deref(), &self.metadata);
        Part::new(
            named,
            self.field_manager.as_deref(),
            self.force,
            vec![(&["metadata", "labels"], self.labels.clone().unwrap_or_default())],
        )
    }

    fn with(mut self, maps: Vec<Texts>) -> Self {
        self.labels = maps.into_iter().next();
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
