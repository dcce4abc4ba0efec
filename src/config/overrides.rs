//! Override files: `override.tf` and `*_override.tf`. Their blocks change blocks of the same name in the other files.

use super::body::{BlockExpr, Body};
use levee_model::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a file is an override file.
pub(super) fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json")).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// Blocks that have no name by which another file could change them.
const NOT_OVERRIDDEN: [&str; 3] = ["moved", "removed", "import"];

type Key = (Arc<str>, Vec<Arc<str>>);

/// What override files say, by the block it is about.
#[derive(Default)]
pub(super) struct Overrides {
    blocks: BTreeMap<Key, (Vec<BlockExpr>, bool)>,
}

impl Overrides {
    /// Takes in a block of an override file.
    pub(super) fn add(&mut self, block: BlockExpr) {
        let labels = block.labels.iter().map(|l| l.text.clone()).collect();
        self.blocks.entry((block.type_name.clone(), labels)).or_default().0.push(block);
    }

    /// A block of another file, as the override files change it.
    pub(super) fn apply(&mut self, mut base: BlockExpr, diags: &mut Diagnostics) -> BlockExpr {
        if self.blocks.is_empty() || NOT_OVERRIDDEN.contains(&&*base.type_name) {
            return base;
        }
        let key = (base.type_name.clone(), base.labels.iter().map(|l| l.text.clone()).collect());
        let Some((changes, used)) = self.blocks.get_mut(&key) else { return base };
        *used = true;
        let additive = &*base.type_name == "locals";
        for change in changes.iter() {
            for a in change.body.attributes.iter().filter(|a| &*a.name == "depends_on") {
                diags.push(Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.").at(a.name_span));
            }
            merge(&mut base.body, &change.body, additive);
        }
        base
    }

    /// Reports overrides of blocks that no other file has.
    pub(super) fn finish(self, diags: &mut Diagnostics) {
        for ((type_name, labels), (blocks, used)) in self.blocks {
            let Some(block) = blocks.first().filter(|_| !used) else { continue };
            let name = labels.last().cloned().unwrap_or_else(|| Arc::from(""));
            let (summary, detail) = match &*type_name {
                "resource" | "data" => {
                    let kind = labels.first().cloned().unwrap_or_else(|| Arc::from(""));
                    (
                        "Missing resource to override",
                        format!(
                            "There is no {kind} resource named {name:?}. An override file can only override a resource block defined in a primary configuration file."
                        ),
                    )
                }
                "variable" => (
                    "Missing base variable declaration to override",
                    format!(
                        "There is no variable named {name:?}. An override file can only override a variable that was already declared in a primary configuration file."
                    ),
                ),
                "output" => (
                    "Missing base output definition to override",
                    format!(
                        "There is no output named {name:?}. An override file can only override an output that was already defined in a primary configuration file."
                    ),
                ),
                "module" => (
                    "Missing module call to override",
                    format!(
                        "There is no module call named {name:?}. An override file can only override a module call that was defined in a primary configuration file."
                    ),
                ),
                "moved" => (
                    "Cannot override 'moved' blocks",
                    "Records of moved objects can appear only in normal files, not in override files.".to_owned(),
                ),
                "import" => {
                    ("Cannot override 'import' blocks", "Import blocks can appear only in normal files, not in override files.".to_owned())
                }
                // As Terraform does: there is nothing that it could be meant to change.
                "removed" => continue,
                _ => (
                    "Unsupported override",
                    format!("There is no {type_name} block of these labels in a primary configuration file for this one to override."),
                ),
            };
            diags.push(Diagnostic::error(summary, detail).at(block.span));
        }
    }
}

/// Arguments replace arguments; blocks replace all blocks of their type, but `lifecycle` is merged.
fn merge(base: &mut Body, change: &Body, additive: bool) {
    for a in change.attributes.iter().filter(|a| &*a.name != "depends_on") {
        match base.attributes.iter_mut().find(|b| b.name == a.name) {
            Some(slot) => *slot = a.clone(),
            None if additive => {}
            None => base.attributes.push(a.clone()),
        }
    }
    let mut replaced: Vec<&str> = Vec::new();
    for b in &change.blocks {
        if &*b.type_name == "lifecycle"
            && let Some(slot) = base.blocks.iter_mut().find(|x| x.type_name == b.type_name)
        {
            merge(&mut slot.body, &b.body, false);
            continue;
        }
        if !replaced.contains(&&*b.type_name) {
            base.blocks.retain(|x| x.type_name != b.type_name);
            replaced.push(&b.type_name);
        }
        base.blocks.push(b.clone());
    }
}
