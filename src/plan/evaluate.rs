//! The value of one block in one module instance. Pure: it reads the world and changes nothing.

use super::conditions::{ConditionOutcome, Rule, check};
use super::scope::{ModuleScope, Repeated};
use super::values::{Entry, Instances, ModuleId, Needs, Shape, World};
use crate::config::{Expr, Module, ModuleCall, Reference, Resource, Subject, Variable, suggest};
use crate::eval::input::{Origin, RootInput};
use crate::eval::{self, repetition::Repetition};
use crate::graph::Block;
use levee_model::{Diagnostic, Diagnostics, InstanceKey, Marks, ModulePath, Span, Type, Value};
use levee_sdk::schema::Block as SchemaBlock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is given for the root module's variables.
pub type RootInputs = BTreeMap<Arc<str>, RootInput>;

/// A value, what was read to find it, and what was wrong.
#[derive(Debug)]
pub struct Evaluated {
    /// The value; unknown where something was wrong.
    pub value: Value,
    /// What was read.
    pub needs: Needs,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// The value of an expression that stands in `module`.
pub fn expression(world: &World, module: ModuleId, repeated: Repeated, expr: &Expr) -> Evaluated {
    let scope = ModuleScope::new(world, module, repeated);
    let mut diagnostics = if world.checking { scope.problems(&[expr]).found } else { Diagnostics::new() };
    let value = if diagnostics.has_errors() { Value::unknown(Type::Dynamic) } else { eval::evaluate(expr, &scope, &mut diagnostics) };
    Evaluated { value, needs: scope.reads(), diagnostics }
}

/// The value of a block's inside, of the schema's type.
pub fn body(world: &World, module: ModuleId, repeated: Repeated, body: &crate::config::Body, schema: &SchemaBlock) -> Evaluated {
    let scope = ModuleScope::new(world, module, repeated);
    // Arguments that the type does not have are reported as that; what they say does not count.
    let known = |name: &str| schema.attributes.contains_key(name) || schema.blocks.contains_key(name);
    let mut diagnostics = if world.checking { scope.problems(&body.expressions(known)).found } else { Diagnostics::new() };
    let failed = diagnostics.has_errors();
    let value = if failed { Value::unknown(schema.ty()) } else { eval::evaluate_body(body, schema, &scope, &mut diagnostics) };
    Evaluated { value, needs: scope.reads(), diagnostics }
}

/// A local value.
pub fn local(world: &World, module: ModuleId, path: &ModulePath, name: &str) -> Option<Evaluated> {
    let local = world.config.modules.get(path)?.locals.get(name)?;
    let own = |r: &&Reference| matches!(&r.subject, Subject::Local(n) if **n == *name);
    if let Some(own) = local.expr.references().into_iter().find(own) {
        let detail = format!("Local value local.{name} cannot use its own result as part of its expression.");
        let diagnostics = Diagnostic::error("Self-referencing local value", detail).at(own.span).into();
        return Some(Evaluated { value: Value::unknown(Type::Dynamic), needs: Needs::new(), diagnostics });
    }
    Some(expression(world, module, Repeated::default(), &local.expr))
}

/// An output value, its preconditions checked.
pub fn output(world: &World, module: ModuleId, path: &ModulePath, name: &str, checks: &mut Vec<ConditionOutcome>) -> Option<Evaluated> {
    let output = world.config.modules.get(path)?.outputs.get(name)?;
    if let Some((value, needs)) = world.images.as_ref().filter(|_| path.is_root()).and_then(|images| images.output(world, name)) {
        return Some(Evaluated { value, needs, diagnostics: Diagnostics::new() });
    }
    if path.is_root() && output.ephemeral {
        let detail = "Ephemeral outputs are not allowed in context of a root module";
        let diagnostics = Diagnostic::error("Ephemeral output not allowed", detail).at(output.span).into();
        return Some(Evaluated { value: Value::unknown(Type::Dynamic), needs: Needs::new(), diagnostics });
    }
    let mut needs = Needs::new();
    let mut diagnostics = Diagnostics::new();
    let addr = Block::Output(path.clone(), Arc::from(name)).to_string();
    let conditions = check(world, module, &Repeated::default(), &output.preconditions, &addr, Rule::Output);
    needs.extend(conditions.needs);
    let failed = conditions.diagnostics.has_errors();
    diagnostics.extend(conditions.diagnostics);
    checks.extend(conditions.outcomes);
    let mut found = expression(world, module, Repeated::default(), &output.expr);
    needs.append(&mut found.needs);
    needs.extend(depends_on(world, module, path, &output.depends_on));
    diagnostics.extend(found.diagnostics);
    diagnostics.extend(depends_on_problems(world, module, &output.depends_on));
    let hidden = found.value.clone().unmark_deep().1.contains(Marks::SENSITIVE);
    if path.is_root() && hidden && !output.sensitive {
        diagnostics.push(undeclared_sensitive(output.span));
    }
    let ephemeral = found.value.clone().unmark_deep().1.contains(Marks::EPHEMERAL);
    if ephemeral && !output.ephemeral {
        let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value.";
        diagnostics.push(Diagnostic::error("Ephemeral value not allowed", detail).at(output.expr.span));
    }
    // Within the configuration an output is as sensitive as what it is made of; to the outside, as it is declared.
    let value = if output.sensitive && path.is_root() { found.value.sensitive() } else { found.value };
    let value = if output.ephemeral { value.mark(Marks::EPHEMERAL) } else { value };
    let value = if failed { Value::unknown(Type::Dynamic) } else { value };
    Some(Evaluated { value, needs, diagnostics })
}

fn undeclared_sensitive(span: Span) -> Diagnostic {
    let detail = "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, Terraform requires \
                  that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your \
                  intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the following \
                  argument:\n    sensitive = true";
    Diagnostic::error("Output refers to sensitive values", detail).at(span)
}

/// What is wrong with what `depends_on` names.
pub fn depends_on_problems(world: &World, module: ModuleId, refs: &[crate::config::Reference]) -> Diagnostics {
    if world.checking { ModuleScope::new(world, module, Repeated::default()).dependency_problems(refs) } else { Diagnostics::new() }
}

/// The nodes that `depends_on` waits for.
pub fn depends_on(world: &World, module: ModuleId, path: &ModulePath, refs: &[crate::config::Reference]) -> Needs {
    let mut blocks = Vec::new();
    for reference in refs {
        crate::graph::build::reference_needs(path, reference, &mut |b| blocks.push(b));
    }
    let mut out = Needs::new();
    for block in &blocks {
        let Some(id) = world.blocks.id(block) else { continue };
        match block {
            Block::Close(child) => {
                let home = world.module(module);
                let inside = world.instances_of(child).into_iter().filter(|m| world.module(*m).starts_with(home));
                out.extend(inside.filter_map(|m| match world.entry(id, m) {
                    Some(Entry::Value(node, _)) => Some(*node),
                    _ => None,
                }));
            }
            _ => match world.entry(id, module) {
                Some(Entry::Value(node, _) | Entry::Call(node, ..)) => out.push(*node),
                Some(Entry::Resource(r)) => out.push(r.group),
                None => {}
            },
        }
    }
    out
}

/// An input variable: for the root module from `inputs`, else from the call.
pub fn variable(world: &World, module: ModuleId, path: &ModulePath, name: &str, inputs: &RootInputs) -> Option<Evaluated> {
    let variable = world.config.modules.get(path)?.variables.get(name)?;
    let Some((parent, call)) = path.split_last() else { return Some(root_variable(world, variable, inputs.get(name))) };
    let mut found = argument(world, module, &parent, &call, variable)?;
    found.value = eval::input::marked(variable, found.value);
    Some(found)
}

/// A check holds for all inputs, so that it takes none.
fn root_variable(world: &World, variable: &Variable, input: Option<&RootInput>) -> Evaluated {
    let mut diagnostics = Diagnostics::new();
    let value = match input {
        _ if world.declared_only => None,
        Some(input) => {
            let addr = format!("var.{}", variable.name);
            diagnostics.keep(eval::variable_value(variable, &addr, &input.value, input.origin(), &world.config.sources))
        }
        None => return default(variable),
    };
    let value = value.unwrap_or_else(|| eval::input::marked(variable, Value::unknown(variable.ty.clone())));
    Evaluated { value, needs: Needs::new(), diagnostics }
}

/// Where a variable's value is given, if that has a place.
pub fn place_given(world: &World, path: &ModulePath, name: &str, inputs: &RootInputs) -> Option<Span> {
    let Some((parent, call)) = path.split_last() else { return inputs.get(name).and_then(|i| i.span) };
    Some(world.config.modules.get(&parent)?.calls.get(&call)?.arguments.attribute(name)?.expr.span)
}

/// What a module call says about one of the called module's variables.
fn argument(world: &World, module: ModuleId, parent: &ModulePath, call: &str, variable: &Variable) -> Option<Evaluated> {
    let call = world.config.modules.get(parent)?.calls.get(call)?;
    let (caller, step) = world.module(module).split_last()?;
    let caller = world.module_id(&caller)?;
    let Some(attribute) = call.arguments.attribute(&variable.name) else {
        return Some(default(variable));
    };
    let block = world.blocks.id(&Block::Call(world.module(module).path()))?;
    let instance = match world.entry(block, caller) {
        // As long as only the declarations count, nobody asks what repeats the call.
        _ if world.declared_only => Some(Repeated { each: Some(Value::unknown(Type::Dynamic)), ..Repeated::default() }),
        Some(Entry::Call(_, shape, keys)) => keys.get(&step.key).map(|each| repeated(*shape, &step.key, each)),
        _ => None,
    };
    let mut found = expression(world, caller, instance.unwrap_or_default(), &attribute.expr);
    let addr = format!("{}.var.{}", world.module(module), variable.name);
    match eval::variable_value(variable, &addr, &found.value, Origin::Place(attribute.expr.span), &world.config.sources) {
        Ok(value) => found.value = value,
        Err(d) => {
            found.value = Value::unknown(variable.ty.clone());
            found.diagnostics.push(d.at_if_none(Some(attribute.expr.span)));
        }
    }
    Some(found)
}

/// Arguments of a module call that the called module does not know, and those that it asks for in vain.
pub fn call_mistakes(call: &ModuleCall, called: &Module) -> Diagnostics {
    let mut out = Diagnostics::new();
    for variable in called.variables.values().filter(|v| v.default.is_none() && call.arguments.attribute(&v.name).is_none()) {
        let detail = format!("The argument {:?} is required, but no definition was found.", &*variable.name);
        out.push(Diagnostic::error("Missing required argument", detail).at(call.span));
    }
    if call.arguments.overridden {
        return out;
    }
    let known = |name: &str| called.variables.contains_key(name);
    let unset = || called.variables.keys().map(|k| &**k).filter(|k| call.arguments.attribute(k).is_none());
    let close = |name: &str| suggest(name, unset()).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
    for a in call.arguments.attributes.iter().filter(|a| !known(&a.name)) {
        let detail = format!("An argument named {:?} is not expected here.{}", &*a.name, close(&a.name));
        out.push(Diagnostic::error("Unsupported argument", detail).at(a.name_span));
    }
    for b in &call.arguments.blocks {
        let tail = if known(&b.type_name) {
            format!(" Did you mean to define argument {:?}? If so, use the equals sign to assign it a value.", &*b.type_name)
        } else {
            String::new()
        };
        let detail = format!("Blocks of type {:?} are not expected here.{tail}", &*b.type_name);
        out.push(Diagnostic::error("Unsupported block type", detail).at(b.type_span));
    }
    out
}

/// What a variable is when nothing is given for it; unknown where it has no default, which is somebody else's to report.
fn default(variable: &Variable) -> Evaluated {
    let mut diagnostics = Diagnostics::new();
    let value = eval::default_value(variable).map_err(|found| diagnostics.extend(found)).ok().flatten();
    let value = value.unwrap_or_else(|| eval::input::marked(variable, Value::unknown(variable.ty.clone())));
    Evaluated { value, needs: Needs::new(), diagnostics }
}

/// Which instances a block has.
pub struct Expanded {
    /// Whether and how it is repeated.
    pub shape: Shape,
    /// Its instances and their `each.value`; `None` when it is not known yet.
    pub instances: Option<Instances>,
    /// What was read.
    pub needs: Needs,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// Evaluates `count` and `for_each`.
pub fn expansion(world: &World, module: ModuleId, count: Option<&Expr>, for_each: Option<&Expr>) -> Expanded {
    if count.is_none() && for_each.is_none() {
        let (shape, instances) = shaped(Repetition::Single, false);
        return Expanded { shape, instances, needs: Needs::new(), diagnostics: Diagnostics::new() };
    }
    let scope = ModuleScope::new(world, module, Repeated::default());
    let exprs: Vec<&Expr> = count.into_iter().chain(for_each).collect();
    let mut diagnostics = if world.checking { scope.problems(&exprs).found } else { Diagnostics::new() };
    let failed = diagnostics.has_errors();
    let found = if failed { Repetition::Unknown } else { eval::repetition::expand(count, for_each, &scope, &mut diagnostics) };
    let (shape, instances) = shaped(found, count.is_some());
    // What is wrong has been said: that the number is not known either would be said for nothing.
    let instances = if diagnostics.has_errors() { Some(Instances::new()) } else { instances };
    Expanded { shape, instances, needs: scope.reads(), diagnostics }
}

fn shaped(found: Repetition, counted: bool) -> (Shape, Option<Instances>) {
    match found {
        Repetition::Single => (Shape::Single, Some(Instances::from([(InstanceKey::None, Value::null(Type::Dynamic))]))),
        Repetition::Count(n) => {
            let keys = (0..n).map(|i| (InstanceKey::Int(i), Value::null(Type::Dynamic)));
            (Shape::Count, Some(keys.collect()))
        }
        Repetition::ForEach(elements) => {
            (Shape::ForEach, Some(elements.iter().map(|(k, v)| (InstanceKey::Str(k.clone()), v.clone())).collect()))
        }
        Repetition::Unknown if counted => (Shape::Count, None),
        Repetition::Unknown => (Shape::ForEach, None),
    }
}

/// What `each.value` and `count.index` are in one instance. An unknown value stands for instances that are not known.
pub fn repeated(shape: Shape, key: &InstanceKey, each: &Value) -> Repeated {
    let each = (shape == Shape::ForEach || !each.is_known()).then(|| each.clone());
    Repeated { key: key.clone(), each, shape: Some(shape), ..Repeated::default() }
}

/// The declaration of a resource block.
pub fn resource<'w>(world: &'w World, block: &Block) -> Option<&'w Arc<Resource>> {
    Some(&world.blocks.declared(world.blocks.id(block)?)?.resource)
}

/// A message of a type about its block: at the argument that it speaks of, or else at the block's heading.
pub fn at_argument(d: Diagnostic, body: &crate::config::Body, heading: Span) -> Diagnostic {
    let argument = d.argument.as_ref().and_then(|name| body.attribute(name)).map(|a| a.expr.span);
    d.at_if_none(argument).at_if_none(Some(heading))
}

/// Ephemeral values where they would be stored: only write-only arguments take them.
pub fn forbidden_ephemeral(body: &crate::config::Body, schema: &SchemaBlock, value: &Value) -> Diagnostics {
    let mut out = Diagnostics::new();
    if value.has_marks() {
        forbidden_below("", body, schema, value, &mut out);
    }
    out
}

fn forbidden_below(prefix: &str, body: &crate::config::Body, schema: &SchemaBlock, value: &Value, out: &mut Diagnostics) {
    let is_ephemeral = |v: &Value| v.clone().unmark_deep().1.contains(Marks::EPHEMERAL);
    for (name, _) in schema.attributes.iter().filter(|(_, a)| !a.write_only) {
        if value.get(name).is_some_and(|v| is_ephemeral(&v)) {
            let detail = format!(
                "Ephemeral values are not valid for \"{prefix}{name}\", because it is not a write-only attribute and must be persisted to state."
            );
            let span = body.attribute(name).map_or(body.span, |a| a.expr.span);
            out.push(Diagnostic::error("Invalid use of ephemeral value", detail).at(span));
        }
    }
    for (name, nested) in &schema.blocks {
        let Some(made) = value.get(name).filter(is_ephemeral) else { continue };
        let written: Vec<_> = body.blocks_of(name).collect();
        let made = made.unmark().0;
        let single = [made.clone()];
        for (i, inner) in made.elements().unwrap_or(&single).iter().enumerate() {
            let place = written.get(i).or(written.last()).map_or(body, |b| &b.body);
            let at = if made.elements().is_some() { format!("{prefix}{name}[{i}].") } else { format!("{prefix}{name}.") };
            forbidden_below(&at, place, &nested.block, inner, out);
        }
    }
}
