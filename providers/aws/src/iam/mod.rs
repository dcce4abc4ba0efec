//! IAM: who may do what. It has no regions.

use crate::client::Aws;
use crate::tags::{self, Tags};
use aws_sdk_iam::types::Tag;
use futures::future::BoxFuture;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::provider::{AnyDataSource, AnyResource, Typed};
use std::sync::Arc;

mod account;
mod document;
pub mod instance_profile;
pub mod openid_connect_provider;
pub mod policy;
pub mod policy_document;
pub mod role;
pub mod role_policy;
pub mod role_policy_attachment;

/// Its resource types.
pub fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Typed::<instance_profile::InstanceProfile>::resource(),
        Typed::<openid_connect_provider::OpenIdConnectProvider>::resource(),
        Typed::<policy::Policy>::resource(),
        Typed::<role::Role>::resource(),
        Typed::<role_policy::RolePolicy>::resource(),
        Typed::<role_policy_attachment::RolePolicyAttachment>::resource(),
    ]
}

/// Its data sources.
pub fn data_sources() -> Vec<Arc<dyn AnyDataSource>> {
    vec![Typed::<policy_document::PolicyDocument>::data_source()]
}

/// Tags as IAM takes them; `None` where there are none.
fn to_iam(tags: Tags) -> Result<Option<Vec<Tag>>> {
    let one = |(key, value)| Tag::builder().key(key).value(value).build();
    let all: std::result::Result<Vec<Tag>, _> = tags.into_iter().map(one).collect();
    let all = all.map_err(|e| ProviderError::invalid(e.to_string()))?;
    Ok((!all.is_empty()).then_some(all))
}

/// Tags as IAM shows them.
fn from_iam(tags: &[Tag]) -> Tags {
    tags.iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect()
}

/// A part of an update.
type Part<'a> = BoxFuture<'a, Result<()>>;

/// Sets and removes tags so that an object has the planned ones. The two calls differ from type to type.
async fn retag<'a>(
    now: Option<&Tags>,
    wanted: Option<&Tags>,
    set: impl FnOnce(Vec<Tag>) -> Part<'a>,
    remove: impl FnOnce(Vec<String>) -> Part<'a>,
) -> Result<()> {
    let (added, removed) = tags::difference(now, wanted.unwrap_or(&Tags::new()));
    let setting = to_iam(added)?.map(set);
    let removing = (!removed.is_empty()).then(|| remove(removed));
    futures::future::try_join_all(setting.into_iter().chain(removing)).await.map(drop)
}

/// What IAM found, or `None` where it says that there is nothing of that name.
fn if_found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name in an ARN such as `arn:aws:iam::123456789012:role/path/name`; a name stays what it is.
fn name_of(arn_or_name: &str) -> &str {
    arn_or_name.rsplit('/').next().unwrap_or(arn_or_name)
}

impl Aws {
    /// The loader that reads many IAM objects in few calls.
    fn iam_account(&self) -> Arc<account::Account> {
        self.shared("iam", || account::Account::new(self.iam(), self.sender().clone()))
    }
}
