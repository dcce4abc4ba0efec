//! `data.aws_availability_zones`

use super::lookup::{self, FilterBlock};
use super::{set, timeouts};
use crate::client::Aws;
use aws_sdk_ec2::types::{self, AvailabilityZone};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, Shape};
use std::collections::BTreeSet;

/// The availability zones of a region.
#[derive(Clone, Default, Shape)]
pub struct AvailabilityZones {
    /// Takes in zones that the account has not opted in to.
    #[attr(optional)]
    pub all_availability_zones: Option<bool>,
    /// Zones to leave out, by name.
    #[attr(optional)]
    pub exclude_names: Option<BTreeSet<String>>,
    /// Zones to leave out, by id.
    #[attr(optional)]
    pub exclude_zone_ids: Option<BTreeSet<String>>,
    /// Groups that the zones belong to.
    #[attr(computed)]
    pub group_names: Option<BTreeSet<String>>,
    /// The region.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The zones' names, sorted.
    #[attr(computed)]
    pub names: Option<Vec<String>>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// State that the zones must be in: `available`.
    #[attr(optional)]
    pub state: Option<String>,
    /// The zones' ids, in the order of their names.
    #[attr(computed)]
    pub zone_ids: Option<Vec<String>>,
    /// Filters of the Describe call.
    #[block(set)]
    pub filter: Vec<FilterBlock>,
    /// Longest duration.
    #[block(single)]
    pub timeouts: Option<timeouts::Read>,
}

impl AvailabilityZones {
    /// Whether the zone is among those asked for.
    fn takes(&self, zone: &AvailabilityZone) -> bool {
        let excluded = |ids: &Option<BTreeSet<String>>, id: &Option<String>| {
            ids.as_ref().is_some_and(|ids| id.as_ref().is_some_and(|id| ids.contains(id)))
        };
        let state = zone.state.as_ref().map(types::AvailabilityZoneState::as_str);
        let in_state = set(&self.state).is_none_or(|wanted| state.is_none_or(|state| state == wanted));
        in_state && !excluded(&self.exclude_names, &zone.zone_name) && !excluded(&self.exclude_zone_ids, &zone.zone_id)
    }
}

impl DataSource for AvailabilityZones {
    type Client = Aws;
    const TYPE: &'static str = "aws_availability_zones";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(config.region.as_deref()).to_owned();
        let mut filters = lookup::filters(&config.filter, None);
        filters.extend(set(&config.state).map(|state| super::describe::filter("state", [state])));
        let request = aws
            .ec2(Some(&region))
            .describe_availability_zones()
            .set_all_availability_zones(config.all_availability_zones)
            .set_filters(Some(filters).filter(|f| !f.is_empty()));
        let answer = aws.send("ec2:DescribeAvailabilityZones", || request.clone().send()).await?;
        let mut zones = answer.availability_zones.unwrap_or_default();
        zones.retain(|zone| config.takes(zone));
        zones.sort_by(|a, b| a.zone_name.cmp(&b.zone_name));
        Ok(Self {
            group_names: Some(zones.iter().filter_map(|z| z.group_name.clone()).collect()),
            id: Some(region.clone()),
            names: Some(zones.iter().filter_map(|z| z.zone_name.clone()).collect()),
            region: Some(region),
            zone_ids: Some(zones.iter().filter_map(|z| z.zone_id.clone()).collect()),
            ..config
        })
    }
}
