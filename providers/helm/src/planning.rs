//! What becomes of a release, as far as it can be told without asking anybody.

use crate::client::Helm;
use crate::release::Release;
use crate::{stuck, values};
use levee_sdk::model::{Type, Value};
use levee_sdk::{Draft, Shape};
use serde_json::Value as Json;

/// Arguments that make another revision when they change, besides values and version.
const CONTENT: &[&str] =
    &["chart", "repository", "devel", "description", "disable_webhooks", "postrender", "set_wo_revision", "skip_crds", "reuse_values"];
/// Arguments that say what the values are.
const VALUES: &[&str] = &["values", "set", "set_list", "set_sensitive"];

/// Fills a draft in.
pub(crate) fn plan(helm: Option<&Helm>, draft: &mut Draft) {
    draft.set("status", Value::string("deployed"));
    let name = draft.planned("name");
    if name.is_known() {
        draft.set("id", name);
    }
    plan_version(draft);
    let keeps = helm.is_some_and(Helm::keeps_manifests);
    if draft.is_create() || needs_revision(draft) {
        draft.set_unknown("metadata");
        for (name, ty) in [("manifest", Type::String), ("resources", Type::map(Type::String))] {
            draft.set(name, if keeps { Value::unknown(ty) } else { Value::null(ty) });
        }
    }
}

/// A chart on this machine says its version itself; of another chart than before, nobody knows it yet.
fn plan_version(draft: &mut Draft) {
    if !draft.config("version").is_null() {
        return;
    }
    let is_another = draft.changes("chart") || draft.changes("repository");
    let where_known = draft.planned("chart").is_known() && draft.planned("repository").is_known();
    let own = Release::from_value(&draft.planned).ok().filter(|_| where_known).and_then(|r| r.source().own_version());
    match own {
        Some(own) => {
            let before = draft.prior("version");
            let same = before.as_str().is_some_and(|b| b.trim_start_matches('v') == own.trim_start_matches('v'));
            draft.set("version", if same { before } else { Value::string(own) });
        }
        None if is_another => draft.set_unknown("version"),
        None => {}
    }
}

/// Whether the release has to be upgraded, or something done about it.
fn needs_revision(draft: &Draft) -> bool {
    if CONTENT.iter().any(|name| draft.changes(name)) || draft.changes("version") || draft.changes("status") {
        return true;
    }
    if VALUES.iter().any(|name| !draft.planned(name).is_wholly_known()) {
        return true;
    }
    let Ok(planned) = Release::from_value(&draft.planned) else { return true };
    let prior = draft.prior.as_ref().and_then(|prior| Release::from_value(prior).ok()).unwrap_or_default();
    differs(&planned, &prior)
}

/// Whether the values of the record are others than those that are said, whoever changed what.
fn differs(planned: &Release, prior: &Release) -> bool {
    let said = planned.said();
    let (Ok(new), Ok(old)) = (said.merged().map(Json::Object), prior.said().merged().map(Json::Object)) else { return true };
    let recorded = prior.metadata.as_ref().and_then(|m| m.values.as_deref()).and_then(|text| serde_json::from_str::<Json>(text).ok());
    let is_hidden = planned.set_wo_revision.unwrap_or_default() > 0 || planned.reuse_values == Some(true);
    match recorded {
        // What was imported is compared with what it is alone: nothing was said of it.
        Some(recorded) if !is_hidden && prior.said_nothing() => !values::same(&said.masked(&recorded), &said.masked(&new)),
        Some(recorded) if !is_hidden => !values::same(&new, &old) || !values::same(&recorded, &prior.said().masked(&new)),
        _ => !values::same(&new, &old),
    }
}

/// What is to be told about a release besides what changes.
pub(crate) fn words(prior: &Release) -> Option<String> {
    let metadata = prior.metadata.as_ref()?;
    let revision = metadata.revision.unwrap_or_default();
    if let Some(words) = stuck::words(prior.status.as_deref().unwrap_or_default(), revision) {
        return Some(words);
    }
    let recorded = serde_json::from_str::<Json>(metadata.values.as_deref()?).ok()?;
    let said = prior.said();
    let wanted = said.merged().map(Json::Object).ok()?;
    let is_comparable = !prior.said_nothing() && prior.set_wo_revision.unwrap_or_default() == 0 && prior.reuse_values != Some(true);
    (is_comparable && !values::same(&recorded, &said.masked(&wanted)))
        .then(|| format!("its values were changed outside of levee (it is at revision {revision}): they are set again"))
}
