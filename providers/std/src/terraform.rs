//! The builtin provider.

mod data;
mod remote_state;

use crate::offline::Offline;

/// The provider that every configuration has.
pub(crate) fn provider() -> Offline {
    Offline::new("terraform", "terraform.io/builtin/terraform", "1.11.0")
        .resource::<data::Data>()
        .data_source::<remote_state::RemoteState>()
}
