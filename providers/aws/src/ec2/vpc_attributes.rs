//! The attributes of a VPC that have calls of their own: each is read and changed alone.

use crate::client::Aws;
use aws_sdk_ec2::operation::describe_vpc_attribute::DescribeVpcAttributeOutput;
use aws_sdk_ec2::operation::modify_vpc_attribute::ModifyVpcAttributeInput;
use aws_sdk_ec2::operation::modify_vpc_attribute::builders::ModifyVpcAttributeInputBuilder;
use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};
use levee_sdk::error::Result;

/// The attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Instances get DNS names.
    pub dns_hostnames: bool,
    /// The VPC has a resolver.
    pub dns_support: bool,
    /// Address usage is counted.
    pub usage_metrics: bool,
}

/// Those of a new VPC.
impl Default for Attributes {
    fn default() -> Self {
        Self { dns_hostnames: false, dns_support: true, usage_metrics: false }
    }
}

/// Reads them.
pub async fn read(aws: &Aws, region: &str, vpc: &str) -> Result<Attributes> {
    let (hostnames, support, metrics) = futures::try_join!(
        ask(aws, region, vpc, VpcAttributeName::EnableDnsHostnames),
        ask(aws, region, vpc, VpcAttributeName::EnableDnsSupport),
        ask(aws, region, vpc, VpcAttributeName::EnableNetworkAddressUsageMetrics),
    )?;
    let default = Attributes::default();
    let value = |v: Option<AttributeBooleanValue>, default| v.and_then(|v| v.value).unwrap_or(default);
    Ok(Attributes {
        dns_hostnames: value(hostnames.enable_dns_hostnames, default.dns_hostnames),
        dns_support: value(support.enable_dns_support, default.dns_support),
        usage_metrics: value(metrics.enable_network_address_usage_metrics, default.usage_metrics),
    })
}

async fn ask(aws: &Aws, region: &str, vpc: &str, name: VpcAttributeName) -> Result<DescribeVpcAttributeOutput> {
    let request = aws.ec2(Some(region)).describe_vpc_attribute().vpc_id(vpc).attribute(name);
    aws.send("ec2:DescribeVpcAttribute", || request.clone().send()).await
}

/// The calls that turn `now` into `wanted`, in an order that AWS accepts: host names need the resolver.
pub fn changes(vpc: &str, now: Attributes, wanted: Attributes) -> Vec<ModifyVpcAttributeInputBuilder> {
    let call = || ModifyVpcAttributeInput::builder().vpc_id(vpc);
    let value = |b| AttributeBooleanValue::builder().value(b).build();
    let mut calls = Vec::new();
    if now.dns_support != wanted.dns_support {
        calls.push(call().enable_dns_support(value(wanted.dns_support)));
    }
    if now.dns_hostnames != wanted.dns_hostnames {
        let hostnames = call().enable_dns_hostnames(value(wanted.dns_hostnames));
        // Switched off before the resolver, switched on after it.
        let place = if wanted.dns_hostnames { calls.len() } else { 0 };
        calls.insert(place, hostnames);
    }
    if now.usage_metrics != wanted.usage_metrics {
        calls.push(call().enable_network_address_usage_metrics(value(wanted.usage_metrics)));
    }
    calls
}

/// Changes them from `now` to `wanted`; no call where nothing differs.
pub async fn change(aws: &Aws, region: &str, vpc: &str, now: Attributes, wanted: Attributes) -> Result<()> {
    let client = aws.ec2(Some(region));
    for call in changes(vpc, now, wanted) {
        aws.send("ec2:ModifyVpcAttribute", || call.clone().send_with(&client)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_wanted_costs_no_call() {
        assert!(changes("vpc-1", Attributes::default(), Attributes::default()).is_empty());
    }

    #[test]
    fn host_names_come_after_the_resolver_and_go_before_it() {
        let off = Attributes { dns_hostnames: false, dns_support: false, usage_metrics: false };
        let on = Attributes { dns_hostnames: true, dns_support: true, usage_metrics: false };
        let support_first = |calls: &[ModifyVpcAttributeInputBuilder]| calls[0].get_enable_dns_support().is_some();
        assert!(support_first(&changes("vpc-1", off, on)));
        assert!(!support_first(&changes("vpc-1", on, off)));
    }
}
