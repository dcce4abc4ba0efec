//! Values in a few words, for messages; and references as they are written.

use crate::config::expr::{ExprKind, Reference, Subject, TraversalStep};
use levee_model::text::quote;
use levee_model::{Kind, Marks, Mode, Value};
use std::fmt;

/// A value in a few words. What is marked is never shown.
pub(super) fn show(value: &Value) -> String {
    const LONGEST: usize = 80;
    if value.marks().contains(Marks::SENSITIVE) {
        return "a sensitive value".into();
    }
    if !value.marks().is_empty() {
        return "an ephemeral value".into();
    }
    match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => format!("a {}, known only after apply", value.ty().friendly_name()),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) if s.chars().count() > LONGEST => {
            format!("{}...", quote(&s.chars().take(LONGEST).collect::<String>()))
        }
        Kind::String(s) => quote(s),
        Kind::List(_, v) | Kind::Set(_, v) | Kind::Tuple(v) => count(value, v.len(), "element"),
        Kind::Map(_, m) => count(value, m.len(), "element"),
        Kind::Object(m) => count(value, m.len(), "attribute"),
    }
}

fn count(value: &Value, n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} with {n} {what}{plural}", value.ty().friendly_name())
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "var.{name}"),
            Self::Local(name) => write!(f, "local.{name}"),
            Self::Resource { mode, type_name, name } => {
                let prefix = match mode {
                    Mode::Managed => "",
                    Mode::Data => "data.",
                    Mode::Ephemeral => "ephemeral.",
                };
                write!(f, "{prefix}{type_name}.{name}")
            }
            Self::Module(name) => write!(f, "module.{name}"),
            Self::Each => f.write_str("each"),
            Self::Count => f.write_str("count"),
            Self::Path => f.write_str("path"),
            Self::Terraform => f.write_str("terraform"),
            Self::SelfObject => f.write_str("self"),
            Self::Bound { name, .. } => f.write_str(name),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        for step in &self.steps {
            match step {
                TraversalStep::Attr { name, .. } => write!(f, ".{name}")?,
                TraversalStep::Index { key, .. } => match &key.kind {
                    ExprKind::Literal(v) => match v.kind() {
                        Kind::Number(n) => write!(f, "[{n}]")?,
                        Kind::String(s) => write!(f, "[{}]", quote(s))?,
                        _ => f.write_str("[...]")?,
                    },
                    ExprKind::Ref(r) => write!(f, "[{r}]")?,
                    _ => f.write_str("[...]")?,
                },
            }
        }
        Ok(())
    }
}
