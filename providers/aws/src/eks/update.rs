//! Updates of clusters, node groups and add-ons: EKS takes one at a time and reports on it under an id.

use crate::client::Aws;
use aws_sdk_eks::types::{Update, UpdateStatus};
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use std::time::Duration;

/// How often a cluster or what belongs to it is looked at.
pub(super) const PACE: Pace = Pace::millis(500, 15_000);
const TIMEOUT: Duration = Duration::from_hours(1);

/// What of a cluster is updated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// The control plane.
    Cluster,
    /// The node group of this name.
    NodeGroup(&'a str),
    /// The add-on of this name.
    Addon(&'a str),
}

/// Waits until an accepted update is carried out. `what`: "version".
///
/// An update that EKS refuses because nothing would change is taken for carried out.
pub(super) async fn finish(
    ctx: &Ctx<Aws>,
    eks: &aws_sdk_eks::Client,
    (cluster, part): (&str, Part<'_>),
    what: &str,
    accepted: Result<Option<Update>>,
) -> Result<()> {
    let update = match accepted {
        Err(error) if changes_nothing(&error) => return Ok(()),
        accepted => accepted?,
    };
    let Some(id) = update.as_ref().and_then(Update::id) else {
        return Err(ProviderError::new(ErrorKind::Bug, format!("EKS gave the {what} update no id")));
    };
    let request = eks.describe_update().name(cluster).update_id(id);
    let (request, name) = match part {
        Part::Cluster => (request, cluster),
        Part::NodeGroup(name) => (request.nodegroup_name(name), name),
        Part::Addon(name) => (request.addon_name(name), name),
    };
    let look = || async {
        let answer = ctx.client.send("eks:DescribeUpdate", || request.clone().send()).await?;
        judge(what, &answer.update.unwrap_or_else(|| Update::builder().build()))
    };
    Wait::new(format!("{what} update of {name}"), PACE, TIMEOUT).run(ctx, look).await
}

fn judge(what: &str, update: &Update) -> Result<Look<()>> {
    match update.status() {
        Some(UpdateStatus::Successful) => Ok(Look::Ready(())),
        None | Some(UpdateStatus::InProgress) => Ok(Look::Pending(format!("{what} update in progress"))),
        Some(status) => {
            let why: Vec<&str> = update.errors().iter().filter_map(|e| e.error_message()).collect();
            let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
            Err(ProviderError::new(ErrorKind::Failed, format!("the {what} update is {}{why}", status.as_str())))
        }
    }
}

/// Whether EKS refused an update because the object is as wanted already, as after a run that was cut short.
fn changes_nothing(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("InvalidParameterException")
        && (error.message.contains("already at the desired configuration") || error.message.contains("No changes needed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_eks::types::ErrorDetail;

    #[test]
    fn a_failed_update_says_why() {
        let failed = Update::builder()
            .status(UpdateStatus::Failed)
            .errors(ErrorDetail::builder().error_message("no addresses are left").build())
            .build();
        let error = judge("version", &failed).expect_err("it failed");
        assert_eq!(error.message, "the version update is Failed: no addresses are left");
        let running = Update::builder().status(UpdateStatus::InProgress).build();
        assert_eq!(judge("version", &running).expect("runs"), Look::Pending("version update in progress".into()));
    }

    #[test]
    fn only_a_refusal_for_want_of_a_change_is_success() {
        let refusal = |code: &str, message: &str| {
            let mut error = ProviderError::invalid(message);
            error.code = Some(code.into());
            changes_nothing(&error)
        };
        assert!(refusal("InvalidParameterException", "No changes needed for the logging config provided"));
        assert!(!refusal("InvalidParameterException", "Unsupported Kubernetes minor version update"));
        assert!(!refusal("ResourceInUseException", "No changes needed"));
    }
}
