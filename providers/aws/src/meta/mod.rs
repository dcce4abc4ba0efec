//! Where and who we are: account, region, partition.

use levee_sdk::provider::{AnyDataSource, AnyResource, Typed};
use std::sync::Arc;

pub mod caller_identity;
pub mod partition;
pub mod region;

/// Its resource types: none.
pub fn resources() -> Vec<Arc<dyn AnyResource>> {
    Vec::new()
}

/// Its data sources.
pub fn data_sources() -> Vec<Arc<dyn AnyDataSource>> {
    vec![
        Typed::<caller_identity::CallerIdentity>::data_source(),
        Typed::<partition::PartitionData>::data_source(),
        Typed::<region::RegionData>::data_source(),
    ]
}
