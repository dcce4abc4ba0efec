//! What the language has and levee does not carry out yet. All of it is refused, with its place; nothing is skipped.
//!
//! This is the one list: whoever carries something out takes it off here.

use levee_model::{Diagnostic, Span};

/// A construct that is not carried out yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `provisioner` of a type that works through a connection
    RemoteProvisioner,
    /// `backend` other than `local`
    Backend,
    /// `cloud`
    Cloud,
    /// A module's source in S3, in Google Cloud Storage, in Mercurial, or on a Windows share
    ModuleSource,
}

/// Each with what it is called and what to do instead.
const REFUSED: &[(Construct, &str, &str)] = &[
    (
        Construct::RemoteProvisioner,
        "the provisioners \"file\" and \"remote-exec\"",
        "Reach the machine with a command of your own, in a \"local-exec\" provisioner or outside of levee.",
    ),
    (Construct::Backend, "backends other than \"local\"", "The state is kept in a local store; take the block out."),
    (Construct::Cloud, "\"cloud\" blocks", "The state is kept in a local store; take the block out."),
    (
        Construct::ModuleSource,
        "module sources of this kind (S3, GCS, Mercurial)",
        "Put the module into a git repository, a registry, or an archive that is served over HTTPS.",
    ),
];

/// What is said about a construct that is not carried out yet.
pub fn refuse(construct: Construct, span: Span) -> Diagnostic {
    let (what, hint) = REFUSED.iter().find(|(c, ..)| *c == construct).map_or(("this construct", ""), |(_, what, hint)| (*what, *hint));
    let detail = format!("levee does not support {what} yet. This one is refused so that it is not ignored silently.");
    Diagnostic::error("Unsupported construct", detail).at(span).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_construct_says_what_to_do() {
        for (construct, what, hint) in REFUSED {
            let d = refuse(*construct, Span::new(levee_model::SourceId(0), 0..1));
            assert!(d.detail.contains(what) && d.hint.as_deref() == Some(hint) && !hint.is_empty());
        }
    }
}
