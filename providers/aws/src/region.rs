//! The `region` argument that every regional type has: what it is by default, and that it cannot change in place.

use crate::client::Aws;
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

/// Plans `region` as [`plan`] does and `tags_all` as [`crate::tags::plan`] does.
pub fn plan_with_tags(client: Option<&Aws>, draft: &mut Draft) {
    plan(client, draft);
    crate::tags::plan(client, draft);
}
