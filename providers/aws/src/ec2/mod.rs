//! EC2: networks.
//!
//! What its types share stands first: reading many objects at once ([`describe`]), tags ([`tagging`]), the `timeouts`
//! blocks ([`timeouts`]) and lookups by filter ([`lookup`]); then one file a type.

pub mod describe;
pub mod lookup;
pub mod tagging;
pub mod timeouts;

pub mod availability_zones;
pub mod eip;
pub mod hop;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod peering;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod security_group;
pub mod security_group_permissions;
pub mod security_group_rule;
pub mod security_group_rule_types;
pub mod subnet;
pub mod subnets;
pub mod vpc;
pub mod vpc_attributes;
pub mod vpc_lookup;
pub mod vpc_parts;
pub mod vpc_peering_connection;
pub mod vpc_peering_connection_accepter;
pub mod vpc_peering_connection_options;

use crate::partition;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::provider::{AnyDataSource, AnyResource, Typed};
use std::sync::Arc;

/// Its resource types.
pub fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Typed::<eip::Eip>::resource(),
        Typed::<internet_gateway::InternetGateway>::resource(),
        Typed::<nat_gateway::NatGateway>::resource(),
        Typed::<route::Route>::resource(),
        Typed::<route_table::RouteTable>::resource(),
        Typed::<route_table_association::RouteTableAssociation>::resource(),
        Typed::<security_group::SecurityGroup>::resource(),
        Typed::<security_group_rule_types::IngressRule>::resource(),
        Typed::<security_group_rule_types::EgressRule>::resource(),
        Typed::<subnet::Subnet>::resource(),
        Typed::<vpc::Vpc>::resource(),
        Typed::<vpc_peering_connection::VpcPeeringConnection>::resource(),
        Typed::<vpc_peering_connection_accepter::VpcPeeringConnectionAccepter>::resource(),
        Typed::<vpc_peering_connection_options::VpcPeeringConnectionOptions>::resource(),
    ]
}

/// Its data sources.
pub fn data_sources() -> Vec<Arc<dyn AnyDataSource>> {
    vec![
        Typed::<availability_zones::AvailabilityZones>::data_source(),
        Typed::<subnets::Subnets>::data_source(),
        Typed::<vpc_lookup::VpcLookup>::data_source(),
    ]
}

/// The ARN of an EC2 object: `kind` is `vpc`, `subnet`, ...
fn arn(region: &str, owner: &str, kind: &str, id: &str) -> String {
    format!("arn:{}:ec2:{region}:{owner}:{kind}/{id}", partition::of(region).id)
}

/// A number as EC2 takes it.
fn int(name: &str, number: Option<i64>) -> Result<Option<i32>> {
    let small = number.map(i32::try_from).transpose();
    small.map_err(|_| ProviderError::invalid(format!("{name} is too large")))
}

/// A deletion of what is gone already has done its work.
fn gone_is_done<T>(answer: Result<T>) -> Result<()> {
    match answer {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// The text of an argument, unless it is empty.
#[expect(clippy::ref_option, reason = "it is asked about fields, at a hundred places: `set(&self.name)` reads best there")]
fn set(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|t| !t.is_empty())
}
