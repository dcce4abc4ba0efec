//! The difference of two texts, in the unified format.

use similar::TextDiff;

/// How `after` differs from `before`, with three lines around each change.
pub(crate) fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(&format!("old/{name}"), &format!("new/{name}")).to_string()
}
