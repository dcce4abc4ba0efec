//! Whether what expressions name is there, found without evaluating them: declared in their module, indexed as its
//! repetition asks for, and a part of its type's schema. What is wrong here cannot be caught by `try`.

use super::scope::ModuleScope;
use super::values::World;
use crate::config::{Config, Expr, ExprKind, IgnoreChanges, Module, Reference, Resource, Subject, TraversalStep, suggest};
use crate::eval::{self, Scope};
use levee_model::{Diagnostic, Diagnostics, Kind, MachinePlace, Mode, ModulePath, Path, ResourceAddr, Span, Value};
use levee_sdk::schema::{Block as SchemaBlock, NestedBlock, Nesting, Schema};
use std::sync::Arc;

/// What is wrong with the names in expressions.
pub(super) struct Problems {
    pub(super) found: Diagnostics,
    /// Whether something that is named is not there at all, so that nothing can be said of the rest.
    pub(super) unusable: bool,
}

impl ModuleScope<'_> {
    /// What is wrong with the names in expressions.
    pub(super) fn problems(&self, exprs: &[&Expr]) -> Problems {
        let (mut diags, mut found) = (Diagnostics::new(), Diagnostics::new());
        let (mut refs, mut nameless) = (Vec::new(), Vec::new());
        for expr in exprs {
            expr.visit(&mut |e| match &e.kind {
                ExprKind::Unresolved(name) => {
                    diags.push(name.problem.clone());
                    nameless.extend(&name.nameless);
                }
                ExprKind::Ref(r) if !matches!(r.subject, Subject::Bound { .. }) => refs.push(&**r),
                _ => {}
            });
        }
        refs.iter().for_each(|r| self.check(r, &mut found));
        let unusable = found.has_errors();
        if !unusable {
            found.extend(nameless.into_iter().filter_map(|r| self.without_name(r)));
            for r in refs {
                if !matches!(r.subject, Subject::Resource { .. } | Subject::Module(_))
                    && let Err(problem) = self.root(&r.subject, r.span)
                {
                    found.push(each_value(r).unwrap_or(problem));
                } else if let Err(problem) = self.member(r) {
                    found.push(problem.at(r.span));
                }
            }
        }
        diags.extend(found);
        Problems { found: diags, unusable }
    }

    /// What is said of an object whose attribute is not named, beside that: Terraform looks for one without a name, nowhere.
    fn without_name(&self, r: &Reference) -> Option<Diagnostic> {
        let told = match &r.subject {
            Subject::Each => no_attribute("each", EACH),
            Subject::Count => no_attribute("count", COUNT),
            Subject::Variable(_) | Subject::Local(_) => self.root(&r.subject, r.span).err()?,
            _ => self.member(r).err()?,
        };
        Some(told.at(r.span).placed(MachinePlace::Empty))
    }

    /// What is wrong with what `depends_on` names. After a first mistake nothing more is looked up, as with Terraform.
    pub(super) fn dependency_problems(&self, refs: &[Reference]) -> Diagnostics {
        let mut found = Diagnostics::new();
        for r in refs {
            if names_part(r) {
                let detail = "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.";
                found.push(Diagnostic::error("Invalid depends_on reference", detail).at(r.span));
            } else if found.has_errors() {
            } else if matches!(r.subject, Subject::Resource { .. } | Subject::Module(_)) {
                self.check(r, &mut found);
            } else {
                found.extend(self.root(&r.subject, r.span).err());
            }
        }
        found
    }

    /// What can be said about one reference from declarations and schemas alone.
    fn check(&self, r: &Reference, diags: &mut Diagnostics) {
        let Some(module) = self.world.config.modules.get(&self.path) else { return };
        match &r.subject {
            Subject::Module(name) => diags.extend(check_call(module, name, r.span)),
            Subject::Resource { mode, type_name, name } => self.check_resource(module, r, (*mode, type_name.clone(), name.clone()), diags),
            Subject::SelfObject => match &self.repeated.owner {
                Some(owner) => {
                    let own = owner.mode;
                    if let Some(resource) = module.resources.get(&(own, owner.type_name.clone(), owner.name.clone())) {
                        let subject = Subject::Resource { mode: own, type_name: owner.type_name.clone(), name: owner.name.clone() };
                        self.check_steps(resource, &subject, constant_steps(&r.steps), r.span, diags);
                    }
                }
                None if self.repeated.self_object.is_none() => diags.extend(self.root(&r.subject, r.span).err()),
                None => {}
            },
            _ => {}
        }
    }

    fn check_resource(&self, module: &Module, r: &Reference, key: (Mode, Arc<str>, Arc<str>), diags: &mut Diagnostics) {
        let (mode, type_name, name) = key.clone();
        let Some(declared) = self.world.blocks.resource_block(&ResourceAddr { module: self.path.clone(), mode, type_name, name }) else {
            return diags.push(undeclared_resource(module, &key).at(r.span));
        };
        let resource = &*declared.resource;
        if resource.container.is_some() && resource.container != self.repeated.check {
            let (_, type_name, name) = &key;
            let kind = if key.0 == Mode::Data { "data" } else { "managed" };
            let detail = format!("The referenced {kind} resource {type_name:?} {name:?} is not available from this context.");
            diags.push(Diagnostic::error("Reference to scoped resource", detail).at(r.span));
        }
        let steps = constant_steps(&r.steps);
        let (indexed, steps) = match steps.split_first() {
            Some((TraversalStep::Index { .. }, rest)) => (true, rest),
            _ => (false, steps),
        };
        let addr = &r.subject;
        if indexed && resource.count.is_none() && resource.for_each.is_none() {
            let detail = format!(
                "Because {addr} does not have \"count\" or \"for_each\" set, references to it must not include an index key. Remove the bracketed index to refer to the single instance of this resource."
            );
            diags.push(Diagnostic::error("Unexpected resource instance key", detail).at(r.span));
        }
        let repeated = resource.count.as_ref().map(|_| ("count", "count.index"));
        let repeated = repeated.or(resource.for_each.as_ref().map(|_| ("for_each", "each.key")));
        if let (Some((argument, example)), false, false) = (repeated, indexed, steps.is_empty()) {
            let detail = format!(
                "Because {addr} has {argument:?} set, its attributes must be accessed on specific instances.\n\nFor example, to correlate with indices of a referring resource, use:\n    {addr}[{example}]"
            );
            diags.push(Diagnostic::error("Missing resource instance key", detail).at(r.span));
        }
        self.check_steps(resource, addr, steps, r.span, diags);
    }

    /// What follows a resource or one instance of it, against the type's schema.
    fn check_steps(&self, resource: &Resource, addr: &Subject, steps: &[TraversalStep], span: Span, diags: &mut Diagnostics) {
        if let Some(TraversalStep::Attr { name, .. }) = steps.first()
            && &**name == "count"
        {
            let detail = format!(
                "The special \"count\" attribute is no longer supported after Terraform v0.12. Instead, use length({addr}) to count resource instances."
            );
            return diags.push(Diagnostic::error("Invalid resource count attribute", detail).at(span));
        }
        if let Some(schema) = schema_of(self.world, &self.path, resource) {
            diags.extend(check_block(&schema.block, steps).err());
        }
    }

    /// Names that objects of the language itself do not have.
    fn member(&self, r: &Reference) -> Result<(), Diagnostic> {
        let (root, known, tail): (_, &[&str], _) = match r.subject {
            Subject::Path => ("path", &["module", "root", "cwd"], ""),
            Subject::Terraform => (
                "terraform",
                &["workspace", "applying"],
                " The only supported attributes are terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a boolean which is true only during apply.",
            ),
            _ => return Ok(()),
        };
        match r.steps.first() {
            Some(TraversalStep::Attr { name, .. }) if root == "terraform" && &**name == "env" => Err(Diagnostic::error(
                "Invalid \"terraform\" attribute",
                "The terraform.env attribute was deprecated in v0.10 and removed in v0.12. The \"state environment\" concept was renamed to \"workspace\" in v0.12, and so the workspace name can now be accessed using the terraform.workspace attribute.",
            )),
            Some(TraversalStep::Attr { name, .. }) if !known.contains(&&**name) => {
                let close = suggest(name, known.iter().copied()).filter(|_| root == "path");
                let close = close.map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
                let detail = format!("The {root:?} object does not have an attribute named {name:?}.{close}{tail}");
                Err(Diagnostic::error(format!("Invalid {root:?} attribute"), detail))
            }
            _ => Ok(()),
        }
    }
}

const EACH: &str =
    "The supported attributes are each.key and each.value, the current key and value pair of the \"for_each\" attribute set.";
const COUNT: &str = "The only supported attribute is count.index, which is the index of each instance of a resource block that has the \"count\" argument set.";

fn no_attribute(root: &str, supported: &str) -> Diagnostic {
    let detail = format!("The {root:?} object does not have an attribute named \"\". {supported}");
    Diagnostic::error(format!("Invalid {root:?} attribute"), detail)
}

/// Whether a reference goes on behind the whole thing that it names.
fn names_part(r: &Reference) -> bool {
    let index = usize::from(matches!(r.steps.first(), Some(TraversalStep::Index { .. })));
    let whole = match &r.subject {
        Subject::Resource { .. } => index,
        Subject::Module(_) => index + 1,
        Subject::Each | Subject::Count | Subject::Path | Subject::Terraform => 1,
        _ => 0,
    };
    r.steps.len() > whole
}

/// `each.value` where there is none is told apart from `each.key`.
fn each_value(r: &Reference) -> Option<Diagnostic> {
    let value = matches!(r.steps.first(), Some(TraversalStep::Attr { name, .. }) if &**name == "value");
    (r.subject == Subject::Each && value).then(|| {
        let detail = "A reference to \"each.value\" has been used in a context in which it is unavailable, such as when the configuration no longer contains the value in its \"for_each\" expression. Remove this reference to each.value in your configuration to work around this error.";
        Diagnostic::error("each.value cannot be used in this context", detail).at(r.span)
    })
}

/// The schema behind a resource block, if its type is built in.
fn schema_of(world: &World, path: &ModulePath, resource: &Resource) -> Option<Arc<Schema>> {
    let (module, mode, type_name, name) = (path.clone(), resource.mode, resource.type_name.clone(), resource.name.clone());
    let source = &world.blocks.resource_block(&ResourceAddr { module, mode, type_name, name })?.source;
    match resource.mode {
        Mode::Managed => world.registry.resource(source, &resource.type_name).map(|r| r.schema()),
        Mode::Data => world.registry.data_source(source, &resource.type_name).map(|d| d.schema()),
        Mode::Ephemeral => world.registry.ephemeral(source, &resource.type_name).map(|e| e.schema()),
    }
}

/// The steps up to the first whose key must be evaluated.
fn constant_steps(steps: &[TraversalStep]) -> &[TraversalStep] {
    let constant = |s: &&TraversalStep| match s {
        TraversalStep::Attr { .. } => true,
        TraversalStep::Index { key, .. } => matches!(key.kind, ExprKind::Literal(_)),
    };
    &steps[..steps.iter().take_while(constant).count()]
}

fn home(module: &Module) -> String {
    if module.path.is_root() { "the root module".into() } else { module.path.to_string() }
}

fn check_call(module: &Module, name: &str, span: Span) -> Option<Diagnostic> {
    if module.calls.contains_key(name) {
        return None;
    }
    let tail = suggest(name, module.calls.keys().map(|k| &**k)).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
    let detail = format!("No module call named {name:?} is declared in {}.{tail}", home(module));
    Some(Diagnostic::error("Reference to undeclared module", detail).at(span))
}

/// Calls that a call's `depends_on` names and that are not there.
pub(super) fn undeclared_calls(config: &Config, path: &ModulePath, refs: &[Reference]) -> Diagnostics {
    let Some(module) = config.modules.get(path) else { return Diagnostics::new() };
    let missing = |r: &Reference| match &r.subject {
        Subject::Module(name) => check_call(module, name, r.span),
        _ => None,
    };
    refs.iter().filter_map(missing).collect()
}

fn undeclared_resource(module: &Module, (mode, type_name, name): &(Mode, Arc<str>, Arc<str>)) -> Diagnostic {
    let kind = match mode {
        Mode::Managed => "A managed",
        Mode::Data => "A data",
        Mode::Ephemeral => "An ephemeral",
    };
    let data = *mode == Mode::Managed && module.resources.contains_key(&(Mode::Data, type_name.clone(), name.clone()));
    let tail = if data { format!("\n\nDid you mean the data resource data.{type_name}.{name}?") } else { String::new() };
    let detail = format!("{kind} resource {type_name:?} {name:?} has not been declared in {}.{tail}", home(module));
    Diagnostic::error("Reference to undeclared resource", detail)
}

/// Steps that follow an object of the schema's type.
fn check_block(block: &SchemaBlock, steps: &[TraversalStep]) -> Result<(), Diagnostic> {
    let Some((first, rest)) = steps.split_first() else { return Ok(()) };
    let (name, span) = match first {
        TraversalStep::Attr { name, span } => (name, *span),
        TraversalStep::Index { key, span } => return Err(index_of_object(key).at(*span)),
    };
    if let Some(attribute) = block.attributes.get(name) {
        return eval::constant_steps(Value::unknown(attribute.ty.clone()), rest).map(drop);
    }
    if let Some(nested) = block.blocks.get(name) {
        return check_nested(nested, name, rest);
    }
    let known = block.attributes.keys().chain(block.blocks.keys()).map(|k| &**k);
    let tail = suggest(name, known).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
    let detail = format!("This object has no argument, nested block, or exported attribute named {name:?}.{tail}");
    Err(Diagnostic::error("Unsupported attribute", detail).at(span))
}

/// What `ignore_changes` names, against the type's schema.
pub(super) fn check_ignored(resource: &Resource, block: &SchemaBlock) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let Some(IgnoreChanges::Paths(paths)) = resource.lifecycle.as_ref().map(|l| &l.ignore_changes) else { return diags };
    for path in paths {
        let mut steps = vec![TraversalStep::Attr { name: path.root.clone(), span: path.span }];
        steps.extend(path.steps.iter().cloned());
        diags.extend(check_block(block, &steps).err().map(|d| d.at_if_none(Some(path.span))));
        let decided = block.attributes.get(&path.root).is_some_and(|a| a.computed && !a.optional);
        if decided && !diags.has_errors() {
            let named = Path(steps.iter().filter_map(TraversalStep::constant).collect());
            let detail = format!(
                "Adding an attribute name to ignore_changes tells Levee to ignore future changes to the argument in configuration after the object has been created, retaining the value originally configured.\n\nThe attribute {named} is decided by the provider alone and therefore there can be no configured value to compare with. Including this attribute in ignore_changes has no effect. Remove the attribute from ignore_changes to quiet this warning."
            );
            diags.push(Diagnostic::warning("Redundant ignore_changes element", detail).at(resource.span));
        }
    }
    diags
}

fn index_of_object(key: &Expr) -> Diagnostic {
    let name = key.as_literal().and_then(|v| match v.kind() {
        Kind::String(s) if s.starts_with(|c: char| c.is_alphabetic()) && s.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) => {
            Some(s)
        }
        _ => None,
    });
    let detail = match name {
        Some(name) => format!("Only attribute access is allowed here. Did you mean to access attribute {name:?} using the dot operator?"),
        None => "Only attribute access is allowed here, using the dot operator.".to_owned(),
    };
    Diagnostic::error("Invalid index operation", detail)
}

fn check_nested(nested: &NestedBlock, name: &str, steps: &[TraversalStep]) -> Result<(), Diagnostic> {
    let Some((first, rest)) = steps.split_first() else { return Ok(()) };
    match (nested.nesting, first) {
        (Nesting::Single | Nesting::Group, _) => check_block(&nested.block, steps),
        (Nesting::List, TraversalStep::Index { .. }) | (Nesting::Map, _) => check_block(&nested.block, rest),
        (Nesting::List, TraversalStep::Attr { span, .. }) => {
            let detail = format!(
                "Block type {name:?} is represented by a list of objects, so it must be indexed using a numeric key, like .{name}[0]."
            );
            Err(Diagnostic::error("Invalid operation", detail).at(*span))
        }
        (Nesting::Set, step) => {
            let detail = format!(
                "Block type {name:?} is represented by a set of objects, and set elements do not have addressable keys. To find elements matching specific criteria, use a \"for\" expression with an \"if\" clause."
            );
            Err(Diagnostic::error("Cannot index a set value", detail).at(step.span()))
        }
    }
}
