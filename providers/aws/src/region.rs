//! The `region` argument that every regional type has: what it is by default, and that it cannot change in place.

use crate::client::Aws;
use crate::partition::is_region_name;
use levee_sdk::Draft;
use levee_sdk::model::Value;

/// Plans `region`: the configured one, or the provider's. Another region than before is a replacement.
pub fn plan(client: Option<&Aws>, draft: &mut Draft) {
    let configured = draft.config("region");
    if let (true, Some(client)) = (configured.is_null(), client) {
        draft.set("region", Value::string(client.region()));
    }
    let prior = draft.prior("region");
    if prior.as_str().is_some() && draft.changes("region") {
        draft.force_replace("region");
    }
}

/// The id and the region to read: the object's own region where it is known, else the one behind the id as an import may
/// have it (`vpc-1@us-east-1`), else the provider's.
pub fn of_read<'a>(aws: &Aws, id: &'a str, known: Option<&str>) -> (&'a str, String) {
    let (id, named) = split(id);
    (id, aws.region_of(known.or(named)).to_owned())
}

fn split(id: &str) -> (&str, Option<&str>) {
    match id.rsplit_once('@') {
        Some((id, region)) if is_region_name(region) => (id, Some(region)),
        _ => (id, None),
    }
}

/// Plans `region` as [`plan`] does and `tags_all` as [`crate::tags::plan`] does.
pub fn plan_with_tags(client: Option<&Aws>, draft: &mut Draft) {
    plan(client, draft);
    crate::tags::plan(client, draft);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_may_name_its_region() {
        assert_eq!(split("vpc-1@us-east-1"), ("vpc-1", Some("us-east-1")));
        assert_eq!(split("vpc-1"), ("vpc-1", None));
        assert_eq!(split("someone@example"), ("someone@example", None));
    }
}
