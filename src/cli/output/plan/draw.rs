//! Draws differences the way Terraform's users know them: a symbol, a name, what it was and what it becomes.

use super::difference::{Blocks, Body, Leaf, Node};
use super::sequence::{self, Edit};
use crate::cli::output::color::Paint;
use levee_model::{Action, ReplaceOrder, text};
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
    pub(crate) fn symbol(self, action: Action) -> String {
        if !self.symbols {
            return String::new();
        }
        let p = self.paint;
        match action {
            Action::NoOp => "    ".into(),
            Action::Create => format!("  {} ", p.green("+")),
            Action::Update => format!("  {} ", p.yellow("~")),
            Action::Delete => format!("  {} ", p.red("-")),
            Action::Read => format!(" {} ", p.cyan("<=")),
            Action::Forget => format!("  {} ", p.red(".")),
            Action::Replace(ReplaceOrder::DeleteThenCreate) => format!("{}/{} ", p.red("-"), p.green("+")),
            Action::Replace(ReplaceOrder::CreateThenDelete) => format!("{}/{} ", p.green("+"), p.red("-")),
        }
    }

    /// Everything before the name on a line.
    pub(crate) fn margin(self, indent: usize, action: Action) -> String {
        let mut out = "    ".repeat(indent);
        out.push_str(&self.symbol(action));
        out
    }

    fn forces(self, node: &Node) -> String {
        if node.forces { self.paint.red(" # forces replacement") } else { String::new() }
    }

    fn to_null(self, node: &Node, outermost: bool) -> String {
        if outermost && node.action == Action::Delete { self.paint.dim(" -> null") } else { String::new() }
    }

    fn hidden(self, indent: usize, count: usize, noun: &str) -> String {
        let plural = if count == 1 { "" } else { "s" };
        let note = self.paint.dim(format!("# ({count} unchanged {noun}{plural} hidden)"));
        format!("{}{note}\n", self.margin(indent, Action::NoOp))
    }

    /// What stands after the name (and the `=`). `outermost`: whether something deleted is followed by `-> null`.
    pub(crate) fn value(self, node: &Node, indent: usize, outermost: bool) -> String {
        let end = self.to_null(node, outermost) + &self.forces(node);
        match &node.body {
            Body::Leaf(before, after) => self.leaf(node, before, after, indent, outermost),
            Body::Sensitive(None) => format!("(sensitive value){end}"),
            Body::Sensitive(Some(note)) => format!("(sensitive value){end} {}", self.paint.dim(format!("# {note}"))),
            Body::Unknown(None) => format!("(known after apply){end}"),
            Body::Unknown(Some(before)) => format!("{} -> (known after apply){end}", self.value(before, indent, false)),
            Body::Members { entries, quoted } => self.members(node, entries, *quoted, indent, &end),
            Body::Elements { nodes, ordered } => self.elements(node, nodes, *ordered, indent, &end),
            Body::Json { inside, whitespace_only } => self.json(node, inside, *whitespace_only, indent, outermost),
            Body::Reshaped(before, after) => {
                format!("{} -> {}{end}", self.value(before, indent, false), self.value(after, indent, false))
            }
            Body::Block { attributes, blocks } => self.block(node, attributes, blocks, indent),
        }
    }

    fn leaf(self, node: &Node, before: &Leaf, after: &Leaf, indent: usize, outermost: bool) -> String {
        let is_text = |l: &Leaf| matches!(l, Leaf::Text(t) if t.contains('\n'));
        if is_text(before) || is_text(after) {
            return self.text(node, before, after, indent, outermost);
        }
        let end = self.forces(node);
        match node.action {
            Action::Delete => format!("{}{}{end}", written(before), self.to_null(node, outermost)),
            Action::Update => format!("{} {} {}{end}", written(before), self.paint.yellow("->"), written(after)),
            _ => format!("{}{end}", written(after)),
        }
    }

    /// A text of several lines.
    fn text(self, node: &Node, before: &Leaf, after: &Leaf, indent: usize, outermost: bool) -> String {
        let mut out = format!("<<-EOT{}\n", self.forces(node));
        let (old, new) = (lines(before), lines(after));
        if node.action == Action::Update {
            let edits = sequence::edits(&old, &new, |_, _| false);
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
                    out.push_str(&self.hidden(indent + 1, std::mem::take(&mut skipped), "line"));
                }
                let (action, line) = match edit {
                    Edit::Keep(_, j) => (Action::NoOp, new[*j]),
                    Edit::Remove(i) | Edit::Change(i, _) => (Action::Delete, old[*i]),
                    Edit::Insert(j) => (Action::Create, new[*j]),
                };
                out.push_str(&format!("{}{line}\n", self.margin(indent + 1, action)));
            }
            if skipped > 0 {
                out.push_str(&self.hidden(indent + 1, skipped, "line"));
            }
        } else {
            for line in if node.action == Action::Delete { &old } else { &new } {
                out.push_str(&format!("{}{line}\n", self.margin(indent + 1, Action::NoOp)));
            }
        }
        out + &format!("{}EOT{}", self.margin(indent, Action::NoOp), self.to_null(node, outermost))
    }

    fn members(self, node: &Node, entries: &[(Arc<str>, Node)], quoted: bool, indent: usize, end: &str) -> String {
        if entries.is_empty() {
            return format!("{{}}{end}");
        }
        let key = |k: &str| if quoted { text::quote(k) } else { name(k) };
        let width = entries.iter().map(|(k, _)| key(k).chars().count()).max().unwrap_or(0);
        let mut out = format!("{{{}\n", self.forces(node));
        let mut hidden = 0;
        for (k, part) in entries {
            if part.action == Action::NoOp && !self.unchanged {
                hidden += 1;
                continue;
            }
            let value = self.value(part, indent + 1, node.action != Action::Delete);
            out.push_str(&format!("{}{:width$} = {value}\n", self.margin(indent + 1, part.action), key(k)));
        }
        if hidden > 0 {
            out.push_str(&self.hidden(indent + 1, hidden, if quoted { "element" } else { "attribute" }));
        }
        out + &format!("{}}}{}", self.margin(indent, Action::NoOp), end.replace(&self.forces(node), ""))
    }

    fn elements(self, node: &Node, nodes: &[Node], ordered: bool, indent: usize, end: &str) -> String {
        if nodes.is_empty() {
            return format!("[]{end}");
        }
        let mut out = format!("[{}\n", self.forces(node));
        let mut hidden = 0;
        for (i, part) in nodes.iter().enumerate() {
            let changed = |n: Option<&Node>| n.is_some_and(|n| n.action != Action::NoOp);
            let neighbour = ordered && (changed(nodes.get(i + 1)) || (i > 0 && changed(nodes.get(i - 1))));
            if part.action == Action::NoOp && !self.unchanged && !neighbour {
                hidden += 1;
                continue;
            }
            if ordered && hidden > 0 {
                out.push_str(&self.hidden(indent + 1, std::mem::take(&mut hidden), "element"));
            }
            let whole = Self { unchanged: self.unchanged || part.action == Action::NoOp, ..self };
            let value = whole.value(part, indent + 1, false);
            out.push_str(&format!("{}{value},\n", self.margin(indent + 1, part.action)));
        }
        if hidden > 0 {
            out.push_str(&self.hidden(indent + 1, hidden, "element"));
        }
        out + &format!("{}]{}", self.margin(indent, Action::NoOp), end.replace(&self.forces(node), ""))
    }

    fn json(self, node: &Node, inside: &Node, whitespace_only: bool, indent: usize, outermost: bool) -> String {
        let note = if whitespace_only { self.paint.dim(" # whitespace changes") } else { String::new() };
        let symbol = if inside.action == Action::Update { Action::Update } else { Action::NoOp };
        let whole = Self { unchanged: self.unchanged || whitespace_only, ..self };
        format!(
            "jsonencode({}{note}\n{}{}\n{}){}",
            self.forces(node),
            self.margin(indent + 1, symbol),
            whole.value(inside, indent + 1, false),
            self.margin(indent, Action::NoOp),
            self.to_null(node, outermost),
        )
    }

    fn block(self, node: &Node, attributes: &[(Arc<str>, Node)], blocks: &[Blocks], indent: usize) -> String {
        if attributes.is_empty() && blocks.is_empty() {
            return format!("{{}}{}", self.forces(node));
        }
        let mut out = format!("{{{}\n", self.forces(node));
        let width = attributes.iter().map(|(k, _)| name(k).chars().count()).max().unwrap_or(0);
        let mut hidden = 0;
        for (key, part) in attributes {
            let identifying = IDENTIFYING.contains(&&**key);
            if part.action == Action::NoOp && !self.unchanged && !identifying {
                hidden += 1;
                continue;
            }
            let whole = Self { unchanged: self.unchanged || (identifying && part.action == Action::NoOp), ..self };
            let value = whole.value(part, indent + 1, true);
            out.push_str(&format!("{}{:width$} = {value}\n", self.margin(indent + 1, part.action), name(key)));
        }
        if hidden > 0 {
            out.push_str(&self.hidden(indent + 1, hidden, "attribute"));
        }
        self.nested_blocks(blocks, indent + 1, &mut out);
        out + &format!("{}}}", self.margin(indent, Action::NoOp))
    }

    fn nested_blocks(self, blocks: &[Blocks], indent: usize, out: &mut String) {
        let shown = |n: &Node| n.action != Action::NoOp || self.unchanged;
        let mut hidden = 0;
        for Blocks { name: block, nodes } in blocks {
            hidden += nodes.iter().filter(|(_, n)| !shown(n)).count();
            // An empty line sets each group apart from the attributes and from other groups.
            if !out.ends_with("{\n") && nodes.iter().any(|(_, n)| shown(n)) {
                out.push('\n');
            }
            for (label, node) in nodes.iter().filter(|(_, n)| shown(n)) {
                let label = label.as_ref().map(|l| format!(" {}", text::quote(l))).unwrap_or_default();
                let body = match &node.body {
                    Body::Sensitive(_) => self.secret_block(node, indent),
                    Body::Block { .. } | Body::Unknown(None) => self.value(node, indent, false),
                    _ => format!("= {}", self.value(node, indent, true)),
                };
                out.push_str(&format!("{}{}{label} {body}\n", self.margin(indent, node.action), name(block)));
            }
        }
        if hidden > 0 {
            out.push('\n');
            out.push_str(&self.hidden(indent, hidden, "block"));
        }
    }

    fn secret_block(self, node: &Node, indent: usize) -> String {
        let note = self.paint.dim("# holds sensitive values, so it is not shown");
        let margin = |n| self.margin(n, Action::NoOp);
        format!("{{{}\n{}{note}\n{}}}", self.forces(node), margin(indent + 1), margin(indent))
    }
}

/// A name as it stands before an `=`: quoted if it is no identifier.
pub(crate) fn name(key: &str) -> String {
    let plain = key.chars().enumerate().all(|(i, c)| c == '_' || c.is_alphabetic() || (i > 0 && (c == '-' || c.is_alphanumeric())));
    if plain && !key.is_empty() { key.to_owned() } else { text::quote(key) }
}

fn written(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Absent => "null".into(),
        Leaf::Text(t) => text::quote(t),
        Leaf::Literal(l) => l.clone(),
    }
}

fn lines(leaf: &Leaf) -> Vec<&str> {
    match leaf {
        Leaf::Absent => Vec::new(),
        Leaf::Text(t) => t.strip_suffix('\n').unwrap_or(t).split('\n').collect(),
        Leaf::Literal(l) => vec![l],
    }
}
