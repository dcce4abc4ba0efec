//! What names mean in one place of the configuration, and a record of what was read.

use super::values::{Entry, ModuleId, Needs, NodeId, Shape, World, stands_for_unknown, together};
use crate::config::{Expr, ProviderSource, Subject, TraversalStep, suggest};
use crate::eval::{Scope, constant_steps, functions, input};
use crate::graph::Block;
use levee_model::{Diagnostic, InstanceKey, Marks, Mode, ModulePath, ResourceAddr, Span, Type, Value};
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

/// The names that only one repeated block sees.
#[derive(Clone, Debug, Default)]
pub struct Repeated {
    /// Which instance: `count.index` or `each.key`.
    pub key: InstanceKey,
    /// `each.value`
    pub each: Option<Value>,
    /// What repeats it, which decides whether there is `each` or `count`; none where both can be asked for.
    pub shape: Option<Shape>,
    /// `self`
    pub self_object: Option<Value>,
    /// The check block that it stands in.
    pub check: Option<Arc<str>>,
    /// The variable whose validations are checked: its own value counts.
    pub validating: Option<Arc<str>>,
    /// The resource that `self` is an instance of.
    pub owner: Option<ResourceAddr>,
}

/// The scope of one module instance.
pub struct ModuleScope<'w> {
    pub(super) world: &'w World,
    module: ModuleId,
    pub(super) path: ModulePath,
    pub(super) repeated: Repeated,
    reads: RefCell<Needs>,
}

impl<'w> ModuleScope<'w> {
    /// The names that a block in `module` sees.
    pub fn new(world: &'w World, module: ModuleId, repeated: Repeated) -> Self {
        let path = world.module(module).path();
        Self { world, module, path, repeated, reads: RefCell::default() }
    }

    /// The names that an object's own block sees when nothing else may be asked: `self`, `each.key`, `count.index`,
    /// `path` and `terraform`. The module instance itself may be gone from the configuration by then.
    pub fn of_object(world: &'w World, path: ModulePath, repeated: Repeated) -> Self {
        Self { world, module: ModuleId(0), path, repeated, reads: RefCell::default() }
    }

    /// What was read so far.
    pub fn reads(self) -> Needs {
        self.reads.into_inner()
    }

    fn read(&self, node: NodeId) {
        let mut reads = self.reads.borrow_mut();
        if reads.last() != Some(&node) {
            reads.push(node);
        }
    }

    fn named(&self, block: &Block, what: &str, name: &str, span: Span) -> Result<Value, Diagnostic> {
        match self.world.value(block, self.module) {
            Some((node, value)) => {
                self.read(node);
                Ok(self.declared_variable(block).unwrap_or_else(|| value.clone()))
            }
            None if self.world.blocks.id(block).is_some() => Ok(Value::unknown(Type::Dynamic)),
            None => Err(self.undeclared(block, what, name, span)),
        }
    }

    /// Whether steps are being carried out, which no plan may remember.
    fn applying(&self) -> Value {
        let value = if self.world.declared_only { Value::unknown(Type::Bool) } else { Value::bool(self.world.applying) };
        value.mark(Marks::EPHEMERAL)
    }

    /// A variable of which nothing but its declaration is known.
    fn declared_variable(&self, block: &Block) -> Option<Value> {
        let Block::Variable(path, name) = block else { return None };
        if !self.world.declared_only || self.repeated.validating.as_ref() == Some(name) {
            return None;
        }
        let variable = self.world.config.modules.get(path)?.variables.get(name)?;
        Some(input::marked(variable, Value::unknown(variable.ty.clone())))
    }

    fn undeclared(&self, block: &Block, what: &str, name: &str, span: Span) -> Diagnostic {
        let module = self.world.config.modules.get(&self.path);
        let close = match block {
            Block::Variable(..) => module.and_then(|m| suggest(name, m.variables.keys().map(|k| &**k))),
            _ => module.and_then(|m| suggest(name, m.locals.keys().map(|k| &**k))),
        };
        let tail = match (close, block) {
            (Some(close), _) => format!(" Did you mean {close:?}?"),
            (None, Block::Variable(..)) => format!(" This variable can be declared with a variable {name:?} {{}} block."),
            (None, _) => String::new(),
        };
        let article = if matches!(block, Block::Variable(..)) { "An" } else { "A" };
        let detail = format!("{article} {what} with the name {name:?} has not been declared.{tail}");
        Diagnostic::error(format!("Reference to undeclared {what}"), detail).at(span)
    }

    fn path_object(&self) -> Value {
        let module = self.world.config.modules.get(&self.path);
        let text = |p: &Path| {
            let shown = p.to_string_lossy();
            Value::string(if shown.is_empty() { ".".to_owned() } else { shown.into_owned() })
        };
        let dir = module.map_or(Path::new("."), |m| m.dir.as_path());
        let root = self.world.config.modules.get(&ModulePath::root()).map_or(Path::new("."), |m| &m.dir);
        object([("module", text(dir)), ("root", text(root)), ("cwd", text(&self.world.surroundings.cwd))])
    }

    fn each(&self, span: Span) -> Result<Value, Diagnostic> {
        let each = self.repeated.each.as_ref().filter(|_| self.repeated.shape != Some(Shape::Count));
        match (&self.repeated.key, each) {
            (InstanceKey::Str(key), Some(value)) => Ok(object([("key", Value::string(key.clone())), ("value", value.clone())])),
            // An import may go through a list.
            (InstanceKey::Int(key), Some(value)) if value.is_known() => Ok(object([("key", Value::number(*key)), ("value", value.clone())])),
            (InstanceKey::None, Some(value)) => Ok(object([("key", Value::unknown(Type::String)), ("value", value.clone())])),
            _ => Err(Diagnostic::error(
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
            )
            .at(span)),
        }
    }

    fn count(&self, span: Span) -> Result<Value, Diagnostic> {
        match &self.repeated.key {
            InstanceKey::Int(n) => Ok(object([("index", Value::number(*n))])),
            InstanceKey::None if self.repeated.shape != Some(Shape::ForEach) && self.repeated.each.as_ref().is_some_and(|e| !e.is_known()) => {
                Ok(object([("index", Value::unknown(Type::Number))]))
            }
            _ => Err(Diagnostic::error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.",
            )
            .at(span)),
        }
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::object(members.into_iter().map(|(k, v)| (Arc::from(k), v)).collect())
}

fn undeclared(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(format!("Reference to undeclared {what}"), format!("There is no {what} named {name:?} in this module.")).at(span)
}

/// What is said when an index names no instance.
fn no_instance(addr: &str, key: &InstanceKey, shape: Shape, is_empty: bool, span: Span) -> Diagnostic {
    let (summary, detail) = match (shape, key) {
        (Shape::Single | Shape::ForEach, InstanceKey::Int(_)) => (
            "Invalid index",
            "The given key does not identify an element in this collection value. An object only supports looking up attributes by name, not by numeric index.".to_owned(),
        ),
        (Shape::Single, _) => (
            "Unexpected instance key",
            format!("{addr} has neither \"count\" nor \"for_each\", so references to it must not have an index. Take {key} out."),
        ),
        _ => {
            let why = match (shape, key) {
                (Shape::Count, InstanceKey::Str(_)) => ": a number is required",
                (Shape::Count, _) if is_empty => ": the collection has no elements",
                (Shape::Count, _) => ": the given index is greater than or equal to the length of the collection",
                _ => "",
            };
            ("Invalid index", format!("The given key does not identify an element in this collection value{why}."))
        }
    };
    Diagnostic::error(summary, detail).at(span)
}

impl Scope for ModuleScope<'_> {
    fn place(&self, span: Span) -> String {
        self.world.config.sources.place(span)
    }

    fn is_language(&self, provider: &str) -> bool {
        let required = self.world.config.modules.get(&self.path).and_then(|m| m.required_providers.get(provider));
        required.is_some_and(|r| r.source == ProviderSource::implied("terraform"))
    }

    fn root(&self, subject: &Subject, span: Span) -> Result<Value, Diagnostic> {
        match subject {
            Subject::Variable(name) => self.named(&Block::Variable(self.path.clone(), name.clone()), "input variable", name, span),
            Subject::Local(name) => self.named(&Block::Local(self.path.clone(), name.clone()), "local value", name, span),
            Subject::Each => self.each(span),
            Subject::Count => self.count(span),
            Subject::Path => Ok(self.path_object()),
            Subject::Terraform => {
                Ok(object([("workspace", Value::string(self.world.surroundings.workspace.clone())), ("applying", self.applying())]))
            }
            Subject::SelfObject => self.repeated.self_object.clone().ok_or_else(|| {
                Diagnostic::error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.",
                )
                .at(span)
            }),
            Subject::Resource { .. } | Subject::Module(_) | Subject::Bound { .. } => {
                Err(Diagnostic::error("Unexpected reference", "A resource or module was looked up as a plain name; this is a fault of levee.").at(span))
            }
        }
    }

    fn resource(
        &self,
        mode: Mode,
        type_name: &Arc<str>,
        name: &Arc<str>,
        key: Option<&InstanceKey>,
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let Some(block) = self.world.blocks.resource_named(&self.path, mode, type_name, name) else {
            return Err(undeclared("resource", &format!("{type_name}.{name}"), span));
        };
        let Some(entry) = self.world.resource(block, self.module) else {
            return Ok(Value::unknown(Type::Dynamic));
        };
        if self.world.declared_only {
            return Ok(match (entry.shape, entry.instances.values().next()) {
                (Shape::Single, Some((_, value))) => value.clone(),
                _ => Value::unknown(Type::Dynamic),
            });
        }
        let Some(key) = key else {
            self.read(entry.group);
            if self.world.partial && self.world.checking && entry.instances.is_empty() {
                return Ok(Value::unknown(Type::Dynamic));
            }
            return Ok(entry.whole());
        };
        match entry.instances.get(key) {
            Some((node, value)) => {
                self.read(*node);
                Ok(value.clone())
            }
            None if self.is_unknown_instance(entry.shape, entry.instances.keys().next(), key) => {
                self.read(entry.group);
                Ok(Value::unknown(Type::Dynamic))
            }
            None => Err(no_instance(&self.world.blocks.graph[block].to_string(), key, entry.shape, entry.instances.is_empty(), span)),
        }
    }

    fn module(&self, name: &str, key: Option<&InstanceKey>, output: Option<&str>, span: Span) -> Result<Value, Diagnostic> {
        let child = self.path.child(name);
        let entry = self.world.blocks.id(&Block::Call(child.clone())).map(|id| self.world.entry(id, self.module));
        let Some(entry) = entry else { return Err(undeclared("module call", name, span)) };
        let Some(Entry::Call(node, shape, keys)) = entry else { return Ok(Value::unknown(Type::Dynamic)) };
        self.read(*node);
        if self.world.declared_only {
            return self.declared_module(&child, *shape, key, output, span);
        }
        let Some(key) = key else {
            // An output of all instances at once is none.
            let single = output.filter(|_| *shape == Shape::Single);
            let instances: Vec<_> =
                keys.keys().map(|k| Ok((k, self.outputs(&child, k, single, span)?))).collect::<Result<_, Diagnostic>>()?;
            let whole = together(*shape, instances.into_iter());
            return match output.filter(|_| single.is_none()) {
                Some(name) => constant_steps(whole, &[TraversalStep::Attr { name: Arc::from(name), span }]),
                None => Ok(whole),
            };
        };
        if self.is_unknown_instance(*shape, keys.keys().next(), key) && !keys.contains_key(key) {
            return Ok(Value::unknown(Type::Dynamic));
        }
        if !keys.contains_key(key) {
            return Err(no_instance(&child.to_string(), key, *shape, keys.is_empty(), span));
        }
        self.outputs(&child, key, output, span)
    }

    fn functions(&self) -> &functions::Context<'_> {
        &self.world.functions
    }
}

impl ModuleScope<'_> {
    /// A module of which nothing but its declaration is known: its outputs are of any type.
    fn declared_module(
        &self,
        child: &ModulePath,
        shape: Shape,
        key: Option<&InstanceKey>,
        output: Option<&str>,
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let outputs = self.world.config.modules.get(child).into_iter().flat_map(|m| m.outputs.keys());
        let ty = Type::object(outputs.map(|n| (n.clone(), Type::Dynamic)).collect());
        let (value, key) = match shape {
            Shape::Single if key.is_some() => return Ok(Value::unknown(Type::Dynamic)),
            Shape::Single => (Value::unknown(ty), None),
            Shape::Count => (Value::unknown(Type::list(ty)), key),
            Shape::ForEach => (Value::unknown(Type::map(ty)), key),
        };
        let key = key.and_then(|key| match key {
            InstanceKey::None => None,
            InstanceKey::Int(n) => Some(Value::number(*n)),
            InstanceKey::Str(s) => Some(Value::string(s.clone())),
        });
        let mut steps: Vec<_> = key.map(|k| TraversalStep::Index { key: Expr::literal(k, span), span }).into_iter().collect();
        steps.extend(output.map(|name| TraversalStep::Attr { name: Arc::from(name), span }));
        constant_steps(value, &steps)
    }

    /// Whether an instance that is not there may be there later. `first` is the first one that is.
    fn is_unknown_instance(&self, shape: Shape, first: Option<&InstanceKey>, key: &InstanceKey) -> bool {
        let fits = matches!(
            (shape, key),
            (Shape::Single, InstanceKey::None) | (Shape::Count, InstanceKey::Int(_)) | (Shape::ForEach, InstanceKey::Str(_))
        );
        fits && (self.world.partial || first.is_some_and(|first| stands_for_unknown(shape, first)))
    }

    /// One output of a module instance, or an object of all of them.
    fn outputs(&self, child: &ModulePath, key: &InstanceKey, output: Option<&str>, span: Span) -> Result<Value, Diagnostic> {
        let Some((_, name)) = child.split_last() else { return Ok(Value::unknown(Type::Dynamic)) };
        let instance = self.world.module(self.module).child(&name, key.clone());
        let Some(id) = self.world.module_id(&instance) else { return Ok(Value::unknown(Type::Dynamic)) };
        let declared = self.world.config.modules.get(child).map(|m| &m.outputs);
        let one = |name: &Arc<str>| match self.world.value(&Block::Output(child.clone(), name.clone()), id) {
            Some((node, value)) => {
                self.read(node);
                value.clone()
            }
            None => Value::unknown(Type::Dynamic),
        };
        let Some(output) = output else {
            return Ok(Value::object(declared.into_iter().flatten().map(|(n, _)| (n.clone(), one(n))).collect()));
        };
        let Some((name, _)) = declared.and_then(|d| d.get_key_value(output)) else {
            let detail = format!("This object does not have an attribute named {output:?}.");
            return Err(Diagnostic::error("Unsupported attribute", detail).at(span));
        };
        Ok(one(name))
    }
}
