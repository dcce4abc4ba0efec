//! Tags in EC2's calls: along with a creation, and later.

use crate::client::Aws;
use crate::tags::{Tags, difference};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use levee_sdk::context::OpToken;
use levee_sdk::error::Result;

fn list(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// All tags of a new object, with the one that shows whose it is.
pub fn specification(aws: &Aws, ty: ResourceType, own: Option<&Tags>, op: OpToken) -> TagSpecification {
    TagSpecification::builder().resource_type(ty).set_tags(Some(list(aws.tags_for_create(own, op)))).build()
}

/// Changes an object's tags from what they were to `own` and the provider block's; yields `tags_all`.
pub async fn update(aws: &Aws, region: &str, id: &str, before: Option<&Tags>, own: Option<&Tags>) -> Result<Tags> {
    let wanted = aws.all_tags(own);
    let (set, removed) = difference(before, &wanted);
    let client = aws.ec2(Some(region));
    // Removals first: an object may be at its limit of tags.
    if !removed.is_empty() {
        let keys: Vec<Tag> = removed.into_iter().map(|key| Tag::builder().key(key).build()).collect();
        let request = client.delete_tags().resources(id).set_tags(Some(keys));
        aws.send("ec2:DeleteTags", || request.clone().send()).await?;
    }
    if !set.is_empty() {
        let request = client.create_tags().resources(id).set_tags(Some(list(set)));
        aws.send("ec2:CreateTags", || request.clone().send()).await?;
    }
    Ok(wanted)
}
