//! Draws differences the way Terraform's users know them: a symbol, a name, what it was and what it becomes.

use super::difference::{Blocks, Body, Leaf, Node};
use super::sequence::{self, Edit};
use crate::cli::output::color::Paint;
use levee_model::{Action, ReplaceOrder, text};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Attributes that say which object it is: shown even when they stay as they are.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];
/// Lines of a long text that are shown around a changed one.
const TEXT_CONTEXT: usize = 3;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    paint: Paint,
    /// Whether the column of symbols is drawn.
    symbols: bool,
    /// Whether parts that stay are drawn too.
    unchanged: bool,
}

impl Pen {
    /// For changes.
    pub(crate) fn changes(paint: Paint) -> Self {
        Self { paint, symbols: true, unchanged: false }
    }
    /// For objects as they are.
    pub(crate) fn objects(paint: Paint) -> Self {
        Self { paint, symbols: false, unchanged: true }
    }

    /// The four columns before a name.
    pub(crate) fn symbol(self, out: &mut String, action: Action) {
        if !self.symbols {
            return;
        }
        let p = self.paint;
        match action {
            Action::NoOp => out.push_str("    "),
            Action::Create => put(out, format_args!("  {} ", p.green("+"))),
            Action::Update => put(out, format_args!("  {} ", p.yellow("~"))),
            Action::Delete => put(out, format_args!("  {} ", p.red("-"))),
            Action::Read => put(out, format_args!(" {} ", p.cyan("<="))),
            Action::Forget => put(out, format_args!("  {} ", p.red("."))),
            Action::Replace(ReplaceOrder::DeleteThenCreate) => put(out, format_args!("{}/{} ", p.red("-"), p.green("+"))),
            Action::Replace(ReplaceOrder::CreateThenDelete) => put(out, format_args!("{}/{} ", p.green("+"), p.red("-"))),
        }
    }

    /// Everything before the name on a line.
    pub(crate) fn margin(self, out: &mut String, indent: usize, action: Action) {
        (0..indent).for_each(|_| out.push_str("    "));
        self.symbol(out, action);
    }

    fn forces(self, out: &mut String, node: &Node) {
        if node.forces {
            put(out, format_args!("{}", self.paint.red(" # forces replacement")));
        }
    }

    fn to_null(self, out: &mut String, node: &Node, outermost: bool) {
        if outermost && node.action == Action::Delete {
            put(out, format_args!("{}", self.paint.dim(" -> null")));
        }
    }

    /// What follows something that is not spread over lines.
    fn end(self, out: &mut String, node: &Node, outermost: bool) {
        self.to_null(out, node, outermost);
        self.forces(out, node);
    }

    fn hidden(self, out: &mut String, indent: usize, count: usize, noun: &str) {
        let plural = if count == 1 { "" } else { "s" };
        self.margin(out, indent, Action::NoOp);
        put(out, format_args!("{}\n", self.paint.dim(format_args!("# ({count} unchanged {noun}{plural} hidden)"))));
    }

    /// What stands after the name (and the `=`). `outermost`: whether something deleted is followed by `-> null`.
    pub(crate) fn value(self, out: &mut String, node: &Node, indent: usize, outermost: bool) {
        match &node.body {
            Body::Leaf(before, after) => self.leaf(out, node, (before, after), indent, outermost),
            Body::Sensitive(note) => {
                out.push_str("(sensitive value)");
                self.end(out, node, outermost);
                if let Some(note) = note {
                    put(out, format_args!(" {}", self.paint.dim(format_args!("# {note}"))));
                }
            }
            Body::Unknown(before) => {
                if let Some(before) = before {
                    self.value(out, before, indent, false);
                    out.push_str(" -> ");
                }
                out.push_str("(known after apply)");
                self.end(out, node, outermost);
            }
            Body::Members { entries, quoted } => self.members(out, node, (entries, *quoted), indent, outermost),
            Body::Elements { nodes, ordered } => self.elements(out, node, (nodes, *ordered), indent, outermost),
            Body::Json { inside, whitespace_only } => self.json(out, node, (inside, *whitespace_only), indent, outermost),
            Body::Reshaped(before, after) => {
                self.value(out, before, indent, false);
                out.push_str(" -> ");
                self.value(out, after, indent, false);
                self.end(out, node, outermost);
            }
            Body::Block { attributes, blocks } => self.block(out, node, (attributes, blocks), indent),
        }
    }

    fn leaf(self, out: &mut String, node: &Node, (before, after): (&Leaf, &Leaf), indent: usize, outermost: bool) {
        let is_text = |l: &Leaf| matches!(l, Leaf::Text(t) if t.contains('\n'));
        if is_text(before) || is_text(after) {
            return self.text(out, node, (before, after), indent, outermost);
        }
        match node.action {
            Action::Delete => {
                written(out, before);
                self.to_null(out, node, outermost);
            }
            Action::Update => {
                written(out, before);
                put(out, format_args!(" {} ", self.paint.yellow("->")));
                written(out, after);
            }
            _ => written(out, after),
        }
        self.forces(out, node);
    }

    fn line(self, out: &mut String, indent: usize, action: Action, line: &str) {
        self.margin(out, indent, action);
        out.push_str(line);
        out.push('\n');
    }

    /// A text of several lines.
    fn text(self, out: &mut String, node: &Node, (before, after): (&Leaf, &Leaf), indent: usize, outermost: bool) {
        out.push_str("<<-EOT");
        self.forces(out, node);
        out.push('\n');
        let (old, new) = (lines(before), lines(after));
        match node.action {
            Action::Update => self.changed_text(out, &old, &new, indent + 1),
            Action::Delete => old.iter().for_each(|line| self.line(out, indent + 1, Action::NoOp, line)),
            _ => new.iter().for_each(|line| self.line(out, indent + 1, Action::NoOp, line)),
        }
        self.margin(out, indent, Action::NoOp);
        out.push_str("EOT");
        self.to_null(out, node, outermost);
    }

    fn changed_text(self, out: &mut String, old: &[&str], new: &[&str], indent: usize) {
        let edits = sequence::edits(old, new, |_, _| false);
        let near = |i: usize| {
            let from = i.saturating_sub(TEXT_CONTEXT);
            edits[from..edits.len().min(i + TEXT_CONTEXT + 1)].iter().any(|e| !matches!(e, Edit::Keep(..)))
        };
        let mut skipped = 0;
        for (i, edit) in edits.iter().enumerate() {
            if !near(i) {
                skipped += 1;
                continue;
            }
            if skipped > 0 {
                self.hidden(out, indent, std::mem::take(&mut skipped), "line");
            }
            let (action, line) = match edit {
                Edit::Keep(_, j) => (Action::NoOp, new[*j]),
                Edit::Remove(i) | Edit::Change(i, _) => (Action::Delete, old[*i]),
                Edit::Insert(j) => (Action::Create, new[*j]),
            };
            self.line(out, indent, action, line);
        }
        if skipped > 0 {
            self.hidden(out, indent, skipped, "line");
        }
    }

    /// `name = value`, with the name as wide as the widest beside it.
    fn argument(self, out: &mut String, (key, width): (&str, usize), part: &Node, indent: usize, outermost: bool) {
        self.margin(out, indent, part.action);
        out.push_str(key);
        (key.chars().count()..width).for_each(|_| out.push(' '));
        out.push_str(" = ");
        self.value(out, part, indent, outermost);
        out.push('\n');
    }

    fn members(self, out: &mut String, node: &Node, (entries, quoted): (&[(Arc<str>, Node)], bool), indent: usize, outermost: bool) {
        if entries.is_empty() {
            out.push_str("{}");
            return self.end(out, node, outermost);
        }
        let key = |k| if quoted { Cow::Owned(text::quote(k)) } else { name(k) };
        let width = entries.iter().map(|(k, _)| key(k).chars().count()).max().unwrap_or(0);
        self.open(out, node, "{");
        let mut hidden = 0;
        for (k, part) in entries {
            if part.action == Action::NoOp && !self.unchanged {
                hidden += 1;
                continue;
            }
            self.argument(out, (&key(k), width), part, indent + 1, node.action != Action::Delete);
        }
        if hidden > 0 {
            self.hidden(out, indent + 1, hidden, if quoted { "element" } else { "attribute" });
        }
        self.close(out, "}", indent);
        self.to_null(out, node, outermost);
    }

    /// A bracket at the end of a line, and one at the beginning of its own.
    fn open(self, out: &mut String, node: &Node, bracket: &str) {
        out.push_str(bracket);
        self.forces(out, node);
        out.push('\n');
    }

    fn close(self, out: &mut String, bracket: &str, indent: usize) {
        self.margin(out, indent, Action::NoOp);
        out.push_str(bracket);
    }

    fn elements(self, out: &mut String, node: &Node, (nodes, ordered): (&[Node], bool), indent: usize, outermost: bool) {
        if nodes.is_empty() {
            out.push_str("[]");
            return self.end(out, node, outermost);
        }
        self.open(out, node, "[");
        let mut hidden = 0;
        for (i, part) in nodes.iter().enumerate() {
            let changed = |n: Option<&Node>| n.is_some_and(|n| n.action != Action::NoOp);
            let neighbour = ordered && (changed(nodes.get(i + 1)) || (i > 0 && changed(nodes.get(i - 1))));
            if part.action == Action::NoOp && !self.unchanged && !neighbour {
                hidden += 1;
                continue;
            }
            if ordered && hidden > 0 {
                self.hidden(out, indent + 1, std::mem::take(&mut hidden), "element");
            }
            let whole = Self { unchanged: self.unchanged || part.action == Action::NoOp, ..self };
            self.margin(out, indent + 1, part.action);
            whole.value(out, part, indent + 1, false);
            out.push_str(",\n");
        }
        if hidden > 0 {
            self.hidden(out, indent + 1, hidden, "element");
        }
        self.close(out, "]", indent);
        self.to_null(out, node, outermost);
    }

    fn json(self, out: &mut String, node: &Node, (inside, whitespace_only): (&Node, bool), indent: usize, outermost: bool) {
        let symbol = if inside.action == Action::Update { Action::Update } else { Action::NoOp };
        let whole = Self { unchanged: self.unchanged || whitespace_only, ..self };
        out.push_str("jsonencode(");
        self.forces(out, node);
        if whitespace_only {
            put(out, format_args!("{}", self.paint.dim(" # whitespace changes")));
        }
        out.push('\n');
        self.margin(out, indent + 1, symbol);
        whole.value(out, inside, indent + 1, false);
        out.push('\n');
        self.close(out, ")", indent);
        self.to_null(out, node, outermost);
    }

    fn block(self, out: &mut String, node: &Node, (attributes, blocks): (&[(Arc<str>, Node)], &[Blocks]), indent: usize) {
        if attributes.is_empty() && blocks.is_empty() {
            out.push_str("{}");
            return self.forces(out, node);
        }
        self.open(out, node, "{");
        let width = attributes.iter().map(|(k, _)| name(k).chars().count()).max().unwrap_or(0);
        let mut hidden = 0;
        for (key, part) in attributes {
            let identifying = IDENTIFYING.contains(&&**key);
            if part.action == Action::NoOp && !self.unchanged && !identifying {
                hidden += 1;
                continue;
            }
            let whole = Self { unchanged: self.unchanged || (identifying && part.action == Action::NoOp), ..self };
            whole.argument(out, (&name(key), width), part, indent + 1, true);
        }
        if hidden > 0 {
            self.hidden(out, indent + 1, hidden, "attribute");
        }
        self.nested_blocks(out, blocks, indent + 1);
        self.close(out, "}", indent);
    }

    fn nested_blocks(self, out: &mut String, blocks: &[Blocks], indent: usize) {
        let shown = |n: &Node| n.action != Action::NoOp || self.unchanged;
        let mut hidden = 0;
        for Blocks { name: block, nodes } in blocks {
            hidden += nodes.iter().filter(|(_, n)| !shown(n)).count();
            // An empty line sets each group apart from the attributes and from other groups.
            if !out.ends_with("{\n") && nodes.iter().any(|(_, n)| shown(n)) {
                out.push('\n');
            }
            for (label, node) in nodes.iter().filter(|(_, n)| shown(n)) {
                self.margin(out, indent, node.action);
                out.push_str(&name(block));
                out.push(' ');
                if let Some(label) = label {
                    text::quote_into(out, label);
                    out.push(' ');
                }
                match &node.body {
                    Body::Sensitive(_) => self.secret_block(out, node, indent),
                    Body::Block { .. } | Body::Unknown(None) => self.value(out, node, indent, false),
                    _ => {
                        out.push_str("= ");
                        self.value(out, node, indent, true);
                    }
                }
                out.push('\n');
            }
        }
        if hidden > 0 {
            out.push('\n');
            self.hidden(out, indent, hidden, "block");
        }
    }

    fn secret_block(self, out: &mut String, node: &Node, indent: usize) {
        self.open(out, node, "{");
        self.margin(out, indent + 1, Action::NoOp);
        put(out, format_args!("{}\n", self.paint.dim("# holds sensitive values, so it is not shown")));
        self.close(out, "}", indent);
    }
}

/// Writes at the end of a text, which cannot fail.
pub(crate) fn put(out: &mut String, what: fmt::Arguments<'_>) {
    let written = out.write_fmt(what);
    debug_assert!(written.is_ok(), "writing to a string");
}

/// A name as it stands before an `=`: quoted if it is no identifier.
pub(crate) fn name(key: &str) -> Cow<'_, str> {
    let plain = key.chars().enumerate().all(|(i, c)| c == '_' || c.is_alphabetic() || (i > 0 && (c == '-' || c.is_alphanumeric())));
    if plain && !key.is_empty() { Cow::Borrowed(key) } else { Cow::Owned(text::quote(key)) }
}

fn written(out: &mut String, leaf: &Leaf) {
    match leaf {
        Leaf::Absent => out.push_str("null"),
        Leaf::Text(t) => text::quote_into(out, t),
        Leaf::Literal(l) => out.push_str(l),
    }
}

fn lines(leaf: &Leaf) -> Vec<&str> {
    match leaf {
        Leaf::Absent => Vec::new(),
        Leaf::Text(t) => t.strip_suffix('\n').unwrap_or(t).split('\n').collect(),
        Leaf::Literal(l) => vec![l],
    }
}
