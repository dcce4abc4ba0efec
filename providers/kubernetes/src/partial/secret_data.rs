//! `kubernetes_secret_v1_data`: some keys of a secret that somebody else made.

use crate::manifest::identity::Named;
use crate::partial::life::{self, Partial};
use crate::partial::part::{MANAGER, Name, Part, Texts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::Shape;
use levee_sdk::error::Result;

/// Some keys of a secret that somebody else made.
#[derive(Clone, Default, Shape)]
pub(super) struct SecretData {
    /// The id of the object.
    #[attr(optional, computed)]
    id: Option<String>,
    /// The keys with their values.
    #[attr(required, sensitive)]
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

life::resource!(SecretData, "kubernetes_secret_v1_data");

impl Partial for SecretData {
    fn part(&self) -> Part {
        let named = Named::object(Some("v1"), Some("Secret"), &self.metadata);
        Part::new(named, self.field_manager.as_deref(), self.force, vec![(&["data"], packed(self.data.as_ref()))])
    }

    fn with(mut self, maps: Vec<Texts>) -> Self {
        self.data = maps.into_iter().next().map(|packed| unpacked(&packed));
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

/// As Kubernetes holds it.
fn packed(plain: Option<&Texts>) -> Texts {
    plain.into_iter().flatten().map(|(key, value)| (key.clone(), STANDARD.encode(value))).collect()
}

/// What is no text is left out.
fn unpacked(packed: &Texts) -> Texts {
    let one = |(key, value): (&String, &String)| Some((key.clone(), String::from_utf8(STANDARD.decode(value).ok()?).ok()?));
    packed.iter().filter_map(one).collect()
}
