//! Parts of objects that somebody else made: some keys of a config map or secret, some labels, some annotations. The part is
//! ours as its field manager owns it; the object is not.

mod part;
mod life;
mod config_map_data;
mod secret_data;
mod labels;
mod annotations;

use levee_sdk::AnyResource;
use levee_sdk::provider::Typed;
use std::sync::Arc;

/// All of them.
pub(crate) fn all() -> [Arc<dyn AnyResource>; 4] {
    [
        Typed::<config_map_data::ConfigMapData>::resource(),
        Typed::<secret_data::SecretData>::resource(),
        Typed::<labels::Labels>::resource(),
        Typed::<annotations::Annotations>::resource(),
    ]
}
