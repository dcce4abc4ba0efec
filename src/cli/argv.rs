//! Terraform's spelling of flags: `-auto-approve`, `-refresh=false`, `-var 'a=b'`. Both spellings are accepted; this file
//! turns Terraform's into the parser's before it sees them, and the parser's into Terraform's in what it prints.

use std::ffi::{OsStr, OsString};

/// What may follow a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    /// Nothing, or `=true` or `=false`; off when it is not given.
    Switch,
    /// Nothing, or `=true` or `=false`; on when it is not given.
    Toggle,
    /// A value, after `=` or as the next argument.
    Value,
}

const SWITCHES: [&str; 23] = [
    "draw-cycles",
    "dry-run",
    "or-create",
    "force",
    "allow-missing",
    "update",
    "diff",
    "check",
    "recursive",
    "auto-approve",
    "destroy",
    "refresh-only",
    "detailed-exitcode",
    "json",
    "no-color",
    "compact-warnings",
    "upgrade",
    "raw",
    "help",
    "version",
    "reconfigure",
    "migrate-state",
    "force-copy",
];
const TOGGLES: [&str; 7] = ["list", "write", "refresh", "lock", "input", "backend", "get"];
const VALUES: [&str; 27] = [
    "at",
    "adopt",
    "mark-absent",
    "leave",
    "skip",
    "on-failure",
    "html",
    "exclude",
    "format",
    "id",
    "generate-config-out",
    "out",
    "var",
    "var-file",
    "target",
    "replace",
    "parallelism",
    "lock-timeout",
    "state",
    "chdir",
    "name",
    "port",
    "region",
    "lockfile",
    "from-module",
    "backend-config",
    "plugin-dir",
];

fn flag(name: &str) -> Option<Flag> {
    if SWITCHES.contains(&name) {
        Some(Flag::Switch)
    } else if TOGGLES.contains(&name) {
        Some(Flag::Toggle)
    } else if VALUES.contains(&name) {
        Some(Flag::Value)
    } else {
        None
    }
}

/// The command line as the parser reads it. What is no flag of Terraform's passes unchanged.
pub(crate) fn normalise(argv: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut out = Vec::new();
    let mut argv = argv.into_iter();
    out.extend(argv.next());
    while let Some(arg) = argv.next() {
        if arg == "--" {
            out.push(arg);
            out.extend(argv);
            break;
        }
        let Some((name, value, kind)) = known(&arg) else {
            out.push(two_dashes(arg));
            continue;
        };
        let value = if kind == Flag::Value { value } else { value.map(truth) };
        match (kind, value) {
            (Flag::Switch, None | Some("true")) => out.push(format!("--{name}").into()),
            (Flag::Switch, Some("false")) => {}
            (Flag::Toggle, None) => out.push(format!("--{name}=true").into()),
            (_, Some(value)) => out.push(format!("--{name}={value}").into()),
            (Flag::Value, None) => {
                // Joined, so that a value that begins with a dash is not taken for a flag.
                let mut joined = OsString::from(format!("--{name}"));
                if let Some(value) = argv.next() {
                    joined.push("=");
                    joined.push(value);
                }
                out.push(joined);
            }
        }
    }
    out
}

/// All ways that Go's programs read a bool; anything else as it is.
fn truth(text: &str) -> &str {
    match text {
        "1" | "t" | "T" | "TRUE" | "True" => "true",
        "0" | "f" | "F" | "FALSE" | "False" => "false",
        other => other,
    }
}

/// A word after one dash is no row of short flags: so mistakes in it are told about the whole word.
fn two_dashes(arg: OsString) -> OsString {
    match arg.to_str() {
        Some(text) if text.len() > 2 && text.starts_with('-') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("-{text}").into()
        }
        _ => arg,
    }
}

/// Name, value after `=`, and kind of a flag written with one dash or two.
fn known(arg: &OsStr) -> Option<(&str, Option<&str>, Flag)> {
    let text = arg.to_str()?;
    let body = text.strip_prefix("--").or_else(|| text.strip_prefix('-'))?;
    let (name, value) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
    flag(name).map(|kind| (name, value, kind))
}

/// Help text with flags as Terraform's users write them: `--out <PATH>` becomes `-out=PATH`.
pub(crate) fn respell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let name: &str = &after[2..][..after[2..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(after.len() - 2)];
        let starts_word = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '-');
        if name.is_empty() || !starts_word {
            out.push_str("--");
            rest = &after[2..];
            continue;
        }
        out.push('-');
        out.push_str(name);
        rest = &after[2 + name.len()..];
        if let Some(value) = rest.strip_prefix(" <").or_else(|| rest.strip_prefix("=<"))
            && let Some((value, after)) = value.split_once('>')
        {
            out.push('=');
            out.push_str(value);
            rest = after;
            // In the column of flags, what was lost in width is made up for.
            out.push_str(if rest.starts_with("  ") { "  " } else { "" });
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[&str], expected: &[&str]) {
        let argv = std::iter::once("levee").chain(given.iter().copied()).map(OsString::from);
        let found: Vec<String> = normalise(argv).into_iter().skip(1).map(|a| a.into_string().expect("Unicode")).collect();
        assert_eq!(found, expected, "{given:?}");
    }

    #[test]
    fn both_spellings() {
        check(&["plan", "-out=p", "-var", "a=b", "-var-file=x.tfvars"], &["plan", "--out=p", "--var=a=b", "--var-file=x.tfvars"]);
        check(&["plan", "--out", "p", "--var=a=b"], &["plan", "--out=p", "--var=a=b"]);
        check(&["-chdir=dir", "apply", "-auto-approve"], &["--chdir=dir", "apply", "--auto-approve"]);
        check(&["plan", "-refresh", "-lock=0"], &["plan", "--refresh=true", "--lock=false"]);
        check(&["apply", "-auto-approve=false", "-json=true"], &["apply", "--json"]);
        check(&["plan", "-var", "-target"], &["plan", "--var=-target"]);
        check(&["plan", "-target=module.a[\"x=y\"]"], &["plan", "--target=module.a[\"x=y\"]"]);
        check(&["plan", "-h", "-unknown", "-help"], &["plan", "-h", "--unknown", "--help"]);
        check(&["sandbox", "start", "--", "-json"], &["sandbox", "start", "--", "-json"]);
        check(&["plan", "-auto-approve=maybe"], &["plan", "--auto-approve=maybe"]);
    }

    #[test]
    fn help_is_in_terraforms_spelling() {
        let text = "      --out <PATH>  Write -- here\n  -h, --help\nerror: '--foo' a--b --refresh=<BOOL>\n";
        assert_eq!(respell(text), "      -out=PATH    Write -- here\n  -h, -help\nerror: '-foo' a--b -refresh=BOOL\n");
    }
}
