//! Blocks to the declarations of a module.

use super::body::BlockExpr;
use super::constant::Constants;
use super::declared::Declared;
use super::expr::Subject;
use super::fields::{Fields, is_identifier};
use super::module::{Local, Module, Output};
use super::suggest::suggest;
use super::types::type_constraint;
use super::variable::{Defaults, Overridden, Variable};
use levee_model::{Diagnostic, Diagnostics, Mode, Sources, Span, Type};
use std::sync::Arc;

/// Adds blocks to a module.
pub(super) struct Decoder<'a> {
    pub(super) module: &'a mut Module,
    /// Its resources, which it is given in the end.
    pub(super) resources: &'a mut Declared,
    pub(super) sources: &'a Sources,
    pub(super) diags: &'a mut Diagnostics,
    pub(super) constants: Constants,
    /// What override files changed of the block, if it is a variable.
    pub(super) overridden: Option<Overridden>,
}

/// Names that a `module` block's own arguments have.
const RESERVED: [&str; 10] = ["source", "version", "providers", "count", "for_each", "depends_on", "_", "lifecycle", "locals", "provider"];

/// Every block type that may stand at the top of a file.
const BLOCKS: [&str; 13] = [
    "terraform",
    "provider",
    "variable",
    "locals",
    "output",
    "module",
    "resource",
    "data",
    "ephemeral",
    "moved",
    "removed",
    "import",
    "check",
];

impl Decoder<'_> {
    /// Adds one top-level block.
    pub(super) fn block(&mut self, block: BlockExpr) {
        match &*block.type_name {
            "resource" => self.resource(block, Mode::Managed),
            "data" => self.resource(block, Mode::Data),
            "module" => self.call(block),
            "variable" => self.variable(block),
            "output" => self.output(block),
            "locals" => self.locals(block),
            "provider" => self.provider(block),
            "terraform" => self.terraform(block),
            "check" => self.check_block(block),
            "moved" => self.moved(block),
            "removed" => self.removed(block),
            "import" => self.import(block),
            "ephemeral" => self.resource(block, Mode::Ephemeral),
            other => {
                let tail = suggest(other, BLOCKS).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
                let detail = format!("Blocks of type {other:?} are not expected here.{tail}");
                self.error(block.type_span, "Unsupported block type", detail);
            }
        }
    }

    pub(super) fn error(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.diags.push(Diagnostic::error(summary, detail).at(span));
    }

    /// A place in words, for "already declared at".
    pub(super) fn place(&self, span: Span) -> String {
        self.sources.place(span)
    }

    /// The labels of a block, when there are as many as there must be.
    pub(super) fn labels<const N: usize>(&mut self, block: &BlockExpr, names: [&str; N]) -> Option<[(Arc<str>, Span); N]> {
        let kind = &*block.type_name;
        let list = || names.join(", ");
        if block.labels.len() < N {
            let detail = format!("All {kind} blocks must have {N} labels ({}).", list());
            let missing = names[block.labels.len()];
            self.error(block.span, format!("Missing {missing} for {kind}"), detail);
            return None;
        }
        if let Some(extra) = block.labels.get(N) {
            let detail = if N == 0 {
                format!("No labels are expected for {kind} blocks.")
            } else {
                format!("Only {N} labels ({}) are expected for {kind} blocks.", list())
            };
            self.error(extra.span, format!("Extraneous label for {kind}"), detail);
            return None;
        }
        let mut labels = block.labels.iter().map(|l| (l.text.clone(), l.span));
        Some(std::array::from_fn(|_| labels.next().unwrap_or((Arc::from(""), block.span))))
    }

    /// Whether a name is one; reported if not.
    pub(super) fn check_name(&mut self, name: &str, span: Span, what: &str) {
        if !is_identifier(name) {
            let detail = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
            self.error(span, format!("Invalid {what} name"), detail);
        }
    }

    fn variable(&mut self, block: BlockExpr) {
        let Some([(name, name_span)]) = self.labels(&block, ["name"]) else { return };
        self.check_name(&name, name_span, "variable");
        if RESERVED.contains(&&*name) {
            let detail = format!("The variable name {name:?} is reserved due to its special meaning inside module blocks.");
            self.error(name_span, "Invalid variable name", detail);
        }
        if let Some(before) = self.module.variables.get(&name) {
            let detail = format!(
                "A variable named {name:?} was already declared at {}. Variable names must be unique within a module.",
                self.place(before.span)
            );
            return self.error(block.span, "Duplicate variable declaration", detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let ty = f.expr("type");
        let before = f.diags.len();
        let (constraint, defaults) = match &ty {
            Some(e) => type_constraint(e, f.diags),
            None => (Type::Dynamic, Defaults::default()),
        };
        let has_a_type = f.diags.len() == before;
        let mut variable = Variable {
            name: name.clone(),
            ty: constraint,
            has_type: ty.is_some(),
            defaults,
            default: f.expr("default"),
            validations: Vec::new(),
            sensitive: f.flag("sensitive").unwrap_or(false),
            ephemeral: f.flag("ephemeral").unwrap_or(false),
            nullable: f.flag_or("nullable", true),
            description: f.text("description").map(|(t, _)| t),
            overridden: self.overridden,
            span,
        };
        let validations = f.blocks("validation");
        f.finish();
        variable.validations = validations.into_iter().filter_map(|b| self.checked_condition(b)).collect();
        self.check_validations(&variable);
        if has_a_type {
            (self.constants.check)(&variable, self.diags);
        }
        self.module.variables.insert(name, variable);
    }

    fn check_validations(&mut self, variable: &Variable) {
        let name = &variable.name;
        for rule in &variable.validations {
            if !rule.condition.references().iter().any(|r| r.subject == Subject::Variable(name.clone())) {
                let detail = format!("The condition for variable {name:?} must refer to var.{name} in order to test incoming values.");
                self.error(rule.condition.span, "Invalid variable validation condition", detail);
            }
        }
    }

    fn output(&mut self, block: BlockExpr) {
        let Some([(name, name_span)]) = self.labels(&block, ["name"]) else { return };
        self.check_name(&name, name_span, "output");
        if let Some(before) = self.module.outputs.get(&name) {
            let detail = format!(
                "An output named {name:?} was already defined at {}. Output names must be unique within a module.",
                self.place(before.span)
            );
            return self.error(block.span, "Duplicate output definition", detail);
        }
        let span = block.span;
        let mut f = Fields::new(block.body, self.constants, self.diags);
        let value = f.required("value");
        let (sensitive, ephemeral) = (f.flag("sensitive").unwrap_or(false), f.flag("ephemeral").unwrap_or(false));
        let description = f.text("description").map(|(t, _)| t);
        let depends_on = f.expr("depends_on");
        let (preconditions, postconditions) = (f.blocks("precondition"), f.blocks("postcondition"));
        f.finish();
        for block in postconditions {
            let detail = "Output values can only have preconditions, not postconditions.";
            self.error(block.type_span, "Postconditions are not allowed", detail);
        }
        let depends_on = self.depends_on(depends_on);
        let preconditions = preconditions.into_iter().filter_map(|b| self.checked_condition(b)).collect();
        let Some(expr) = value else { return };
        let output = Output { name: name.clone(), expr, sensitive, ephemeral, description, depends_on, preconditions, span };
        self.module.outputs.insert(name, output);
    }

    fn locals(&mut self, block: BlockExpr) {
        if self.labels::<0>(&block, []).is_none() {
            return;
        }
        for nested in &block.body.blocks {
            self.error(nested.span, format!("Unexpected {:?} block", &*nested.type_name), "Blocks are not allowed here.");
        }
        for a in block.body.attributes {
            self.check_name(&a.name, a.name_span, "local value");
            if let Some(before) = self.module.locals.get(&a.name) {
                let detail = format!(
                    "A local value named {:?} was already defined at {}. Local value names must be unique within a module.",
                    &*a.name,
                    self.place(Span { end: before.expr.span.end, ..before.span })
                );
                self.error(a.name_span, "Duplicate local value definition", detail);
                continue;
            }
            self.module.locals.insert(a.name, Local { expr: a.expr, span: a.name_span });
        }
    }
}
