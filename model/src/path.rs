//! A way into a value: `tags["Name"]`, `ingress[0].from_port`.

use crate::value::Value;
use std::fmt;
use std::sync::Arc;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member of an object.
    Attribute(Arc<str>),
    /// An element of a list or tuple.
    Index(usize),
    /// An element of a map.
    Key(Arc<str>),
    /// An element of a set, which is its own key.
    Element(Value),
}

/// Steps from the outside in; empty is the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The value itself.
    pub fn root() -> Self {
        Self::default()
    }
    /// The attribute `name` of the value.
    pub fn attribute(name: impl Into<Arc<str>>) -> Self {
        Self(vec![Step::Attribute(name.into())])
    }
    /// This path and one step more.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
    /// Whether `self` is `other` or lies inside it.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if i == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(n) => write!(f, "[{n}]")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Element(_) => f.write_str("[...]")?,
            }
        }
        Ok(())
    }
}
