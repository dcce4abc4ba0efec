//! Expressions one at a time, over what the configuration says and the state knows, or over what a plan says.

use super::load;
use super::{Failure, Inputs, PlanRequest, Workspace};
use crate::config::{Config, ExprKind, parse_expression};
use crate::plan::PlanOptions;
use crate::plan::compile::look;
use crate::plan::evaluate;
use crate::plan::scope::Repeated;
use crate::plan::values::{ModuleId, World};
use levee_model::{Diagnostic, Diagnostics, ModulePath, Sources, Type, Value};
use std::sync::Arc;

/// The root module's names with their values.
pub struct Expressions {
    world: World,
    /// What was wrong with them: values that could not be found are unknown.
    pub diagnostics: Diagnostics,
    /// The configuration.
    pub config: Arc<Config>,
}

/// What an expression comes to.
#[derive(Debug)]
pub enum Answer {
    /// Its value.
    Value(Value),
    /// Its type, when that was asked for with `type()`.
    Type(Type),
}

/// Values as the state knows them. Variables that nothing is given for are unknown.
pub async fn expressions(workspace: &Workspace, inputs: &Inputs) -> Result<Expressions, Failure> {
    let mut loaded = load::load(workspace)?;
    let inputs = load::inputs_so_far(workspace, inputs, &mut loaded)?;
    let (objects, _) = load::objects(workspace, &loaded)?;
    let config = loaded.config.clone();
    let listener = Arc::new(crate::event::Silent);
    let source = loaded.into_source(inputs, objects, PlanOptions::default(), Some(load::now()), listener);
    let (world, diagnostics) = look(&source).await;
    Ok(Expressions { world, diagnostics, config })
}

/// Values as a new plan would have them.
pub async fn planned_expressions(request: PlanRequest) -> Result<Expressions, Failure> {
    let planned = super::plan(request).await?;
    let mut world = planned.compiled.world;
    world.checking = true;
    Ok(Expressions { world, diagnostics: planned.diagnostics, config: planned.config })
}

impl Expressions {
    /// Evaluates one expression. Messages refer to the sources that come with them.
    pub fn evaluate(&self, text: &str) -> (Option<Answer>, Diagnostics, Sources) {
        let mut sources = self.config.sources.clone();
        let id = sources.add("<console-input>", text);
        let expr = match parse_expression(id, text) {
            Ok(expr) => expr,
            Err(wrong) => return (None, wrong, sources),
        };
        let (asked, wants_type) = match &expr.kind {
            ExprKind::Call(call) if ["type", "core::type"].contains(&&*call.name) && call.arguments.len() == 1 => {
                (&call.arguments[0], true)
            }
            _ => (&expr, false),
        };
        let found = evaluate::expression(&self.world, ModuleId(0), Repeated::default(), asked);
        let answer = if wants_type { Answer::Type(found.value.ty()) } else { Answer::Value(found.value) };
        let answer = (!found.diagnostics.has_errors()).then_some(answer);
        (answer, found.diagnostics, sources)
    }

    /// What a name in the root module may begin with or go on as, for completion.
    pub fn names(&self) -> Vec<String> {
        let Some(root) = self.config.modules.get(&ModulePath::root()) else { return Vec::new() };
        let variables = root.variables.keys().map(|n| format!("var.{n}"));
        let locals = root.locals.keys().map(|n| format!("local.{n}"));
        let calls = root.calls.iter().flat_map(|(name, _)| {
            let outputs = self.config.modules.get(&ModulePath::root().child(name)).into_iter().flat_map(|m| m.outputs.keys());
            std::iter::once(format!("module.{name}")).chain(outputs.map(move |o| format!("module.{name}.{o}")))
        });
        let resources = root.resources.keys().map(|(mode, type_name, name)| match mode {
            levee_model::Mode::Managed => format!("{type_name}.{name}"),
            levee_model::Mode::Data => format!("data.{type_name}.{name}"),
            levee_model::Mode::Ephemeral => format!("ephemeral.{type_name}.{name}"),
        });
        let fixed = ["path.module", "path.root", "path.cwd", "terraform.workspace", "terraform.applying"].map(str::to_owned);
        let functions = functions().map(|n| format!("{n}("));
        variables.chain(locals).chain(calls).chain(resources).chain(fixed).chain(functions).collect()
    }
}

/// Names of the functions that look at values, in order.
pub fn functions() -> impl Iterator<Item = &'static str> {
    crate::eval::functions::names()
}

/// What is said before the first expression when not all values could be found.
pub fn doubtful() -> Diagnostic {
    Diagnostic::warning("Due to the problems above, some expressions may produce unexpected results.", "")
}
