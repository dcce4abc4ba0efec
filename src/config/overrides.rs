//! Override files: `override.tf` and `*_override.tf`. Their blocks change blocks of the same name in the other files.

use super::body::{BlockExpr, Body};
use super::expr::{Expr, ExprKind};
use super::variable::Overridden;
use levee_model::{Diagnostic, Diagnostics, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a file is an override file.
pub(super) fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json")).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// A block's type, its labels, and the alias of a provider configuration.
type Key = (Arc<str>, Vec<Arc<str>>, Option<Arc<str>>);

/// What override files say, by the block it is about.
#[derive(Default)]
pub(super) struct Overrides {
    blocks: BTreeMap<Key, Changes>,
}

/// What override files say of one block.
#[derive(Default)]
struct Changes {
    blocks: Vec<BlockExpr>,
    /// Whether another file has the block.
    used: bool,
    /// Arguments and blocks in it that were found in another file; only for those that several blocks share.
    found: Vec<Arc<str>>,
}

impl Overrides {
    /// Takes in a block of an override file.
    pub(super) fn add(&mut self, block: BlockExpr, diags: &mut Diagnostics) {
        let refused = match &*block.type_name {
            "moved" => {
                Some(("Cannot override 'moved' blocks", "Records of moved objects can appear only in normal files, not in override files."))
            }
            "import" => Some(("Cannot override 'import' blocks", "Import blocks can appear only in normal files, not in override files.")),
            "check" => Some(("Can't override check blocks", "Override files cannot override check blocks.")),
            // Terraform takes no notice of them either.
            "removed" => return,
            _ => None,
        };
        if let Some((summary, detail)) = refused {
            return diags.push(Diagnostic::error(summary, detail).at(block.span));
        }
        self.blocks.entry(key(&block)).or_default().blocks.push(refuse_conditions(block, diags));
    }

    /// A block of another file, as the override files change it, and what that means for a variable.
    pub(super) fn apply(&mut self, mut base: BlockExpr, diags: &mut Diagnostics) -> (BlockExpr, Option<Overridden>) {
        if self.blocks.is_empty() {
            return (base, None);
        }
        let Some(changes) = self.blocks.get_mut(&key(&base)) else { return (base, None) };
        changes.used = true;
        match &*base.type_name {
            "locals" => changes.arguments_of(&mut base.body),
            "terraform" => changes.settings_of(&mut base.body),
            _ => changes.whole(&mut base.body, diags),
        }
        let overridden = changes.blocks.last().map(|last| {
            let has = |name| changes.blocks.iter().any(|b| b.body.attribute(name).is_some());
            Overridden { ty: has("type"), default: has("default"), span: last.span }
        });
        // A block that says both is wrong in itself, whatever it overrides.
        let says_both = |b: &BlockExpr| b.body.attribute("type").is_some() && b.body.attribute("default").is_some();
        let alone = changes.blocks.last().is_some_and(says_both);
        (base, overridden.filter(|_| !alone))
    }

    /// Reports overrides of what no other file has, and answers the blocks that stand without one.
    pub(super) fn finish(self, diags: &mut Diagnostics) -> Vec<BlockExpr> {
        let mut out = Vec::new();
        for ((type_name, labels, alias), changes) in self.blocks {
            match &*type_name {
                "locals" => changes.missing_locals(diags),
                "terraform" => out.extend(changes.left()),
                "provider" if alias.is_none() && !changes.used => out.extend(changes.left()),
                _ if changes.used => {}
                // Ephemeral resources are not overridden.
                "ephemeral" => {}
                // Whoever reads it says what is wrong with it.
                _ if number_of_labels(&type_name) != Some(labels.len()) => out.extend(changes.blocks),
                _ => diags.extend(changes.blocks.first().map(|block| missing(&type_name, &labels, alias.as_deref(), block.span))),
            }
        }
        out
    }
}

/// How many labels blocks have that can be overridden.
fn number_of_labels(type_name: &str) -> Option<usize> {
    match type_name {
        "resource" | "data" => Some(2),
        "variable" | "output" | "module" | "provider" => Some(1),
        _ => None,
    }
}

fn key(block: &BlockExpr) -> Key {
    let labels = block.labels.iter().map(|l| l.text.clone()).collect();
    let alias = || block.body.attribute("alias").and_then(|a| a.expr.as_literal()?.as_str().map(Arc::from));
    (block.type_name.clone(), labels, if &*block.type_name == "provider" { alias() } else { None })
}

/// Conditions belong to the block that they stand in, so an override has none.
fn refuse_conditions(mut block: BlockExpr, diags: &mut Diagnostics) -> BlockExpr {
    let mut refuse = |body: &mut Body| {
        let of_conditions = |b: &BlockExpr| matches!(&*b.type_name, "validation" | "precondition" | "postcondition");
        for b in body.blocks.iter().filter(|b| of_conditions(b)) {
            let detail = format!("Override files cannot override {:?} blocks.", &*b.type_name);
            diags.push(Diagnostic::error(format!("Can't override {} blocks", b.type_name), detail).at(b.span));
        }
        body.blocks.retain(|b| !of_conditions(b));
    };
    match &*block.type_name {
        "variable" | "output" => refuse(&mut block.body),
        "resource" | "data" | "ephemeral" => {
            block.body.blocks.iter_mut().filter(|b| &*b.type_name == "lifecycle").for_each(|b| refuse(&mut b.body));
        }
        _ => {}
    }
    block
}

impl Changes {
    /// The block is in one other file alone.
    fn whole(&self, base: &mut Body, diags: &mut Diagnostics) {
        for change in &self.blocks {
            let is_empty = |e: &Expr| matches!(&e.kind, ExprKind::Tuple(items) if items.is_empty());
            if let Some(a) = change.body.attribute("depends_on").filter(|a| !is_empty(&a.expr)) {
                diags.push(Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.").at(a.expr.span));
            }
            let both = |body: &Body| body.attribute("count").is_some() && body.attribute("for_each").is_some();
            let wrong_before = both(base) || both(&change.body);
            merge(base, &change.body);
            base.overridden = true;
            // One of them came with the override: the count wins, wherever it is from.
            if both(base) && !wrong_before {
                base.attributes.retain(|a| &*a.name != "for_each");
            }
        }
    }

    /// Arguments may be in any of several blocks.
    fn arguments_of(&mut self, base: &mut Body) {
        for a in self.blocks.iter().flat_map(|b| &b.body.attributes) {
            if let Some(slot) = base.attributes.iter_mut().find(|x| x.name == a.name) {
                *slot = a.clone();
                self.found.push(a.name.clone());
            }
        }
    }

    /// So may settings. A backend takes the place of any other, and a required provider that of its own name.
    fn settings_of(&mut self, base: &mut Body) {
        self.arguments_of(base);
        for b in self.blocks.iter().flat_map(|b| &b.body.blocks) {
            let replaces = |x: &BlockExpr| x.type_name == b.type_name || is_place(x) && is_place(b);
            let Some(at) = base.blocks.iter().position(replaces) else { continue };
            if &*b.type_name == "required_providers" {
                merge(&mut base.blocks[at].body, &b.body);
            } else {
                base.blocks[at] = b.clone();
            }
            self.found.push(b.type_name.clone());
        }
    }

    fn missing_locals(&self, diags: &mut Diagnostics) {
        for a in self.blocks.iter().flat_map(|b| &b.body.attributes).filter(|a| !self.found.contains(&a.name)) {
            let detail = format!(
                "There is no local value named {:?}. An override file can only override a local value that was already defined in a primary configuration file.",
                &*a.name
            );
            diags.push(Diagnostic::error("Missing base local value definition to override", detail).at(a.name_span));
        }
    }

    /// What found nothing to change, as a block of its own.
    fn left(self) -> Option<BlockExpr> {
        let found = self.found;
        let mut blocks = self.blocks.into_iter();
        let mut whole = blocks.next()?;
        blocks.for_each(|b| merge(&mut whole.body, &b.body));
        whole.body.attributes.retain(|a| !found.contains(&a.name));
        whole.body.blocks.retain(|b| !found.contains(&b.type_name));
        (!whole.body.attributes.is_empty() || !whole.body.blocks.is_empty()).then_some(whole)
    }
}

/// Where the state is kept.
fn is_place(block: &BlockExpr) -> bool {
    matches!(&*block.type_name, "backend" | "cloud")
}

fn missing(type_name: &str, labels: &[Arc<str>], alias: Option<&str>, span: Span) -> Diagnostic {
    let name = labels.last().cloned().unwrap_or_else(|| Arc::from(""));
    let kind = labels.first().cloned().unwrap_or_else(|| Arc::from(""));
    let must = |what: &str, verb: &str| format!("An override file can only override {what} {verb} in a primary configuration file.");
    let (summary, what, only) = match type_name {
        "resource" | "ephemeral" => {
            ("Missing resource to override", format!("{kind} resource named {name:?}"), must("a resource block", "defined"))
        }
        "data" => ("Missing data resource to override", format!("{kind} data resource named {name:?}"), must("a data block", "defined")),
        "variable" => (
            "Missing base variable declaration to override",
            format!("variable named {name:?}"),
            must("a variable that was already", "declared"),
        ),
        "output" => {
            ("Missing base output definition to override", format!("output named {name:?}"), must("an output that was already", "defined"))
        }
        "module" => ("Missing module call to override", format!("module call named {name:?}"), must("a module call that was", "defined")),
        "provider" => (
            "Missing base provider configuration for override",
            format!("{kind} provider configuration with the alias {:?}", alias.unwrap_or_default()),
            must("an aliased provider configuration that was already", "defined"),
        ),
        other => ("Unsupported override", format!("{other} block of these labels"), must("a block that was already", "defined")),
    };
    Diagnostic::error(summary, format!("There is no {what}. {only}")).at(span)
}

/// Arguments replace arguments; blocks replace all blocks of their type, but `lifecycle` is merged.
fn merge(base: &mut Body, change: &Body) {
    for a in change.attributes.iter().filter(|a| &*a.name != "depends_on") {
        match base.attributes.iter_mut().find(|b| b.name == a.name) {
            Some(slot) => *slot = a.clone(),
            None => base.attributes.push(a.clone()),
        }
    }
    let mut replaced: Vec<&str> = Vec::new();
    for b in &change.blocks {
        if &*b.type_name == "lifecycle"
            && let Some(slot) = base.blocks.iter_mut().find(|x| x.type_name == b.type_name)
        {
            merge(&mut slot.body, &b.body);
            continue;
        }
        if !replaced.contains(&&*b.type_name) {
            base.blocks.retain(|x| x.type_name != b.type_name);
            replaced.push(&b.type_name);
        }
        base.blocks.push(b.clone());
    }
}
