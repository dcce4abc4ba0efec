//! The null provider.

mod data_source;
mod resource;

use crate::offline::Offline;

/// `hashicorp/null`
pub(crate) fn provider() -> Offline {
    Offline::new("null", "hashicorp/null", "3.2.4").resource::<resource::NullResource>().data_source::<data_source::NullData>()
}
