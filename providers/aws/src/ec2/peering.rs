//! What the three peering types share: options of either side, acceptance, and waits.

use super::describe::load;
use super::set;
use crate::client::Aws;
use aws_sdk_ec2::types::{
    PeeringConnectionOptionsRequest, VpcPeeringConnection, VpcPeeringConnectionOptionsDescription,
    VpcPeeringConnectionStateReasonCode as State, VpcPeeringConnectionVpcInfo,
};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Shape};
use std::time::Duration;

const PACE: Pace = Pace::millis(300, 5000);
/// How long a change of a connection may take.
const CHANGE: Duration = Duration::from_mins(3);

/// What one side allows the other.
#[derive(Clone, Default, PartialEq, Eq, Shape)]
pub struct Options {
    /// Resolves the other side's public host names to private addresses.
    #[attr(optional, default = false)]
    pub allow_remote_vpc_dns_resolution: Option<bool>,
}

impl Options {
    fn request(&self) -> PeeringConnectionOptionsRequest {
        let resolves = self.allow_remote_vpc_dns_resolution.unwrap_or(false);
        PeeringConnectionOptionsRequest::builder().allow_dns_resolution_from_remote_vpc(resolves).build()
    }
    fn seen(options: &VpcPeeringConnectionOptionsDescription) -> Self {
        Self { allow_remote_vpc_dns_resolution: Some(options.allow_dns_resolution_from_remote_vpc.unwrap_or(false)) }
    }
}

/// The options of one side, where they are looked after here (or imported).
pub fn options_seen(side: Option<&VpcPeeringConnectionVpcInfo>, prior: Option<&[Options]>) -> Vec<Options> {
    if prior.is_some_and(<[Options]>::is_empty) {
        return Vec::new();
    }
    side.and_then(|s| s.peering_options.as_ref()).map(Options::seen).into_iter().collect()
}

/// Where a connection stands.
pub fn state(connection: &VpcPeeringConnection) -> Option<&State> {
    connection.status.as_ref().and_then(|s| s.code.as_ref())
}

/// Whether a connection is over: such ones stay listed for a while.
pub fn is_over(connection: &VpcPeeringConnection) -> bool {
    matches!(state(connection), Some(State::Deleted | State::Deleting | State::Expired | State::Failed | State::Rejected))
}

/// A connection that is not over.
pub async fn live(aws: &Aws, region: &str, id: &str) -> Result<Option<VpcPeeringConnection>> {
    Ok(load::<VpcPeeringConnection>(aws, region, id).await?.filter(|c| !is_over(c)))
}

/// Waits until a connection is in one of the states.
pub async fn reached(ctx: &Ctx<Aws>, region: &str, id: &str, targets: &[State]) -> Result<VpcPeeringConnection> {
    let wait = Wait::new(format!("change of peering connection {id}"), PACE, CHANGE);
    wait.run(ctx, || async {
        let Some(connection) = load::<VpcPeeringConnection>(&ctx.client, region, id).await? else {
            return Ok(Look::Pending("not visible yet".to_owned()));
        };
        match state(&connection) {
            Some(now) if targets.contains(now) => Ok(Look::Ready(connection)),
            _ if is_over(&connection) => Err(over(&connection)),
            now => Ok(Look::Pending(now.map_or("pending", |s| s.as_str()).to_owned())),
        }
    })
    .await
}

fn over(connection: &VpcPeeringConnection) -> ProviderError {
    let status = connection.status.as_ref();
    let why = status.and_then(|s| s.message.clone()).unwrap_or_else(|| "AWS does not say why".to_owned());
    let now = state(connection).map_or("over", |s| s.as_str());
    ProviderError::new(ErrorKind::Failed, format!("the peering connection is {now}: {why}"))
        .hint("the address blocks of the two VPCs must not overlap, and both must exist in the accounts and regions named")
}

/// Accepts a connection that waits for it; one that is accepted already is as wanted.
pub async fn accept(ctx: &Ctx<Aws>, region: &str, connection: VpcPeeringConnection) -> Result<VpcPeeringConnection> {
    if state(&connection) != Some(&State::PendingAcceptance) {
        return Ok(connection);
    }
    let id = connection.vpc_peering_connection_id.clone().unwrap_or_default();
    let request = ctx.client.ec2(Some(region)).accept_vpc_peering_connection().vpc_peering_connection_id(&id);
    match ctx.client.send("ec2:AcceptVpcPeeringConnection", || request.clone().send()).await {
        Ok(answer) => match answer.vpc_peering_connection.filter(|c| state(c) == Some(&State::Active)) {
            Some(active) => Ok(active),
            None => reached(ctx, region, &id, &[State::Active]).await,
        },
        // The answer to an acceptance was lost, and the acceptance repeated.
        Err(error) if error.code.as_deref() == Some("InvalidStateTransition") => {
            let now = load::<VpcPeeringConnection>(&ctx.client, region, &id).await?;
            now.filter(|c| state(c) == Some(&State::Active)).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// Sets the options of the sides that are given. The connection must be active.
pub async fn set_options(aws: &Aws, region: &str, id: &str, accepter: Option<&Options>, requester: Option<&Options>) -> Result<()> {
    if accepter.is_none() && requester.is_none() {
        return Ok(());
    }
    let request = aws
        .ec2(Some(region))
        .modify_vpc_peering_connection_options()
        .vpc_peering_connection_id(id)
        .set_accepter_peering_connection_options(accepter.map(Options::request))
        .set_requester_peering_connection_options(requester.map(Options::request));
    aws.send("ec2:ModifyVpcPeeringConnectionOptions", || request.clone().send()).await.map_err(|error| match error.kind {
        ErrorKind::Conflict => error.hint("options can be set once the connection is accepted, each by its own side"),
        _ => error,
    })?;
    Ok(())
}

/// The options that differ from what they were; those that are no longer written are left alone.
pub fn changed<'a>(now: &[Options], wanted: &'a [Options]) -> Option<&'a Options> {
    wanted.first().filter(|wanted| now.first() != Some(*wanted))
}

/// The two sides as one of them sees them: its own, and the other.
pub fn sides<'a>(
    connection: &'a VpcPeeringConnection,
    own_vpc: Option<&str>,
    accepts: bool,
) -> (Option<&'a VpcPeeringConnectionVpcInfo>, Option<&'a VpcPeeringConnectionVpcInfo>) {
    let (requester, accepter) = (connection.requester_vpc_info.as_ref(), connection.accepter_vpc_info.as_ref());
    let is_accepter = match own_vpc {
        Some(vpc) => accepter.and_then(|a| set(&a.vpc_id)) == Some(vpc),
        None => accepts,
    };
    if is_accepter { (accepter, requester) } else { (requester, accepter) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(on: bool) -> Options {
        Options { allow_remote_vpc_dns_resolution: Some(on) }
    }

    #[test]
    fn options_that_are_not_written_are_not_looked_at() {
        let side = VpcPeeringConnectionVpcInfo::builder()
            .peering_options(VpcPeeringConnectionOptionsDescription::builder().allow_dns_resolution_from_remote_vpc(true).build())
            .build();
        assert!(options_seen(Some(&side), Some(&[])).is_empty());
        assert!(options_seen(Some(&side), Some(&[options(false)])) == [options(true)]);
        assert!(options_seen(Some(&side), None) == [options(true)], "an import shows all");
    }

    #[test]
    fn only_differences_are_sent() {
        let (on, off) = ([options(true)], [options(false)]);
        assert!(changed(&on, &on).is_none());
        assert!(changed(&off, &on).is_some());
        assert!(changed(&on, &[]).is_none());
    }
}
