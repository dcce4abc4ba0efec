//! What EC2's data sources share: `filter` blocks and tags to look for.

use super::describe::filter;
use aws_sdk_ec2::types::Filter;
use levee_sdk::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// A filter of the Describe call.
#[derive(Clone, Default, Shape)]
pub struct FilterBlock {
    /// Name, as the EC2 reference has it.
    #[attr(required)]
    pub name: Option<String>,
    /// Values, of which one must match.
    #[attr(required)]
    pub values: Option<BTreeSet<String>>,
}

/// The filters as the call takes them.
pub fn filters(blocks: &[FilterBlock], tags: Option<&BTreeMap<String, String>>) -> Vec<Filter> {
    let blocks = blocks.iter().map(|b| filter(b.name.as_deref().unwrap_or_default(), b.values.iter().flatten().cloned()));
    let tags = tags.into_iter().flatten().map(|(key, value)| filter(&format!("tag:{key}"), [value.clone()]));
    blocks.chain(tags).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_filters_too() {
        let block = FilterBlock { name: Some("vpc-id".into()), values: Some(["vpc-1".to_owned()].into()) };
        let all = filters(&[block], Some(&BTreeMap::from([("Name".to_owned(), "db".to_owned())])));
        let names: Vec<_> = all.iter().filter_map(|f| f.name()).collect();
        assert_eq!(names, ["vpc-id", "tag:Name"]);
    }
}
