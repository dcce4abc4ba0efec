//! Laying out a file of the native syntax, if it can be parsed.

use levee_model::{Diagnostics, SourceId, Sources};
use levee_syntax::{File, parse_body};

/// The text of a file as it is to be laid out.
///
/// # Errors
/// What is wrong with the text: what cannot be parsed is not touched.
pub fn format(sources: &Sources, source: SourceId) -> Result<String, Diagnostics> {
    let file = File::of(sources, source);
    let (_, diags) = parse_body(file);
    if diags.has_errors() { Err(diags) } else { Ok(levee_syntax::format(file.text)) }
}
