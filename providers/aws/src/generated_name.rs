//! Names that the configuration leaves to us. They follow from the op token, so that recovery finds the object again.

use levee_sdk::OpToken;
use levee_sdk::model::Diagnostic;
use levee_sdk::model::Diagnostics;
use levee_sdk::model::Value;

/// Beginning of a name for which the configuration gives not even a prefix.
const PREFIX: &str = "levee-";
/// Digits of a name's end: letters and digits that every service allows, without those that look alike.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits that a token of 128 bits takes.
const LENGTH: u32 = 26;

/// The configured name, or one made of prefix and token.
pub fn name(configured: Option<&str>, prefix: Option<&str>, op: OpToken) -> String {
    if let Some(name) = configured.filter(|n| !n.is_empty()) {
        return name.to_owned();
    }
    let prefix = prefix.filter(|p| !p.is_empty()).unwrap_or(PREFIX);
    let bits = op.0.as_u128();
    let digit = |i: u32| char::from(DIGITS[usize::try_from((bits >> (5 * i)) & 31).expect("five bits fit")]);
    format!("{prefix}{}", (0..LENGTH).rev().map(digit).collect::<String>())
}

/// The prefix of a name that [`name`] made; empty for any other name.
pub fn prefix_of(name: &str) -> String {
    let Some(end) = name.len().checked_sub(LENGTH as usize).filter(|end| name.is_char_boundary(*end)) else {
        return String::new();
    };
    let (prefix, digits) = name.split_at(end);
    // The first digit holds the three bits that are left of 128.
    let is_ours = digits.bytes().all(|b| DIGITS.contains(&b)) && digits.starts_with(|c| ('0'..='7').contains(&c));
    if is_ours { prefix.to_owned() } else { String::new() }
}

/// Says so when both the name and its prefix are configured. What is not known yet may turn out to be nothing.
pub fn exclusive(config: &Value, name: &str, prefix: &str) -> Diagnostics {
    let is_set = |attribute: &str| config.get(attribute).is_some_and(|v| v.is_known() && !v.is_null());
    let mut found = Diagnostics::new();
    if is_set(name) && is_set(prefix) {
        let detail = format!("`{name}` and `{prefix}` exclude each other: the prefix is for a generated name.");
        found.push(Diagnostic::error("Name and prefix are both set", detail));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_name_follows_from_the_token_and_shows_its_prefix() {
        let op = OpToken::new();
        let made = name(None, Some("app-"), op);
        assert_eq!(made, name(Some(""), Some("app-"), op));
        assert_ne!(made, name(None, Some("app-"), OpToken::new()));
        assert_eq!((made.len(), prefix_of(&made).as_str()), (30, "app-"));
        assert!(name(None, None, op).starts_with("levee-"));
    }

    #[test]
    fn a_configured_name_stays_and_has_no_prefix() {
        assert_eq!(name(Some("cluster-role"), Some("x"), OpToken::new()), "cluster-role");
        for other in ["cluster-role", "", "a-name-that-is-longer-than-any-token", "ünïcödé-ünïcödé-ünïcödé"] {
            assert_eq!(prefix_of(other), "", "{other}");
        }
    }
}
