//! `check` blocks: their assertions, and the data source that only they see.

use super::body::BlockExpr;
use super::decode::Decoder;
use super::fields::Fields;
use super::module::CheckBlock;
use super::resource::Condition;
use levee_model::Mode;
use std::sync::Arc;

impl Decoder<'_> {
    pub(super) fn check_block(&mut self, block: BlockExpr) {
        let Some([(name, name_span)]) = self.labels(&block, ["name"]) else { return };
        self.check_name(&name, name_span, "check block");
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let (data, asserts) = (f.blocks("data"), f.blocks("assert"));
        f.finish();
        let asserts: Vec<_> = asserts.into_iter().filter_map(|b| self.assertion(b)).collect();
        if asserts.is_empty() {
            self.error(span, "Zero assert blocks", "Check blocks must have at least one assert block.");
        }
        let mut scoped = None;
        for block in data {
            if let Some((before, _)) = &scoped {
                let at = self.place(*before);
                let detail = format!("This check block already has a data resource defined at {at}.");
                self.error(block.span, "Multiple data resource blocks", detail);
            } else {
                let span = block.span;
                scoped = self.scoped_data(block, &name).map(|key| (span, key));
            }
        }
        if let Some(before) = self.module.checks.get(&name) {
            let at = self.place(before.span);
            let detail =
                format!("A check block named {name:?} was already declared at {at}. Check blocks must be unique within each module.");
            return self.error(span, format!("Duplicate check {name:?} configuration"), detail);
        }
        let data = scoped.map(|(_, key)| key);
        self.module.checks.insert(name.clone(), CheckBlock { name, asserts, data, span });
    }

    /// An assertion that can be one.
    fn assertion(&mut self, block: BlockExpr) -> Option<Condition> {
        let before = self.diags.len();
        let condition = self.checked_condition(block)?;
        (self.diags.len() == before).then_some(condition)
    }

    /// The data source of a check block, among the module's own but for who sees it; none where it is a mistake.
    fn scoped_data(&mut self, mut block: BlockExpr, check: &Arc<str>) -> Option<(Arc<str>, Arc<str>)> {
        let before = self.diags.len();
        for a in block.body.attributes.iter().filter(|a| ["count", "for_each"].contains(&&*a.name)) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.";
            self.error(a.name_span, format!("Invalid {:?} attribute", &*a.name), detail);
        }
        for b in block.body.blocks.iter().filter(|b| &*b.type_name == "lifecycle") {
            self.error(
                b.span,
                "Invalid lifecycle block",
                "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the containing block.",
            );
        }
        block.body.attributes.retain(|a| !["count", "for_each"].contains(&&*a.name));
        let [type_name, name] = block.labels.iter().map(|l| l.text.clone()).collect::<Vec<_>>().try_into().ok()?;
        self.resource(block, Mode::Data);
        let key = (Mode::Data, type_name, name);
        let resource = self.resources.get(&key).filter(|r| r.container.is_none())?;
        Arc::make_mut(resource).container = Some(check.clone());
        (self.diags.len() == before).then_some((key.1, key.2))
    }
}
