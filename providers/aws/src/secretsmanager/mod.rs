//! Secrets Manager: secrets and their versions.

use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::provider::{AnyDataSource, AnyEphemeral, AnyResource, Typed};
use std::sync::Arc;

mod gathered;
pub mod secret;
pub mod secret_version;
pub mod secret_version_data;
pub mod secret_version_ephemeral;

/// Its resource types.
pub fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![Typed::<secret::Secret>::resource(), Typed::<secret_version::SecretVersion>::resource()]
}

/// Its data sources.
pub fn data_sources() -> Vec<Arc<dyn AnyDataSource>> {
    vec![Typed::<secret_version_data::SecretVersionData>::data_source()]
}

/// Its ephemeral types.
pub fn ephemeral() -> Vec<Arc<dyn AnyEphemeral>> {
    vec![Typed::<secret_version_ephemeral::SecretVersionEphemeral>::ephemeral()]
}

/// What Secrets Manager found, or `None` where it says that there is nothing of that name.
fn if_found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Aws {
    /// The loader that reads many secrets of a region in few calls.
    fn secrets(&self, region: Option<&str>) -> Arc<gathered::Secrets> {
        let region = self.region_of(region);
        self.shared(region, || gathered::Secrets::new(self.secretsmanager(Some(region)), self.sender().clone()))
    }
}
