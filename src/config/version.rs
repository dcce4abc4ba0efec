//! Versions and constraints on them: `>= 1.3, < 2.0`, `~> 1.5`.

use std::cmp::Ordering;

/// The version of the language that is carried out, as `required_version` is held against it.
pub const LANGUAGE: &str = "1.11.4";

/// Whether `version` satisfies every constraint in `text`.
///
/// # Errors
/// When the text is no list of constraints.
pub fn satisfies(text: &str, version: &str) -> Result<bool, String> {
    let version = parse(version).ok_or_else(|| format!("Malformed version: {version}"))?;
    let mut all = true;
    for constraint in text.split(',') {
        let constraint = constraint.trim();
        let digits = constraint.find(|c: char| c.is_ascii_digit() || c == 'v').unwrap_or(constraint.len());
        let (operator, wanted) = constraint.split_at(digits);
        let wanted = parse(wanted.trim()).ok_or_else(|| format!("Malformed constraint: {constraint}"))?;
        let order = version.compare(&wanted);
        all &= match operator.trim() {
            "" | "=" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            ">" => order == Ordering::Greater,
            ">=" => order != Ordering::Less,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            "~>" => order != Ordering::Less && version.has_prefix_of(&wanted),
            _ => return Err(format!("Malformed constraint: {constraint}")),
        };
    }
    Ok(all)
}

struct Version {
    numbers: Vec<u64>,
    prerelease: Option<String>,
}

fn parse(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split('+').next()?;
    let (numbers, prerelease) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, Some(pre.to_owned())),
        None => (text, None),
    };
    let numbers = numbers.split('.').map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>()?;
    Some(Version { numbers, prerelease })
}

impl Version {
    fn compare(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let padded = |v: &Self| (0..length).map(|i| v.numbers.get(i).copied().unwrap_or(0)).collect::<Vec<_>>();
        padded(self).cmp(&padded(other)).then_with(|| match (&self.prerelease, &other.prerelease) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        })
    }

    /// Whether all but the last of the numbers that `wanted` writes are the same.
    fn has_prefix_of(&self, wanted: &Self) -> bool {
        let fixed = wanted.numbers.len().saturating_sub(1);
        (0..fixed).all(|i| self.numbers.get(i).copied().unwrap_or(0) == wanted.numbers[i])
    }
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn constraints_as_written() {
        for (text, expected) in [
            (">= 1.3", true),
            (">= 1.3, < 1.11", false),
            ("~> 1.5", true),
            ("~> 1.11.0", true),
            ("~> 1.10.0", false),
            ("1.11.4", true),
            ("!= 1.11.4", false),
            ("~> 2", true),
        ] {
            let version = if text == "~> 2" { "3.0.0" } else { "1.11.4" };
            assert_eq!(satisfies(text, version), Ok(expected), "{text}");
        }
        assert!(satisfies("nope", "1.0.0").is_err());
        assert!(satisfies("=> 1", "1.0.0").is_err());
    }
}
