//! Reading EC2's objects: by id, many at a time, and by the op tag that shows who made them.
//!
//! Ids go into a filter, not into the list of ids: one id that does not exist would fail the whole call.

use crate::client::Aws;
use crate::sender::Sender;
use crate::tags;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{self, Filter, Tag};
use futures::future::BoxFuture;
use levee_sdk::context::{OP_TAG, OpToken};
use levee_sdk::error::Result;
use levee_sdk::loader::Loader;
use std::collections::BTreeMap;
use std::time::Duration;

/// Values that one filter takes.
const FILTER_VALUES: usize = 200;

/// An object that a Describe call yields.
pub trait Described: Clone + Send + Sync + 'static {
    /// Name of the filter by id.
    const ID_FILTER: &'static str;
    /// Its id.
    fn id(&self) -> Option<&str>;
    /// Its tags.
    fn tags(&self) -> &[Tag];
    /// All that match the filters.
    fn select(client: Client, sender: Sender, filters: Vec<Filter>) -> BoxFuture<'static, Result<Vec<Self>>>;
}

/// Implements [`Described`] for a type whose call answers in pages.
macro_rules! described {
    ($ty:ty, $filter:literal, $call:literal, $method:ident, $set_filters:ident, $items:ident, $id:ident) => {
        impl Described for $ty {
            const ID_FILTER: &'static str = $filter;
            fn id(&self) -> Option<&str> {
                self.$id.as_deref()
            }
            fn tags(&self) -> &[Tag] {
                self.tags.as_deref().unwrap_or_default()
            }
            fn select(client: Client, sender: Sender, filters: Vec<Filter>) -> BoxFuture<'static, Result<Vec<Self>>> {
                Box::pin(async move {
                    let (mut found, mut page) = (Vec::new(), None);
                    loop {
                        let request = client.$method().$set_filters(Some(filters.clone())).set_next_token(page);
                        let answer = sender.send($call, || request.clone().send()).await?;
                        found.extend(answer.$items.unwrap_or_default());
                        page = answer.next_token.filter(|token| !token.is_empty());
                        if page.is_none() {
                            return Ok(found);
                        }
                    }
                })
            }
        }
    };
}

described!(types::Vpc, "vpc-id", "ec2:DescribeVpcs", describe_vpcs, set_filters, vpcs, vpc_id);
described!(types::Subnet, "subnet-id", "ec2:DescribeSubnets", describe_subnets, set_filters, subnets, subnet_id);
described!(
    types::InternetGateway,
    "internet-gateway-id",
    "ec2:DescribeInternetGateways",
    describe_internet_gateways,
    set_filters,
    internet_gateways,
    internet_gateway_id
);
described!(types::NatGateway, "nat-gateway-id", "ec2:DescribeNatGateways", describe_nat_gateways, set_filter, nat_gateways, nat_gateway_id);
described!(
    types::RouteTable,
    "route-table-id",
    "ec2:DescribeRouteTables",
    describe_route_tables,
    set_filters,
    route_tables,
    route_table_id
);
described!(
    types::SecurityGroup,
    "group-id",
    "ec2:DescribeSecurityGroups",
    describe_security_groups,
    set_filters,
    security_groups,
    group_id
);
described!(
    types::SecurityGroupRule,
    "security-group-rule-id",
    "ec2:DescribeSecurityGroupRules",
    describe_security_group_rules,
    set_filters,
    security_group_rules,
    security_group_rule_id
);
described!(
    types::NetworkAcl,
    "network-acl-id",
    "ec2:DescribeNetworkAcls",
    describe_network_acls,
    set_filters,
    network_acls,
    network_acl_id
);
described!(
    types::VpcPeeringConnection,
    "vpc-peering-connection-id",
    "ec2:DescribeVpcPeeringConnections",
    describe_vpc_peering_connections,
    set_filters,
    vpc_peering_connections,
    vpc_peering_connection_id
);

/// The one call without pages.
impl Described for types::Address {
    const ID_FILTER: &'static str = "allocation-id";
    fn id(&self) -> Option<&str> {
        self.allocation_id.as_deref()
    }
    fn tags(&self) -> &[Tag] {
        self.tags.as_deref().unwrap_or_default()
    }
    fn select(client: Client, sender: Sender, filters: Vec<Filter>) -> BoxFuture<'static, Result<Vec<Self>>> {
        Box::pin(async move {
            let request = client.describe_addresses().set_filters(Some(filters));
            let answer = sender.send("ec2:DescribeAddresses", || request.clone().send()).await?;
            Ok(answer.addresses.unwrap_or_default())
        })
    }
}

/// A filter of one name.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().map(Into::into).collect())).build()
}

/// All objects of a type in a region that match the filters.
pub async fn select<T: Described>(aws: &Aws, region: &str, filters: Vec<Filter>) -> Result<Vec<T>> {
    T::select(aws.ec2(Some(region)), aws.sender().clone(), filters).await
}

/// What the loaders of one type are kept under.
struct ById<T>(Loader<String, T>);

/// Between two looks for an object that was made a moment ago.
const HIDDEN_PAUSE: Duration = Duration::from_millis(300);

/// One object by its id, read together with all others of its type that are asked for at the same time. One that was made
/// a moment ago is looked for more than once.
pub async fn load<T: Described>(aws: &Aws, region: &str, id: &str) -> Result<Option<T>> {
    let shared = aws.shared(region, || {
        let (client, sender) = (aws.ec2(Some(region)), aws.sender().clone());
        ById(Loader::new(FILTER_VALUES, move |ids: Vec<String>| {
            let found = T::select(client.clone(), sender.clone(), vec![filter(T::ID_FILTER, ids)]);
            async move { Ok(by_id(found.await?)) }
        }))
    });
    loop {
        let found = shared.0.load(id.to_owned()).await?;
        if found.is_some() || !aws.sender().may_be_hidden(id) {
            return Ok(found);
        }
        tokio::time::sleep(HIDDEN_PAUSE).await;
    }
}

fn by_id<T: Described>(found: Vec<T>) -> BTreeMap<String, T> {
    found.into_iter().filter_map(|object| Some((object.id()?.to_owned(), object))).collect()
}

/// The object that carries the op tag of an operation.
pub async fn made_by<T: Described>(aws: &Aws, region: &str, op: OpToken) -> Result<Option<T>> {
    let filters = vec![filter(&format!("tag:{OP_TAG}"), [op.to_string()])];
    let found: Vec<T> = select(aws, region, filters).await?;
    // Some APIs ignore filters that they do not know.
    Ok(found.into_iter().find(|object| tags::made_by(op, pairs(object.tags()))))
}

fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key.as_deref()?, tag.value.as_deref().unwrap_or_default())))
}

/// An object's tags as a map.
pub fn tag_map(tags: &[Tag]) -> tags::Tags {
    pairs(tags).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
