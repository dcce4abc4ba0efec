//! Versions and constraints on them: `>= 1.3, < 2.0`, `~> 1.5`.

use std::cmp::Ordering;
use std::fmt;

/// The version of the language that is carried out, as `required_version` is held against it.
pub const LANGUAGE: &str = "1.11.4";

/// Whether `version` satisfies every constraint in `text`.
///
/// # Errors
/// When the text is no list of constraints.
pub fn satisfies(text: &str, version: &str) -> Result<bool, String> {
    let version = Version::parse(version).ok_or_else(|| format!("Malformed version: {version}"))?;
    Ok(Constraints::parse(text)?.allow(&version))
}

/// A version: numbers, and what marks it as one before a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Padded to three.
    numbers: Vec<u64>,
    /// How many were written.
    written: usize,
    prerelease: String,
    metadata: String,
}

impl Version {
    /// Reads a version; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = text.split_once('+').unwrap_or((text, ""));
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(digits);
        let prerelease = rest.strip_prefix('-').unwrap_or(rest);
        let fits = |c: char| c.is_ascii_alphanumeric() || "-~.".contains(c);
        let is_lacking = !rest.is_empty() && (prerelease.is_empty() || prerelease.split('.').any(str::is_empty));
        if is_lacking || !prerelease.chars().chain(metadata.chars()).all(fits) {
            return None;
        }
        let mut numbers = numbers.split('.').map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>()?;
        let written = numbers.len();
        numbers.resize(written.max(3), 0);
        Some(Self { numbers, written, prerelease: prerelease.to_owned(), metadata: metadata.to_owned() })
    }

    /// Whether it comes before a release.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn at(&self, i: usize) -> u64 {
        self.numbers.get(i).copied().unwrap_or(0)
    }

    fn compare_numbers(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        (0..length).map(|i| self.at(i).cmp(&other.at(i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Which of two versions is the later one. Build metadata does not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.compare_numbers(other).then_with(|| match (self.is_prerelease(), other.is_prerelease()) {
            (false, false) => Ordering::Equal,
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (true, true) => compare_prereleases(&self.prerelease, &other.prerelease),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))?;
        let part = |f: &mut fmt::Formatter<'_>, mark: &str, text: &str| if text.is_empty() { Ok(()) } else { write!(f, "{mark}{text}") };
        part(f, "-", &self.prerelease)?;
        part(f, "+", &self.metadata)
    }
}

/// Dotted parts one by one: numbers before words, and by value among themselves.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// A list of constraints, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraints {
    all: Vec<(Operator, Version)>,
}

impl Constraints {
    /// Reads constraints divided by commas.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let one = |constraint: &str| {
            let constraint = constraint.trim();
            let digits = constraint.find(|c: char| c.is_ascii_digit() || c == 'v').unwrap_or(constraint.len());
            let (operator, wanted) = constraint.split_at(digits);
            let operator = match operator.trim() {
                "" | "=" => Operator::Equal,
                "!=" => Operator::NotEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterOrEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessOrEqual,
                "~>" => Operator::Pessimistic,
                _ => return Err(format!("Malformed constraint: {constraint}")),
            };
            let wanted = Version::parse(wanted.trim()).ok_or_else(|| format!("Malformed constraint: {constraint}"))?;
            Ok((operator, wanted))
        };
        Ok(Self { all: text.split(',').map(one).collect::<Result<_, String>>()? })
    }

    /// Whether a version satisfies all of them.
    pub fn allow(&self, version: &Version) -> bool {
        self.all.iter().all(|(operator, wanted)| allows(*operator, wanted, version))
    }

    /// Whether one of them names a version before a release.
    pub fn names_prerelease(&self) -> bool {
        self.all.iter().any(|(_, version)| version.is_prerelease())
    }

    /// Whether a version may be chosen among those that a registry offers: one before a release only by its very name.
    pub fn choose(&self, version: &Version) -> bool {
        let named = || self.all.iter().any(|(o, wanted)| *o == Operator::Equal && wanted.compare(version).is_eq());
        (!version.is_prerelease() || named()) && self.allow(version)
    }
}

/// As Terraform lists them: versions in full, but for the number of those that `~>` fixes.
impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (operator, version)) in self.all.iter().enumerate() {
            let sign = match operator {
                Operator::Equal => "",
                Operator::NotEqual => "!= ",
                Operator::Greater => "> ",
                Operator::GreaterOrEqual => ">= ",
                Operator::Less => "< ",
                Operator::LessOrEqual => "<= ",
                Operator::Pessimistic => "~> ",
            };
            let divider = if i == 0 { "" } else { ", " };
            let mut version = version.clone();
            if *operator == Operator::Pessimistic {
                version.numbers.truncate(version.written);
            }
            write!(f, "{divider}{sign}{version}")?;
        }
        Ok(())
    }
}

fn allows(operator: Operator, wanted: &Version, version: &Version) -> bool {
    let order = version.compare(wanted);
    // A version before a release fits a bound only when the bound is one of the same release.
    let comparable = !version.is_prerelease() || wanted.is_prerelease() && version.compare_numbers(wanted).is_eq();
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => comparable && order.is_gt(),
        Operator::GreaterOrEqual => comparable && order.is_ge(),
        Operator::Less => comparable && order.is_lt(),
        Operator::LessOrEqual => comparable && order.is_le(),
        Operator::Pessimistic => {
            let fixed = wanted.written.saturating_sub(1);
            comparable
                && (!wanted.is_prerelease() || version.is_prerelease())
                && order.is_ge()
                && (0..fixed).all(|i| version.at(i) == wanted.at(i))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraints, Version, satisfies};

    #[test]
    fn constraints_as_written() {
        for (text, version, expected) in [
            (">= 1.3", "1.11.4", true),
            (">= 1.3, < 1.11", "1.11.4", false),
            ("~> 1.5", "1.11.4", true),
            ("~> 1.11.0", "1.11.4", true),
            ("~> 1.10.0", "1.11.4", false),
            ("1.11.4", "1.11.4", true),
            ("!= 1.11.4", "1.11.4", false),
            ("~> 2", "3.0.0", true),
            (">= 1.0.0", "1.1.0-beta1", false),
            (">= 1.1.0-alpha", "1.1.0-beta1", true),
            (">= 1.0.0-alpha", "1.1.0-beta1", false),
            ("~> 1.1.0-beta", "1.1.0", false),
            ("1.1.0-beta.2", "1.1.0-beta.10", false),
            (">1.1.0-beta.2", "1.1.0-beta.10", true),
            ("=v1.2", "1.2.0+build", true),
        ] {
            assert_eq!(satisfies(text, version), Ok(expected), "{text} on {version}");
        }
        for wrong in ["nope", "=> 1", "", ">= 1,", "1.x", "1..2", ">=", "~> 1.2-"] {
            assert!(satisfies(wrong, "1.0.0").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_before_a_release_is_chosen_by_name_only() {
        let beta = Version::parse("2.0.0-beta1").expect("a version");
        for (text, expected) in [("2.0.0-beta1", true), (">= 2.0.0-alpha", false), (">= 1.0.0", false)] {
            assert_eq!(Constraints::parse(text).expect("constraints").choose(&beta), expected, "{text}");
        }
        assert_eq!(Constraints::parse("~>1.2,!= 1.3").expect("constraints").to_string(), "~> 1.2, != 1.3.0");
        assert_eq!(Version::parse("v1.2").expect("a version").to_string(), "1.2.0");
    }
}
