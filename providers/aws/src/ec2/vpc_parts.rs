//! What AWS makes along with a VPC: its default security group and network ACL, and its main route table.

use super::describe::{Described, filter};
use crate::client::Aws;
use aws_sdk_ec2::types::{Filter, NetworkAcl, RouteTable, SecurityGroup};
use levee_sdk::error::Result;
use levee_sdk::loader::Loader;
use std::collections::BTreeMap;

/// VPCs that one call is asked about.
const BATCH: usize = 200;

/// Their ids; none where AWS does not show one (yet).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Default security group.
    pub security_group: Option<String>,
    /// Default network ACL.
    pub network_acl: Option<String>,
    /// Main route table.
    pub route_table: Option<String>,
}

impl Parts {
    /// Whether AWS shows them all.
    pub fn are_complete(&self) -> bool {
        self.security_group.is_some() && self.network_acl.is_some() && self.route_table.is_some()
    }
}

/// An object that belongs to a VPC.
trait Part: Described {
    /// Tells the default or main one from the rest.
    fn marks() -> Filter;
    fn vpc_id(&self) -> Option<&str>;
}

impl Part for SecurityGroup {
    fn marks() -> Filter {
        filter("group-name", ["default"])
    }
    fn vpc_id(&self) -> Option<&str> {
        self.vpc_id.as_deref()
    }
}

impl Part for NetworkAcl {
    fn marks() -> Filter {
        filter("default", ["true"])
    }
    fn vpc_id(&self) -> Option<&str> {
        self.vpc_id.as_deref()
    }
}

impl Part for RouteTable {
    fn marks() -> Filter {
        filter("association.main", ["true"])
    }
    fn vpc_id(&self) -> Option<&str> {
        self.vpc_id.as_deref()
    }
}

/// What the loaders of one kind of part are kept under.
struct ByVpc<T> {
    loader: Loader<String, String>,
    of: std::marker::PhantomData<fn() -> T>,
}

async fn load<T: Part>(aws: &Aws, region: &str, vpc: &str) -> Result<Option<String>> {
    let shared = aws.shared(region, || {
        let (client, sender) = (aws.ec2(Some(region)), aws.sender().clone());
        let loader = Loader::new(BATCH, move |vpcs: Vec<String>| {
            let found = T::select(client.clone(), sender.clone(), vec![T::marks(), filter("vpc-id", vpcs)]);
            async move { Ok(by_vpc(&found.await?)) }
        });
        ByVpc::<T> { loader, of: std::marker::PhantomData }
    });
    shared.loader.load(vpc.to_owned()).await
}

fn by_vpc<T: Part>(found: &[T]) -> BTreeMap<String, String> {
    found.iter().filter_map(|part| Some((part.vpc_id()?.to_owned(), part.id()?.to_owned()))).collect()
}

/// The parts of a VPC, read together with those of all VPCs that are asked for at the same time.
pub async fn of(aws: &Aws, region: &str, vpc: &str) -> Result<Parts> {
    let (security_group, network_acl, route_table) = futures::try_join!(
        load::<SecurityGroup>(aws, region, vpc),
        load::<NetworkAcl>(aws, region, vpc),
        load::<RouteTable>(aws, region, vpc),
    )?;
    Ok(Parts { security_group, network_acl, route_table })
}

/// The main route table of a VPC.
pub async fn main_route_table(aws: &Aws, region: &str, vpc: &str) -> Result<Option<String>> {
    load::<RouteTable>(aws, region, vpc).await
}
