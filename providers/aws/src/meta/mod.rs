//! Where and who we are: account, region, partition.

use levee_sdk::provider::{AnyDataSource, AnyResource, TypedData};
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
        TypedData::<caller_identity::CallerIdentity>::data_source(),
        TypedData::<partition::PartitionData>::data_source(),
        TypedData::<region::RegionData>::data_source(),
    ]
}
