//! Lists, page by page.

use crate::cluster::{Cluster, Request, Verb};
use levee_sdk::error::Result;
use serde_json::{Value as Json, json};

/// Objects of one kind in one place.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// What is listed, in words: `deployments.apps in shop`.
    pub what: String,
    /// Where: `/apis/apps/v1/namespaces/shop/deployments`.
    pub path: &'a str,
    /// Which of them: `labelSelector=app%3Dweb`; empty: all.
    pub query: &'a str,
    /// So many are asked for with one page.
    pub page: usize,
}

impl Listing<'_> {
    /// All of them, each with `apiVersion` and `kind`, which those in a list do not say themselves.
    pub async fn all(&self, cluster: &Cluster) -> Result<Vec<Json>> {
        Ok(self.within(cluster, usize::MAX).await?.unwrap_or_default())
    }

    /// Likewise; `None` where they are more than so many pages.
    pub async fn within(&self, cluster: &Cluster, pages: usize) -> Result<Option<Vec<Json>>> {
        let Self { what, path, query, page: size } = self;
        let (mut out, mut next) = (Vec::new(), String::new());
        for _ in 0..pages {
            let path = format!("{path}?limit={size}{}{query}{next}", if query.is_empty() { "" } else { "&" });
            let mut page = cluster.ask(&Request::new(Verb::List, what, path)).await?;
            let (api_version, kind) = (page["apiVersion"].take(), page["kind"].take());
            if let Some(Json::Array(items)) = page.get_mut("items").map(Json::take) {
                out.extend(items.into_iter().map(|item| whole(item, &api_version, &kind)));
            }
            match page.pointer("/metadata/continue").and_then(Json::as_str).filter(|c| !c.is_empty()) {
                Some(token) => next = format!("&continue={}", encoded(token)),
                None => return Ok(Some(out)),
            }
        }
        Ok(None)
    }
}

fn whole(mut item: Json, api_version: &Json, list_kind: &Json) -> Json {
    if item.get("kind").is_none() {
        item["apiVersion"] = api_version.clone();
        item["kind"] = json!(list_kind.as_str().and_then(|k| k.strip_suffix("List")).unwrap_or_default());
    }
    item
}

/// A text as part of a query (RFC 3986, section 2.3, has what stands for itself).
pub fn encoded(text: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}
