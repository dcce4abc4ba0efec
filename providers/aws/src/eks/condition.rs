//! What EKS says of a cluster and what belongs to it while it comes and goes, and deletions, which take it minutes.

use super::update::PACE;
use crate::client::Aws;
use crate::retry;
use aws_sdk_eks::types as eks;
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Wait};
use std::future::Future;
use std::time::Duration;

/// An object that EKS works on for minutes.
pub(super) trait Condition {
    /// What it is, in a sentence.
    const NOUN: &'static str;

    /// Its status as the API reference spells it: `DELETING`; empty where EKS names none.
    fn status_name(&self) -> &str;

    /// What EKS finds wrong with it, in its words.
    fn issues(&self) -> Vec<&str>;

    /// The same, to be put after a status; empty where nothing is wrong.
    fn why(&self) -> String {
        self.issues().into_iter().fold(String::new(), |why, issue| why + ": " + issue)
    }

    /// The error that it has come to a status from which it will not get ready, or go.
    fn failure(&self) -> ProviderError {
        ProviderError::new(ErrorKind::Failed, format!("the {} is {}{}", Self::NOUN, self.status_name(), self.why()))
    }
}

macro_rules! condition {
    ($type:ident, $health:ident, $noun:literal) => {
        impl Condition for eks::$type {
            const NOUN: &'static str = $noun;

            fn status_name(&self) -> &str {
                self.status().map(AsRef::as_ref).unwrap_or_default()
            }

            fn issues(&self) -> Vec<&str> {
                self.health().into_iter().flat_map(eks::$health::issues).filter_map(|issue| issue.message()).collect()
            }
        }
    };
}

condition!(Cluster, ClusterHealth, "cluster");
condition!(Nodegroup, NodegroupHealth, "node group");
condition!(FargateProfile, FargateProfileHealth, "Fargate profile");
condition!(Addon, AddonHealth, "add-on");

/// Deletes an object and waits until it is gone, which it may be already. `name`: its own; `limit`: the longest that it may take;
/// `ask`: the call that deletes it; `describe`: the object as it is, `None` where there is none.
pub(super) async fn remove<O, T, A, D>(
    ctx: &Ctx<Aws>,
    name: &str,
    limit: Duration,
    ask: impl FnMut() -> A,
    describe: impl Fn() -> D,
) -> Result<()>
where
    O: Condition,
    A: Future<Output = Result<T>>,
    D: Future<Output = Result<Option<O>>>,
{
    match retry::patiently(ctx, ask).await {
        Err(error) if error.is_not_found() => return Ok(()),
        // A run that was killed may have asked for it already.
        Err(error) => match describe().await? {
            Some(object) if object.status_name() != "DELETING" => return Err(error),
            _ => {}
        },
        Ok(_) => {}
    }
    let look = || async {
        match describe().await? {
            None => Ok(Look::Ready(())),
            Some(object) if object.status_name() == "DELETE_FAILED" => Err(object.failure()),
            Some(object) => Ok(Look::Pending(object.status_name().to_owned())),
        }
    };
    Wait::new(format!("deletion of {} {name}", O::NOUN), PACE, limit).run(ctx, look).await
}
