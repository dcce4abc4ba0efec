//! Function calls: counting and expanding arguments, `try` and `can`, and rendering templates for functions.

use super::expression::{Evaluator, dynamic};
use super::functions::{self, Function, FunctionError};
use super::input::constant;
use super::refine::unknown_not_null;
use crate::config::expr::{Call, Expr, ExprKind, Reference, Subject, TraversalStep};
use crate::config::tfvars::parse_tfvars;
use crate::config::{parse_template, suggest};
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Sources, Span, Type, Value};
use std::sync::Arc;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, whole: &Expr) -> Value {
        match call.name.strip_prefix("core::").unwrap_or(&call.name) {
            "try" => return self.try_call(call, whole),
            "can" => return self.can_call(call, whole),
            _ => {}
        }
        let Some(function) = functions::lookup(&call.name) else {
            self.unknown_function(call, whole);
            return dynamic();
        };
        let before = self.errors;
        let Some(arguments) = self.arguments(call) else { return dynamic() };
        if !self.check_count(call, function, arguments.len(), whole) || self.errors > before {
            return dynamic();
        }
        match self.run(function, &arguments, call) {
            Ok(value) => value,
            Err(error) => {
                self.call_failed(call, function, &error, whole);
                dynamic()
            }
        }
    }

    fn run(&self, function: &'static Function, arguments: &[Value], call: &Call) -> functions::Answer {
        let context = self.scope.functions();
        if !matches!(function.name, "templatefile" | "templatestring" | "provider::terraform::decode_tfvars") {
            return functions::call(function, context, arguments);
        }
        if function.name == "templatestring" {
            check_dynamic_template(call.arguments.first())?;
        }
        let render = |t: &functions::Template<'_>| self.render(t);
        let read = |text: &str| read_tfvars(text);
        let context = functions::Context { render: Some(&render), read_tfvars: Some(&read), ..context.clone() };
        functions::call(function, &context, arguments)
    }

    /// The values of all arguments, the last one expanded if `...` follows it. None when they are not known or wrong.
    fn arguments(&mut self, call: &Call) -> Option<Vec<Value>> {
        const SUMMARY: &str = "Invalid expanding argument value";
        let plain = call.arguments.len() - usize::from(call.expand_final && !call.arguments.is_empty());
        let mut expanded = Vec::new();
        if let Some(last) = call.arguments.get(plain) {
            let before = self.errors;
            let (value, marks) = self.eval(last).unmark();
            if self.errors > before {
                return None;
            }
            let sequence = matches!(value.ty(), Type::Tuple(_) | Type::List(_) | Type::Set(_));
            if !sequence && value.ty() != Type::Dynamic {
                let detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type.";
                self.fail(last, last.span, SUMMARY, detail);
                return None;
            }
            if value.is_null() {
                self.fail(last, last.span, SUMMARY, "The expanding argument (indicated by ...) must not be null.");
                return None;
            }
            expanded = value.elements()?.iter().map(|v| v.clone().mark(marks)).collect();
        }
        let mut values: Vec<Value> = call.arguments[..plain].iter().map(|e| self.eval(e)).collect();
        values.extend(expanded);
        Some(values)
    }

    fn check_count(&mut self, call: &Call, function: &Function, given: usize, whole: &Expr) -> bool {
        let wanted = function.params.len();
        if given < wanted {
            let qualifier = if function.variadic.is_some() { " at least" } else { "" };
            let missing = function.params[given].name;
            let detail = format!("Function {:?} expects{qualifier} {wanted} argument(s). Missing value for {missing:?}.", &*call.name);
            self.fail(whole, whole.span, "Not enough function arguments", detail);
            return false;
        }
        if given > wanted && function.variadic.is_none() {
            let span = call.arguments.get(wanted).map_or(whole.span, |e| e.span);
            let detail = format!("Function {:?} expects only {wanted} argument(s).", &*call.name);
            self.fail(whole, span, "Too many function arguments", detail);
            return false;
        }
        true
    }

    fn call_failed(&mut self, call: &Call, function: &Function, error: &FunctionError, whole: &Expr) {
        if let Some((i, param)) = error.arg.and_then(|i| Some((i, function.param(i)?))) {
            let span = call.arguments.get(i).or(call.arguments.last()).map_or(whole.span, |e| e.span);
            let detail = format!("Invalid value for {:?} parameter: {}.", param.name, error.message);
            self.fail(whole, span, "Invalid function argument", detail);
        } else {
            let detail = format!("Call to function {:?} failed: {}.", &*call.name, error.message);
            self.fail(whole, whole.span, "Error in function call", detail);
        }
    }

    fn unknown_function(&mut self, call: &Call, whole: &Expr) {
        if let Some((namespace, name)) = call.name.rsplit_once("::") {
            let detail = match namespace.split("::").collect::<Vec<_>>()[..] {
                ["provider", "terraform"] => format!("The function {name:?} is not available from the provider \"terraform\"."),
                ["provider", provider] => format!(
                    "There is no function named {:?}. Ensure that provider name {provider:?} is declared in this module's required_providers block, and that this provider offers a function named {name:?}.",
                    &*call.name
                ),
                _ => format!(
                    "The function namespace {namespace:?} is not valid. Provider function calls must use the \"provider::\" namespace prefix."
                ),
            };
            return self.fail(whole, call.name_span, "Unknown provider function", detail);
        }
        let close = suggest(&call.name, functions::names().chain(["try", "can"]));
        let hint = close.map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
        let detail = format!("There is no function named {:?}.{hint}", &*call.name);
        self.fail(whole, call.name_span, "Call to unknown function", detail);
    }

    fn try_call(&mut self, call: &Call, whole: &Expr) -> Value {
        if call.arguments.is_empty() {
            let detail = "Call to function \"try\" failed: at least one argument is required.";
            self.fail(whole, whole.span, "Error in function call", detail);
            return dynamic();
        }
        let mut reasons = String::new();
        for argument in &call.arguments {
            if self.depends_on_unknowns(argument) {
                return dynamic();
            }
            let (value, diags) = self.isolated(|e| e.eval(argument));
            if !diags.has_errors() {
                return value;
            }
            for d in diags.iter().filter(|d| d.is_error()) {
                reasons.extend(["\n- ", &d.summary, "\n  ", &d.detail]);
            }
        }
        let detail = format!(
            "Call to function {:?} failed: no expression succeeded:{reasons}\n\nAt least one expression must produce a successful result.",
            &*call.name
        );
        self.fail(whole, whole.span, "Error in function call", detail);
        dynamic()
    }

    fn can_call(&mut self, call: &Call, whole: &Expr) -> Value {
        let [argument] = &*call.arguments else {
            let (summary, detail) = if call.arguments.is_empty() {
                ("Not enough function arguments", "Function \"can\" expects 1 argument(s). Missing value for \"expression\".")
            } else {
                ("Too many function arguments", "Function \"can\" expects only 1 argument(s).")
            };
            self.fail(whole, whole.span, summary, detail);
            return Value::unknown(Type::Bool);
        };
        if self.depends_on_unknowns(argument) {
            return unknown_not_null(Type::Bool);
        }
        let (_, diags) = self.isolated(|e| e.eval(argument));
        Value::bool(!diags.has_errors())
    }

    /// Whether whether an expression succeeds may still change: one of its names leads to something unknown.
    fn depends_on_unknowns(&mut self, expr: &Expr) -> bool {
        let depth = u32::try_from(self.bound.len()).unwrap_or(u32::MAX);
        let mut references: Vec<&Reference> = Vec::new();
        expr.visit(&mut |e| {
            if let ExprKind::Ref(r) = &e.kind
                && !matches!(r.subject, Subject::Bound { slot, .. } if slot >= depth)
            {
                references.push(r);
            }
        });
        references.into_iter().any(|r| {
            let fixed = r.steps.iter().take_while(|s| match s {
                TraversalStep::Attr { .. } => true,
                TraversalStep::Index { key, .. } => matches!(key.kind, ExprKind::Literal(_)),
            });
            let steps: Box<[TraversalStep]> = fixed.cloned().collect();
            let prefix = Reference { subject: r.subject.clone(), steps, span: r.span };
            let (value, diags) = self.isolated(|e| e.reference(&prefix));
            !diags.has_errors() && !value.is_wholly_known()
        })
    }

    /// Renders a template that a function read.
    fn render(&self, t: &functions::Template<'_>) -> functions::Answer {
        let mut sources = Sources::default();
        let source = sources.add(t.file, t.text);
        let (names, values): (Vec<Arc<str>>, Vec<Value>) =
            t.vars.members().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone().mark(t.vars.marks()))).unzip();
        let expr = parse_template(&sources, source, &names).map_err(|diags| {
            let text = first_message(&diags, &sources);
            if t.function == "templatestring" {
                FunctionError::arg(0, format!("invalid template: {text}"))
            } else {
                FunctionError::new(text)
            }
        })?;
        check_template(&expr, &sources)?;
        let mut inner = Evaluator::new(self.scope, values);
        inner.quiet = true;
        let value = inner.eval(&expr);
        if inner.diags.has_errors() {
            return Err(FunctionError::new(first_message(&inner.diags, &sources)));
        }
        if value.is_null() {
            let null = Diagnostic::error(
                "Template result is null",
                "The result of the template is null, which is not a valid result for a template.",
            )
            .at(expr.span);
            return Err(FunctionError::new(first_message(&null.into(), &sources)));
        }
        if t.function == "templatestring" {
            return convert(&value, &Type::String).map_err(|e| FunctionError::new(e.message));
        }
        Ok(value)
    }
}

/// `templatestring` takes a template by name only: one that is written in place needs no function.
fn check_dynamic_template(template: Option<&Expr>) -> Result<(), FunctionError> {
    let why = match template.map(|e| &e.kind) {
        Some(ExprKind::Ref(_)) | None => return Ok(()),
        Some(ExprKind::Literal(_)) => {
            "templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing a literal template; consider using a template string expression instead"
        }
        Some(ExprKind::Template(_) | ExprKind::Paren(_)) => {
            "templatestring is only for rendering templates retrieved dynamically from elsewhere; to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax"
        }
        Some(_) => "must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax",
    };
    Err(FunctionError::arg(0, format!("invalid template expression: {why}")))
}

/// A template may name only what it is given, and must not render templates itself.
fn check_template(expr: &Expr, sources: &Sources) -> Result<(), FunctionError> {
    let mut wrong = None;
    expr.visit(&mut |e| {
        let root = match &e.kind {
            ExprKind::Unresolved(u) => u.root.to_string(),
            ExprKind::Ref(r) if !matches!(r.subject, Subject::Bound { .. }) => {
                r.subject.to_string().split('.').next().unwrap_or_default().to_owned()
            }
            ExprKind::Call(c) if matches!(c.name.trim_start_matches("core::"), "templatefile" | "templatestring") => {
                let detail = format!(
                    "Call to function {:?} failed: cannot recursively call {} from inside another template function.",
                    &*c.name, c.name
                );
                let inner = Diagnostic::error("Error in function call", detail).at(c.name_span);
                wrong.get_or_insert_with(|| FunctionError::new(first_message(&inner.into(), sources)));
                return;
            }
            _ => return,
        };
        let end = e.span.start + u32::try_from(root.len()).unwrap_or(0);
        let at = sources.place(Span { end, ..e.span });
        wrong.get_or_insert_with(|| FunctionError::arg(1, format!("vars map does not contain key {root:?}, referenced at {at}")));
    });
    wrong.map_or(Ok(()), Err)
}

/// As Terraform tells several mistakes in one line.
fn first_message(diags: &Diagnostics, sources: &Sources) -> String {
    let Some(first) = diags.iter().next() else { return String::new() };
    let place = first.span.map_or_else(String::new, |s| format!("{}: ", sources.place(s)));
    let more = if diags.len() > 1 { format!(", and {} other diagnostic(s)", diags.len() - 1) } else { String::new() };
    format!("{place}{}; {}{more}", first.summary, first.detail)
}

/// The text of a variables file as an object; only constants are allowed in it.
fn read_tfvars(text: &str) -> functions::Answer {
    let mut sources = Sources::default();
    let source = sources.add("<decode_tfvars argument>", text);
    let (items, diags) = parse_tfvars(&sources, source);
    if diags.has_errors() {
        return Err(FunctionError::new(first_message(&diags, &sources)));
    }
    let value = |(name, expr, _)| Ok((name, constant(&expr).map_err(|d| FunctionError::new(first_message(&d, &sources)))?));
    Ok(Value::object(items.into_iter().map(value).collect::<Result<_, FunctionError>>()?))
}
