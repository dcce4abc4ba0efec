//! Objects of any kind, as they are written: `kubernetes_manifest` and what it shares with `kubectl_manifest`.

pub(crate) mod identity;
pub(crate) mod mask;
pub(crate) mod apply;
pub(crate) mod waiting;
pub(crate) mod secret;
mod immutable;
mod resource;

pub(crate) use resource::ManifestType;
