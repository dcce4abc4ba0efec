//! `version -json`

use super::TERRAFORM_VERSION;
use serde_json::{Value as Json, json};

/// The document.
pub(crate) fn document(platform: &str) -> Json {
    json!({
        "levee_version": env!("CARGO_PKG_VERSION"),
        "terraform_version": TERRAFORM_VERSION,
        "platform": platform,
        "provider_selections": {},
        "terraform_outdated": false,
    })
}
