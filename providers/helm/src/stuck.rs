//! Releases that somebody left half done: what each status means, and what is done about it before anything else.

use crate::record::Record;
use crate::records::History;

/// What is done before the release is brought to what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing: an upgrade goes over it.
    None,
    /// Back to this revision, which was whole.
    RollBack(i64),
    /// It is uninstalled, and installed anew.
    Anew,
    /// It is gone but for its history.
    Gone,
}

/// What to do about a release with this history.
pub(crate) fn remedy(history: &History) -> Remedy {
    let status = history.latest().map(|r| r.status.as_str());
    let back = || last_whole(history).map(|r| Remedy::RollBack(r.revision));
    match status {
        None | Some("uninstalled") => Remedy::Gone,
        // Helm upgrades over a first revision that has failed; a later one may have made what no chart knows of any more.
        Some("failed") => back().unwrap_or(Remedy::None),
        // Helm refuses everything else until the operation, which nobody carries on, has an end.
        Some("pending-install" | "pending-upgrade" | "pending-rollback") => back().unwrap_or(Remedy::Anew),
        Some("uninstalling") => Remedy::Anew,
        Some(_) => Remedy::None,
    }
}

/// The newest revision below the latest that was whole.
fn last_whole(history: &History) -> Option<&Record> {
    let below = history.0.iter().rev().skip(1);
    let mut superseded = below.clone().filter(|r| r.status == "superseded");
    below.clone().find(|r| r.status == "deployed").or_else(|| superseded.next())
}

/// What is said in a plan about a release of this status; nothing about one that is whole.
pub(crate) fn words(status: &str, revision: i64) -> Option<String> {
    let first = revision <= 1;
    Some(match status {
        "failed" if first => "its installation has failed: it is taken over and upgraded".into(),
        "failed" => format!("revision {revision} has failed: it is rolled back to the last revision that was whole, then upgraded"),
        "pending-install" => "its installation was cut off: it is uninstalled and installed anew".into(),
        "pending-upgrade" | "pending-rollback" => {
            let what = if status == "pending-upgrade" { "upgrade" } else { "rollback" };
            format!("its {what} to revision {revision} was cut off: it is rolled back to the last revision that was whole, then upgraded")
        }
        "uninstalling" => "its removal was cut off: that is completed, then it is installed anew".into(),
        "deployed" | "superseded" => return None,
        other => format!("Helm says that it is {other}: it is upgraded"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn history(statuses: &[&str]) -> History {
        let record = |(i, status): (usize, &&str)| {
            let release = json!({ "name": "a", "version": i + 1, "info": { "status": status } });
            let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, release.to_string());
            Record::of(&json!({ "kind": "ConfigMap", "data": { "release": data } })).unwrap()
        };
        History(statuses.iter().enumerate().map(record).collect())
    }

    #[test]
    fn each_status_has_its_remedy() {
        for (statuses, wanted) in [
            (&["deployed"][..], Remedy::None),
            (&["failed"], Remedy::None),
            (&["superseded", "deployed", "failed"], Remedy::RollBack(2)),
            (&["pending-install"], Remedy::Anew),
            (&["deployed", "pending-upgrade"], Remedy::RollBack(1)),
            (&["deployed", "failed", "pending-upgrade"], Remedy::RollBack(1)),
            (&["superseded", "pending-rollback"], Remedy::RollBack(1)),
            (&["failed", "pending-upgrade"], Remedy::Anew),
            (&["superseded", "uninstalling"], Remedy::Anew),
            (&["superseded", "uninstalled"], Remedy::Gone),
        ] {
            assert_eq!(remedy(&history(statuses)), wanted, "{statuses:?}");
        }
        assert_eq!(words("deployed", 1), None);
        assert!(words("pending-upgrade", 3).unwrap().contains("revision 3"));
    }
}
