//! `data.aws_region`. Makes no call.

use crate::client::Aws;
use crate::partition;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};

/// A region.
#[derive(Clone, Default, Shape)]
pub struct RegionData {
    /// Where it is.
    #[attr(computed)]
    pub description: Option<String>,
    /// EC2 endpoint without the scheme.
    #[attr(optional, computed)]
    pub endpoint: Option<String>,
    /// Its name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Its name.
    #[attr(optional, computed, deprecated = "Use region instead")]
    pub name: Option<String>,
    /// Its name; the provider's region unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
}

/// Where the regions are, as AWS says it.
const PLACES: [(&str, &str); 38] = [
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

impl DataSource for RegionData {
    type Client = Aws;
    const TYPE: &'static str = "aws_region";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let wanted = [&config.region, &config.name].into_iter().flatten().next().cloned();
        let by_endpoint = config.endpoint.as_deref().map(region_of).transpose()?;
        if let (Some(wanted), Some(by_endpoint)) = (&wanted, &by_endpoint)
            && wanted != by_endpoint
        {
            return Err(ProviderError::invalid(format!("the endpoint is one of {by_endpoint}, not of {wanted}")));
        }
        let name = wanted.or(by_endpoint).unwrap_or_else(|| ctx.client.region().to_owned());
        Ok(described(name))
    }
}

/// The region of an endpoint such as `ec2.eu-west-1.amazonaws.com`.
fn region_of(endpoint: &str) -> Result<String> {
    let known = endpoint.split('.').find(|part| partition::is_region_name(part));
    known.map(str::to_owned).ok_or_else(|| ProviderError::invalid(format!("{endpoint:?} names no region")))
}

fn described(name: String) -> RegionData {
    let place = PLACES.iter().find(|(region, _)| *region == name).map_or(name.as_str(), |(_, place)| place);
    RegionData {
        description: Some(place.to_owned()),
        endpoint: Some(format!("ec2.{name}.{}", partition::of(&name).dns_suffix)),
        id: Some(name.clone()),
        name: Some(name.clone()),
        region: Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_described_and_found_by_its_endpoint() {
        let region = described("cn-north-1".into());
        assert_eq!(region.description.as_deref(), Some("China (Beijing)"));
        assert_eq!(region_of(region.endpoint.as_deref().expect("an endpoint")).expect("a region"), "cn-north-1");
        assert!(region_of("ec2.amazonaws.com").is_err());
    }
}
