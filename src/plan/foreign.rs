//! Blocks of types that are not built in. Public modules carry many, mostly with a count of 0: such a block is checked as
//! far as that goes without a schema, told of once, and an error only where an instance of it is to be planned.

use super::evaluate;
use super::managed::{Declared, Making};
use super::scope::Repeated;
use super::values::{Entry, ModuleId, Needs, Role, Shape};
use super::walk::{Pass, Walk};
use crate::config::Body;
use crate::graph::BlockId;
use levee_model::{Diagnostic, InstanceKey, Mode, ProviderAddr, ResourceAddr, Type, Value};
use levee_sdk::schema::Schema;
use smallvec::smallvec;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Source of the provider that comes with the language.
const BUILTIN: &str = "terraform.io/builtin/terraform";

/// What is said about all such types of a configuration.
pub(super) fn warning(types: &BTreeSet<String>) -> Option<Diagnostic> {
    let all: Vec<&str> = types.iter().map(String::as_str).collect();
    let detail = format!(
        "levee has no schema for {}. Their blocks are checked as far as that goes without one. That is enough while there are none of them, and no instance of them can be planned.",
        all.join(", ")
    );
    (!all.is_empty()).then(|| Diagnostic::warning("Types that are not built in", detail))
}

impl Walk<'_> {
    /// Visits a block whose type is not built in. What refers to it finds something that is not known.
    pub(super) fn visit_foreign(&mut self, id: BlockId, addr: &ResourceAddr) {
        let Some(declared) = self.declared_without(id, addr) else { return };
        // The language's own provider is here whole: what it does not have is nowhere.
        if &*declared.block.source == BUILTIN {
            return self.diagnostics.push(self.no_such_type(addr, &declared.block.source, &declared.block.resource));
        }
        let prefix = match addr.mode {
            Mode::Managed => "",
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
        };
        self.foreign.insert(format!("{prefix}{}", addr.type_name));
        for module in self.world.instances_of(&addr.module) {
            if self.pass == Pass::Priors {
                self.foreign_prior(&declared, module);
                continue;
            }
            let expanded = self.expand(&declared, module);
            let home = self.world.module(module).clone();
            let shape = self.world.resource(id, module).map(|r| (r.expansion, r.shape));
            let Some((expansion, shape)) = shape else { continue };
            for (key, each) in &expanded {
                let repeated = evaluate::repeated(shape, key, each);
                let making = Making { module, addr: addr.instance(&home, key.clone()), repeated, needs: smallvec![expansion] };
                self.check_foreign(&declared, &making);
                self.settle(id, making, Value::unknown(Type::Dynamic));
            }
            self.close_group(id, module);
        }
    }

    /// The state knows no object of such a type.
    fn foreign_prior(&mut self, declared: &Declared, module: ModuleId) {
        let shape = match (&declared.block.resource.count, &declared.block.resource.for_each) {
            (Some(_), _) => Shape::Count,
            (_, Some(_)) => Shape::ForEach,
            _ => Shape::Single,
        };
        self.open_entry(declared.id, module, shape, Needs::new());
        if shape == Shape::Single {
            let addr = declared.addr.instance(&self.world.module(module).clone(), InstanceKey::None);
            let making = Making { module, addr, repeated: Repeated::default(), needs: Needs::new() };
            self.settle(declared.id, making, Value::unknown(Type::Dynamic));
        }
        self.close_group(declared.id, module);
    }

    fn declared_without(&mut self, id: BlockId, addr: &ResourceAddr) -> Option<Declared> {
        let block = self.world.blocks.declared(id)?.clone();
        Some(Declared { id, addr: addr.clone(), block, schema: Arc::new(Schema::default()), behaviour: None })
    }

    fn check_foreign(&mut self, declared: &Declared, making: &Making) {
        let before = self.diagnostics.len();
        let body = &declared.block.resource.body;
        self.check_without_schema(body, making.module, &making.repeated);
        let is_planned = self.pass == Pass::Plan && self.selection.lets_through(&self.world.blocks, &making.addr);
        if !is_planned || self.diagnostics.len() > before {
            return;
        }
        let what = match declared.addr.mode {
            Mode::Managed => "resource type",
            Mode::Data => "data source",
            Mode::Ephemeral => "ephemeral type",
        };
        let (source, type_name) = (&declared.block.source, &*declared.addr.type_name);
        let detail = if self.registry.get(source).is_some() {
            format!("levee's provider {source} has no {what} {type_name:?}, and {} is to be planned.", making.addr)
        } else {
            format!("levee has no provider {source}, which {type_name:?} belongs to, and {} is to be planned.", making.addr)
        };
        let d = Diagnostic::error(format!("This {what} is not built in"), detail).at(declared.block.resource.span).about(&making.addr);
        let known = "Take the block out, or let its count be 0. `levee providers schema -json` lists what is built in.";
        let instead = self.registry.get(source).and_then(|p| p.types().instead_of(type_name));
        self.diagnostics.push(d.hint(instead.unwrap_or(known)));
    }

    /// Evaluates what stands in a body for its mistakes alone. What dynamic blocks make is left out: it takes a schema to
    /// know what that means.
    pub(super) fn check_without_schema(&mut self, body: &Body, module: ModuleId, repeated: &Repeated) {
        let own = body.attributes.iter().map(|a| &a.expr);
        let repeating = body.blocks.iter().filter_map(|b| b.dynamic.as_ref()).map(|d| &d.for_each);
        for expr in own.chain(repeating) {
            let found = evaluate::expression(&self.world, module, repeated.clone(), expr);
            self.diagnostics.extend(found.diagnostics);
        }
        self.diagnostics.extend(body.blocks.iter().filter_map(|b| b.dynamic.as_ref()).flat_map(|d| d.problems.iter().cloned()));
        for block in body.blocks.iter().filter(|b| b.dynamic.is_none()) {
            self.check_without_schema(&block.body, module, repeated);
        }
    }

    /// Visits a configuration of a provider that is not built in. It is nobody's mistake as long as nothing needs it.
    pub(super) fn visit_foreign_provider(&mut self, id: BlockId, addr: &ProviderAddr) {
        let config = self.world.config.clone();
        let Some(module) = self.world.instances_of(&addr.module).first().copied() else { return };
        let blocks = config.modules.get(&addr.module).into_iter().flat_map(|m| &m.providers);
        if let Some(block) = blocks.into_iter().find(|b| b.name == addr.name && b.alias == addr.alias) {
            self.check_without_schema(&block.body, module, &Repeated::default());
        }
        let node = self.world.add_node(id, module, Role::Value, Needs::new());
        self.world.set_entry(id, module, Entry::Value(node, Value::unknown(Type::Dynamic)));
    }
}
