//! What an operator names with `-target` or `-exclude`: an address, or a pattern of addresses.

use super::block::Block;
use levee_model::{AddressError, InstanceAddr, InstanceKey, Target};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// An address, or a pattern of addresses. In a pattern `*` stands for any text without a dot, and `**` for any text. It
/// means what it matches, and all that lies inside: `module.web*` every resource in these modules.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// One address: of a module, a resource, or an instance.
    Exact(Target),
    /// A text with stars.
    Pattern(Arc<str>),
}

impl FromStr for Choice {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text.parse() {
            Ok(target) => Ok(Self::Exact(target)),
            Err(_) if text.contains('*') => Ok(Self::Pattern(text.into())),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(target) => target.fmt(f),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

impl Choice {
    /// Whether it means this instance.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Exact(target) => target.covers(addr),
            Self::Pattern(pattern) => begins_with(&addr.to_string(), pattern),
        }
    }

    /// Whether it means a block, or something in it.
    pub fn means(&self, block: &Block) -> bool {
        match (self, block) {
            (Self::Exact(Target::Module(module)), Block::Resource(r)) => r.module.0.starts_with(&module.path().0),
            (Self::Exact(Target::Module(module)), Block::Output(m, _)) => m.0.starts_with(&module.path().0),
            (Self::Exact(Target::Resource(target)), Block::Resource(r)) => target.resource() == *r,
            (Self::Pattern(pattern), Block::Resource(r)) => begins_with(&r.to_string(), &without_keys(pattern)),
            (Self::Pattern(pattern), Block::Output(m, _)) => !m.is_root() && begins_with(&m.to_string(), &without_keys(pattern)),
            _ => false,
        }
    }

    /// Whether it means some instances of a block and not others.
    pub fn is_partial(&self) -> bool {
        let keyed = |module: &levee_model::ModuleInstance| module.0.iter().any(|step| step.key != InstanceKey::None);
        match self {
            Self::Exact(Target::Module(module)) => keyed(module),
            Self::Exact(Target::Resource(addr)) => addr.key != InstanceKey::None || keyed(&addr.module),
            Self::Pattern(pattern) => pattern.contains('['),
        }
    }

    /// Whether it is a module that has blocks beside this one.
    pub fn is_module_of(&self, block: &Block) -> bool {
        matches!(self, Self::Exact(Target::Module(m)) if block.module().0.starts_with(&m.path().0))
    }
}

/// A pattern without what stands in brackets.
fn without_keys(pattern: &str) -> String {
    let mut depth = 0_usize;
    let outside = |c: &char| {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    pattern.chars().filter(outside).collect()
}

/// Whether a pattern matches an address or the beginning of one, cut between two steps.
fn begins_with(address: &str, pattern: &str) -> bool {
    let ends = address.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    ends.chain([address.len()]).any(|end| matches(pattern.as_bytes(), &address.as_bytes()[..end]))
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| matches(rest, &text[at..])),
        [b'*', rest @ ..] => {
            let reach = text.iter().position(|c| *c == b'.').unwrap_or(text.len());
            (0..=reach).any(|at| matches(rest, &text[at..]))
        }
        [first, rest @ ..] => text.first() == Some(first) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_addresses() {
        for (pattern, addr, expected) in [
            ("aws_vpc.*", "aws_vpc.a[0]", true),
            ("aws_*.main", "aws_subnet.main[\"x\"]", true),
            ("aws_vpc.*", "module.a.aws_vpc.b", false),
            ("**aws_vpc.*", "module.a.aws_vpc.b", true),
            ("module.web*", "module.web-1.module.x.aws_vpc.b", true),
            ("module.*.aws_vpc.b", "module.a[\"k\"].aws_vpc.b", true),
            ("module.*.aws_vpc.b", "module.a.module.c.aws_vpc.b", false),
            ("aws_vpc.a*[0]", "aws_vpc.ab[0]", true),
            ("aws_vpc.a*[0]", "aws_vpc.ab[1]", false),
        ] {
            let choice: Choice = pattern.parse().expect("a pattern");
            assert_eq!(choice.covers(&addr.parse().expect("an address")), expected, "{pattern} {addr}");
        }
        assert!(matches!("aws_vpc.a[\"*\"]".parse(), Ok(Choice::Exact(_))));
        assert!("aws_vpc.".parse::<Choice>().is_err());
    }
}
