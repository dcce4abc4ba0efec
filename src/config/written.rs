//! What a reference says in so many words: what it names, as far as the text alone tells.

use super::expr::{Expr, ExprKind, Reference, Subject, TraversalStep};
use levee_model::text::quote;
use levee_model::{InstanceKey, Kind, Mode, Path, Step};
use std::sync::Arc;

/// A reference up to the first index that has to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    /// What is named.
    pub subject: Subject,
    /// Of a resource or module: which instance of it.
    pub key: InstanceKey,
    /// Of a module: which output; of `each`, `count`, `path` and `terraform`: which attribute.
    pub attribute: Option<Arc<str>>,
    /// What follows.
    pub rest: Path,
}

impl Reference {
    /// What it says in so many words.
    pub fn written(&self) -> Written {
        let mut steps = self.steps.iter().map_while(TraversalStep::constant).peekable();
        let mut key = InstanceKey::None;
        if matches!(self.subject, Subject::Resource { .. } | Subject::Module(_))
            && let Some(found) = steps.peek().and_then(instance_key)
        {
            key = found;
            steps.next();
        }
        let has_attribute =
            matches!(self.subject, Subject::Module(_) | Subject::Each | Subject::Count | Subject::Path | Subject::Terraform);
        let attribute = steps.next_if(|s| has_attribute && matches!(s, Step::Attribute(_))).and_then(|s| match s {
            Step::Attribute(name) => Some(name),
            _ => None,
        });
        Written { subject: self.subject.clone(), key, attribute, rest: Path(steps.collect()) }
    }
}

fn instance_key(step: &Step) -> Option<InstanceKey> {
    match step {
        Step::Index(n) => u64::try_from(*n).ok().map(InstanceKey::Int),
        Step::Key(key) => Some(InstanceKey::Str(key.clone())),
        Step::Attribute(_) | Step::Element(_) => None,
    }
}

impl TraversalStep {
    /// The step, if it is written out; `None` for an index that has to be evaluated.
    pub fn constant(&self) -> Option<Step> {
        match self {
            Self::Attr { name, .. } => Some(Step::Attribute(name.clone())),
            Self::Index { key: Expr { kind: ExprKind::Literal(key), .. }, .. } => match key.kind() {
                Kind::String(s) => Some(Step::Key(s.clone())),
                Kind::Number(n) => n.as_usize().map(Step::Index),
                _ => None,
            },
            Self::Index { .. } => None,
        }
    }
}

impl Written {
    /// The texts of everything that is named on the way, the longest first: `a.b[0].c`, `a.b[0]`, `a.b`.
    pub fn unwrapped(&self) -> Vec<String> {
        let subject = self.subject_text(true);
        let mut out: Vec<String> = (0..=self.rest.0.len()).rev().map(|n| with_steps(&subject, &self.rest.0[..n])).collect();
        match self.subject {
            Subject::Module(_) if self.attribute.is_some() => out.push(self.subject_text(false)),
            Subject::Module(_) | Subject::Resource { .. } if self.key != InstanceKey::None => {
                out.push(Self { key: InstanceKey::None, ..self.clone() }.subject_text(false));
            }
            _ => {}
        }
        out
    }

    /// The text of what is named as a whole, as `depends_on` lists it.
    pub fn subject_text(&self, with_attribute: bool) -> String {
        let mut out = match &self.subject {
            Subject::Variable(name) => format!("var.{name}"),
            Subject::Local(name) => format!("local.{name}"),
            Subject::Resource { mode, type_name, name } => {
                let prefix = match mode {
                    Mode::Managed => "",
                    Mode::Data => "data.",
                    Mode::Ephemeral => "ephemeral.",
                };
                format!("{prefix}{type_name}.{name}{}", self.key)
            }
            Subject::Module(name) => format!("module.{name}{}", self.key),
            Subject::Each => "each".to_owned(),
            Subject::Count => "count".to_owned(),
            Subject::Path => "path".to_owned(),
            Subject::Terraform => "terraform".to_owned(),
            Subject::SelfObject => "self".to_owned(),
            Subject::Bound { name, .. } => name.to_string(),
        };
        if let Some(attribute) = self.attribute.as_ref().filter(|_| with_attribute) {
            out.push('.');
            out.push_str(attribute);
        }
        out
    }
}

fn with_steps(subject: &str, steps: &[Step]) -> String {
    steps.iter().fold(subject.to_owned(), |mut out, step| {
        match step {
            Step::Attribute(name) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Index(n) => out.push_str(&format!("[{n}]")),
            Step::Key(key) => out.push_str(&format!("[{}]", quote(key))),
            // No constant names an element of a set.
            Step::Element(_) => {}
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use crate::config::parse_expression;
    use levee_model::SourceId;

    fn unwrapped(text: &str) -> Vec<Vec<String>> {
        let expr = parse_expression(SourceId(0), text).expect("an expression");
        expr.references().iter().map(|r| r.written().unwrapped()).collect()
    }

    #[test]
    fn the_longest_comes_first() {
        assert_eq!(unwrapped("a.b[0].c.d"), [["a.b[0].c.d", "a.b[0].c", "a.b[0]", "a.b"]]);
        assert_eq!(unwrapped("data.a.b.c[\"k\"]"), [["data.a.b.c[\"k\"]", "data.a.b.c", "data.a.b"]]);
        assert_eq!(unwrapped("module.m[1].out.x"), [["module.m[1].out.x", "module.m[1].out", "module.m[1]"]]);
        assert_eq!(unwrapped("module.m[\"k\"]"), [["module.m[\"k\"]", "module.m"]]);
        assert_eq!(unwrapped("each.value.x"), [["each.value.x", "each.value"]]);
    }

    #[test]
    fn an_index_that_has_to_be_evaluated_ends_it() {
        assert_eq!(unwrapped("a.b[var.i].c"), [["a.b"], ["var.i"]]);
        assert_eq!(unwrapped("a.b[*].c"), [["a.b"]]);
    }
}
