//! Conditions: pre- and postconditions, the assertions of check blocks, and the validations of variables.

use super::evaluate::expression;
use super::scope::{ModuleScope, Repeated};
use super::values::{ModuleId, Needs, World};
use crate::config::{Condition, Expr, Variable};
use crate::eval::{self, Nothing};
use levee_model::check::CheckStatus;
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Marks, ModulePath, Span, Type, Value};
use std::sync::Arc;

/// Which kind of rule a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `precondition` of a resource.
    Precondition,
    /// `postcondition` of a resource.
    Postcondition,
    /// `precondition` of an output.
    Output,
    /// `assert` of a check block: it warns, and never stops anything.
    Assertion,
}

impl Rule {
    /// What the rule is called in messages.
    pub fn description(self) -> &'static str {
        match self {
            Self::Precondition => "Resource precondition",
            Self::Postcondition => "Resource postcondition",
            Self::Output => "Module output value precondition",
            Self::Assertion => "Check block assertion",
        }
    }
}

/// How one condition turned out, and what its message says if it does not hold.
pub type ConditionOutcome = (CheckStatus, Option<String>);

/// Whether a condition could not be checked yet.
pub fn is_pending(outcomes: &[ConditionOutcome]) -> bool {
    outcomes.iter().any(|(status, _)| *status == CheckStatus::Unknown)
}

/// Conditions of one object, checked.
#[derive(Debug, Default)]
pub struct Checked {
    /// How each turned out.
    pub outcomes: Vec<ConditionOutcome>,
    /// What was read.
    pub needs: Needs,
    /// Those that do not hold, and what is wrong with them.
    pub diagnostics: Diagnostics,
}

impl Checked {
    /// Whether some could not be checked yet.
    pub fn is_pending(&self) -> bool {
        is_pending(&self.outcomes)
    }
}

/// The result of one condition.
enum Verdict {
    Holds,
    Unknown,
    /// The message says why it does not hold, unless it is of no use itself.
    Fails(Option<String>),
    /// It cannot be evaluated.
    Broken,
}

impl Verdict {
    fn outcome(self) -> ConditionOutcome {
        match self {
            Self::Holds => (CheckStatus::Pass, None),
            Self::Unknown => (CheckStatus::Unknown, None),
            Self::Fails(message) => (CheckStatus::Fail, message),
            Self::Broken => (CheckStatus::Error, None),
        }
    }
}

/// Checks the conditions of the object at `addr`.
pub fn check(world: &World, module: ModuleId, repeated: &Repeated, conditions: &[Condition], addr: &str, rule: Rule) -> Checked {
    let mut out = Checked::default();
    for condition in conditions {
        let verdict = if world.declared_only && rule != Rule::Output {
            look_through(world, module, repeated, condition, rule, &mut out);
            Verdict::Unknown
        } else {
            judge(world, module, repeated, condition, rule, &mut out, addr)
        };
        out.outcomes.push(verdict.outcome());
    }
    out
}

/// Checks the assertions of a check block, unless its data source could not be read.
pub fn check_block(world: &World, module: ModuleId, path: &ModulePath, name: &Arc<str>) -> Checked {
    let Some(block) = world.config.modules.get(path).and_then(|m| m.checks.get(name)) else { return Checked::default() };
    let home = world.module(module);
    let addr = if path.is_root() { format!("check.{name}") } else { format!("{home}.check.{name}") };
    if let Some(why) = world.failed_checks.get(&(module, name.clone())) {
        return Checked { outcomes: vec![(CheckStatus::Fail, Some(why.clone()))], ..Checked::default() };
    }
    let repeated = Repeated { check: Some(name.clone()), ..Repeated::default() };
    check(world, module, &repeated, &block.asserts, &addr, Rule::Assertion)
}

/// Finds what is wrong with a condition in itself, whatever it comes to.
fn look_through(world: &World, module: ModuleId, repeated: &Repeated, condition: &Condition, rule: Rule, out: &mut Checked) {
    if rule == Rule::Assertion {
        let scope = ModuleScope::new(world, module, repeated.clone());
        let problems = scope.problems(&[&condition.condition, &condition.error_message]);
        let failed = problems.found.has_errors();
        out.diagnostics.extend(problems.found);
        if problems.unusable {
            out.diagnostics.extend(unknown_names(&condition.error_message));
        } else if !failed {
            message(&condition.error_message, &scope, &mut out.diagnostics);
        }
        return;
    }
    for expr in [&condition.condition, &condition.error_message] {
        let scope = ModuleScope::new(world, module, repeated.clone());
        let problems = scope.problems(&[expr]);
        let failed = problems.found.has_errors();
        out.diagnostics.extend(problems.found);
        if problems.unusable {
            out.diagnostics.extend(unknown_names(expr));
        } else if !failed {
            eval::evaluate(expr, &scope, &mut out.diagnostics);
        }
    }
}

fn judge(
    world: &World,
    module: ModuleId,
    repeated: &Repeated,
    condition: &Condition,
    rule: Rule,
    out: &mut Checked,
    addr: &str,
) -> Verdict {
    let scope = ModuleScope::new(world, module, repeated.clone());
    let span = condition.condition.span;
    let mut found = Diagnostics::new();
    if world.checking {
        let problems = scope.problems(&[&condition.condition, &condition.error_message]);
        found = problems.found;
        if problems.unusable {
            found.extend(unknown_names(&condition.error_message));
            found.extend(unknown_names(&condition.condition));
        }
    }
    if found.has_errors() {
        out.diagnostics.extend(found);
        return Verdict::Broken;
    }
    let text = message(&condition.error_message, &scope, &mut found);
    let value = eval::evaluate(&condition.condition, &scope, &mut found);
    out.needs.extend(scope.reads());
    let failed = found.has_errors();
    out.diagnostics.extend(found);
    if failed {
        return Verdict::Broken;
    }
    let (value, _) = value.unmark_deep();
    match truth(&value, span) {
        Ok(Some(true)) => Verdict::Holds,
        Ok(None) => {
            if rule == Rule::Assertion {
                out.diagnostics.push(
                    Diagnostic::warning(
                        format!("{} known after apply", rule.description()),
                        "The condition could not be evaluated at this time, a result will be known when this plan is applied.",
                    )
                    .at(span)
                    .about(addr),
                );
            }
            Verdict::Unknown
        }
        Ok(Some(false)) => {
            let summary = format!("{} failed", rule.description());
            let shown = text.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| {
                "This check failed, but has an invalid error message as described in the other accompanying messages.".to_owned()
            });
            let told = if rule == Rule::Assertion { Diagnostic::warning(summary, shown) } else { Diagnostic::error(summary, shown) };
            out.diagnostics.push(told.at(span).about(addr));
            Verdict::Fails(text)
        }
        Err(d) => {
            out.diagnostics.push(*d);
            Verdict::Broken
        }
    }
}

/// Names in an expression of whose surroundings nothing could be found out.
fn unknown_names(expr: &Expr) -> Diagnostics {
    let mut out = Diagnostics::new();
    eval::evaluate(expr, &Nothing::unknown_names(), &mut out);
    out
}

/// What a condition comes to; none while it is not known.
fn truth(value: &Value, span: Span) -> Result<Option<bool>, Box<Diagnostic>> {
    const SUMMARY: &str = "Invalid condition result";
    if !value.is_known() {
        return Ok(None);
    }
    if value.is_null() {
        let detail = "Condition expression must return either true or false, not null.";
        return Err(Box::new(Diagnostic::error(SUMMARY, detail).at(span)));
    }
    match convert(value, &Type::Bool) {
        Ok(value) => Ok(value.as_bool()),
        Err(e) => Err(Box::new(Diagnostic::error(SUMMARY, format!("Invalid condition result value: {}.", e.message)).at(span))),
    }
}

/// The text of an error message; empty while it is not known or must not be shown, which is told.
fn message(expr: &Expr, scope: &ModuleScope<'_>, diags: &mut Diagnostics) -> Option<String> {
    let before = diags.len();
    let value = eval::evaluate(expr, scope, diags);
    if diags.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let invalid =
        |why: &str| Diagnostic::error("Invalid error message", format!("Unsuitable value for error message: {why}.")).at(expr.span);
    let value = match convert(&value, &Type::String) {
        Ok(value) => value,
        Err(e) => {
            diags.push(invalid(&e.message));
            return None;
        }
    };
    if !value.is_known() {
        return None;
    }
    if value.is_null() {
        diags.push(invalid("must not be null"));
        return None;
    }
    if let Some(d) = hidden(value.marks(), false) {
        diags.push(d.at(expr.span));
        return None;
    }
    value.as_str().map(|s| s.trim().to_owned())
}

/// What is said about a message that must not be shown. Validations do not get away with it.
fn hidden(marks: Marks, validation: bool) -> Option<Diagnostic> {
    let (kind, instead) = if marks.contains(Marks::SENSITIVE) {
        ("sensitive", "by carefully using the nonsensitive() function if the expression will not reveal the sensitive data")
    } else if marks.contains(Marks::EPHEMERAL) && validation {
        ("ephemeral", "by carefully using the ephemeralasnull() function if the expression will not reveal the ephemeral data")
    } else if marks.contains(Marks::EPHEMERAL) {
        ("ephemeral", "by using the ephemeralasnull() function on the references to not reveal ephemeral data")
    } else {
        return None;
    };
    let consequence = if validation { ". Terraform" } else { ", so Terraform" };
    let summary = format!("Error message refers to {kind} values");
    let detail = format!(
        "The error expression used to explain this condition refers to {kind} values{consequence} will not display the resulting message.\n\nYou can correct this by removing references to {kind} values, or {instead}."
    );
    Some(if validation { Diagnostic::error(summary, detail) } else { Diagnostic::warning(summary, detail) })
}

/// Checks the validations of a variable, whose value is in the world by now. `given` is where that value was given.
pub fn validations(world: &World, module: ModuleId, path: &ModulePath, name: &str, given: Option<Span>) -> Checked {
    let mut out = Checked::default();
    let Some(variable) = world.config.modules.get(path).and_then(|m| m.variables.get(name)) else { return out };
    let repeated = Repeated { validating: Some(variable.name.clone()), ..Repeated::default() };
    if world.checking {
        let exprs: Vec<&Expr> = variable.validations.iter().flat_map(|c| [&c.condition, &c.error_message]).collect();
        let problems = ModuleScope::new(world, module, repeated.clone()).problems(&exprs).found;
        if problems.has_errors() {
            out.diagnostics = problems;
            return out;
        }
    }
    for rule in &variable.validations {
        let verdict = validate(world, module, &repeated, variable, rule, given, &mut out);
        out.outcomes.push(verdict.outcome());
    }
    out
}

fn validate(
    world: &World,
    module: ModuleId,
    repeated: &Repeated,
    variable: &Variable,
    rule: &Condition,
    given: Option<Span>,
    out: &mut Checked,
) -> Verdict {
    let found = expression(world, module, repeated.clone(), &rule.condition);
    let text = expression(world, module, repeated.clone(), &rule.error_message);
    out.needs.extend(found.needs.into_iter().chain(text.needs));
    let bad_text = text.diagnostics.has_errors();
    out.diagnostics.extend(found.diagnostics);
    out.diagnostics.extend(text.diagnostics);
    let (value, _) = found.value.unmark_deep();
    match truth(&value, rule.condition.span) {
        Ok(None) => return Verdict::Unknown,
        Ok(Some(true)) => return Verdict::Holds,
        Ok(Some(false)) => {}
        Err(d) => {
            out.diagnostics.push(in_validation(*d));
            return Verdict::Broken;
        }
    }
    if !text.value.is_known() && !bad_text {
        if world.declared_only {
            return Verdict::Unknown;
        }
        let detail = "Unsuitable value for error message: expression refers to values that won't be known until the apply phase.";
        out.diagnostics.push(Diagnostic::error("Invalid error message", detail).at(rule.error_message.span));
        return Verdict::Broken;
    }
    let shown = if bad_text { None } else { validation_message(&text.value, rule.error_message.span, &mut out.diagnostics) };
    let shown = shown.unwrap_or_else(|| "Failed to evaluate condition error message.".to_owned());
    let place = world.config.sources.place(rule.span);
    let detail = format!("{shown}\n\nThis was checked by the validation rule at {place}.");
    out.diagnostics.push(Diagnostic::error("Invalid value for variable", detail).at(given.unwrap_or(variable.span)));
    Verdict::Fails(Some(shown))
}

fn in_validation(mut d: Diagnostic) -> Diagnostic {
    d.summary = "Invalid variable validation result".into();
    d.detail = d
        .detail
        .replace("Condition expression", "Validation condition expression")
        .replace("Invalid condition", "Invalid validation condition");
    d
}

fn validation_message(value: &Value, span: Span, diags: &mut Diagnostics) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let value = match convert(value, &Type::String) {
        Ok(value) => value,
        Err(e) => {
            diags.push(Diagnostic::error("Invalid error message", format!("Unsuitable value for error message: {}.", e.message)).at(span));
            return None;
        }
    };
    if let Some(d) = hidden(value.marks(), true) {
        diags.push(d.at(span));
        return Some("The error message included a sensitive value, so it will not be displayed.".to_owned());
    }
    value.as_str().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
}
