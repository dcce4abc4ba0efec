//! `kubernetes_config_map_v1_data`: some keys of a config map that somebody else made, such as `aws-auth`.

use crate::manifest::identity::Named;
use crate::partial::life::{self, Partial};
use crate::partial::part::{MANAGER, Name, Part, Texts};
use levee_sdk::Shape;
use levee_sdk::error::Result;

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

life::resource!(ConfigMapData, "kubernetes_config_map_v1_data");

impl Partial for ConfigMapData {
    fn part(&self) -> Part {
        let named = Named::object(Some("v1"), Some("ConfigMap"), &self.metadata);
        Part::new(named, self.field_manager.as_deref(), self.force, vec![(&["data"], self.data.clone().unwrap_or_default())])
    }

    fn with(mut self, maps: Vec<Texts>) -> Self {
        self.data = maps.into_iter().next();
        self
    }

    fn identified(self, named: &Named) -> Self {
        Self { id: Some(format!("{}/{}", named.namespace.as_deref().unwrap_or_default(), named.name)), ..self }
    }

    fn of_id(id: &str) -> Result<Self> {
        let metadata = vec![Name::of_id(id)];
        Ok(Self { id: Some(id.to_owned()), field_manager: Some(MANAGER.to_owned()), metadata, ..Self::default() })
    }
}
