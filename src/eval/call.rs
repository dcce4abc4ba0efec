//! Function calls: counting and expanding arguments, `try` and `can`, and rendering templates for functions.

use super::expression::{Evaluator, dynamic};
use super::functions::{self, Function, FunctionError};
use super::input::constant;
use crate::config::expr::{Call, Expr, ExprKind, Subject};
use crate::config::tfvars::parse_tfvars;
use crate::config::{parse_template, suggest};
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Sources, Span, Type, Value};
use std::sync::Arc;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, whole: &Expr) -> Value {
        if self.scope.is_constant() {
            self.fail(whole, whole.span, "Function calls not allowed", "Functions may not be called here.");
            return dynamic();
        }
        match call.name.strip_prefix("core::").unwrap_or(&call.name) {
            "try" => return self.try_call(call, whole),
            "can" => return self.can_call(call, whole),
            _ => {}
        }
        let Some(function) = self.function(&call.name) else {
            self.unknown_function(call, whole);
            return dynamic();
        };
        let before = self.errors;
        let Some(arguments) = self.arguments(call, function, whole) else { return dynamic() };
        if self.errors > before {
            return dynamic();
        }
        match self.run(function, arguments, call) {
            Ok(value) => value,
            Err(error) => {
                self.call_failed(call, function, &error, whole);
                dynamic()
            }
        }
    }

    /// The function of a name. Those of providers are found by what the module calls the provider.
    fn function(&self, name: &str) -> Option<&'static Function> {
        let Some((provider, name)) = name.strip_prefix("provider::").and_then(|rest| rest.split_once("::")) else {
            return functions::lookup(name);
        };
        if self.scope.is_language(provider) { functions::lookup(&format!("provider::terraform::{name}")) } else { None }
    }

    fn run(&mut self, function: &'static Function, mut arguments: Vec<Value>, call: &Call) -> functions::Answer {
        let scope = self.scope;
        let context = scope.functions();
        if !matches!(function.name, "templatefile" | "templatestring" | "provider::terraform::decode_tfvars") {
            return functions::call_converted(function, context, arguments);
        }
        if let ("templatestring", [template, vars]) = (function.name, &mut *arguments)
            && let Some(written) = call.arguments.first()
            && vars.is_known()
            && !vars.is_null()
        {
            *template = self.dynamic_template(written)?;
        }
        let render = |t: &functions::Template<'_>| self.render(t);
        let read = |text: &str| read_tfvars(text);
        let context = functions::Context { render: Some(&render), read_tfvars: Some(&read), ..context.clone() };
        functions::call_converted(function, &context, arguments)
    }

    /// The text of a template that is named: such an argument is not evaluated before the others.
    fn dynamic_template(&mut self, written: &Expr) -> functions::Answer {
        check_dynamic_template(written)?;
        let (template, diags) = self.isolated(|e| e.eval(written));
        if diags.has_errors() {
            return Err(wrong_template(&self.told(&diags)));
        }
        let is_text = !template.is_null() && matches!(template.ty(), Type::String | Type::Dynamic);
        if is_text { Ok(template) } else { Err(FunctionError::arg(0, "invalid template value: a string is required")) }
    }

    /// As Terraform tells several mistakes in one line.
    fn told(&self, diags: &Diagnostics) -> String {
        first_message(diags, &|span| self.scope.place(span))
    }

    /// The values of all arguments as the function wants them, the last one expanded if `...` follows it. None when they
    /// are not known or wrong.
    fn arguments(&mut self, call: &Call, function: &'static Function, whole: &Expr) -> Option<Vec<Value>> {
        let plain = call.arguments.len() - usize::from(call.expand_final && !call.arguments.is_empty());
        let expanded = match call.arguments.get(plain) {
            Some(last) => self.expanded(last)?,
            None => Vec::new(),
        };
        if !self.check_count(call, function, plain + expanded.len(), whole) {
            return None;
        }
        let mut values = Vec::with_capacity(plain + expanded.len());
        for (i, argument) in call.arguments[..plain].iter().enumerate() {
            if function.name == "templatestring" && i == 0 {
                values.push(Value::unknown(Type::String));
                continue;
            }
            let value = self.eval(argument);
            values.push(self.call_argument(function, i, value, argument, whole));
        }
        for value in expanded {
            let value = self.call_argument(function, values.len(), value, &call.arguments[plain], whole);
            values.push(value);
        }
        Some(values)
    }

    /// A value as the function wants its argument `i`.
    fn call_argument(&mut self, function: &'static Function, i: usize, value: Value, expr: &Expr, whole: &Expr) -> Value {
        functions::converted(function, i, &value).unwrap_or_else(|error| {
            self.wrong_argument(function, i, &error.message, expr, whole);
            value
        })
    }

    fn wrong_argument(&mut self, function: &Function, i: usize, message: &str, expr: &Expr, whole: &Expr) {
        let name = function.param(i).map_or("", |p| p.name);
        let detail = format!("Invalid value for {name:?} parameter: {message}.");
        self.fail(whole, expr.start_span(), "Invalid function argument", detail);
    }

    /// The elements of an argument that `...` follows.
    fn expanded(&mut self, last: &Expr) -> Option<Vec<Value>> {
        const SUMMARY: &str = "Invalid expanding argument value";
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
        Some(value.elements()?.iter().map(|v| v.clone().mark(marks)).collect())
    }

    fn check_count(&mut self, call: &Call, function: &Function, given: usize, whole: &Expr) -> bool {
        let wanted = function.params.len();
        if given < wanted {
            let qualifier = if function.variadic.is_some() { " at least" } else { "" };
            let missing = function.params[given].name;
            let detail = format!("Function {:?} expects{qualifier} {wanted} argument(s). Missing value for {missing:?}.", &*call.name);
            self.fail(whole, call.close_span, "Not enough function arguments", detail);
            return false;
        }
        if given > wanted && function.variadic.is_none() {
            let span = call.arguments.get(wanted).or(call.arguments.last()).map_or(whole.span, Expr::start_span);
            let detail = format!("Function {:?} expects only {wanted} argument(s).", &*call.name);
            self.fail(whole, span, "Too many function arguments", detail);
            return false;
        }
        true
    }

    fn call_failed(&mut self, call: &Call, function: &Function, error: &FunctionError, whole: &Expr) {
        if let Some(i) = error.arg.filter(|i| function.param(*i).is_some()) {
            let expr = call.arguments.get(i).or(call.arguments.last()).unwrap_or(whole);
            self.wrong_argument(function, i, &error.message, expr, whole);
        } else {
            let detail = format!("Call to function {:?} failed: {}.", &*call.name, error.message);
            self.fail(whole, call.start_span, "Error in function call", detail);
        }
    }

    fn unknown_function(&mut self, call: &Call, whole: &Expr) {
        if let Some((namespace, name)) = call.name.rsplit_once("::") {
            let detail = match namespace.split("::").collect::<Vec<_>>()[..] {
                ["provider", provider] if self.scope.is_language(provider) => {
                    format!("The function {name:?} is not available from the provider {provider:?}.")
                }
                ["provider"] => "The function call must include the provider name after the \"provider::\" prefix.".to_owned(),
                ["provider", provider, ..] => format!(
                    "There is no function named {:?}. Ensure that provider name {provider:?} is declared in this module's required_providers block, and that this provider offers a function named {name:?}.",
                    &*call.name
                ),
                [first, ..] => format!(
                    "The function namespace {first:?} is not valid. Provider function calls must use the \"provider::\" namespace prefix."
                ),
                [] => String::new(),
            };
            return self.fail(whole, call.name_span, "Unknown provider function", detail);
        }
        let close = suggest(&call.name, functions::names().chain(["try", "can"]));
        let hint = close.map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
        let detail = format!("There is no function named {:?}.{hint}", &*call.name);
        self.fail(whole, call.name_span, "Call to unknown function", detail);
    }

    /// The arguments of `try` and `can`: those that are looked at only as the function comes to them, and the values of one
    /// that `...` follows. None when that one is wrong.
    fn lazy_arguments<'c>(&mut self, call: &'c Call) -> Option<(&'c [Expr], Vec<Value>)> {
        match call.arguments.split_last().filter(|_| call.expand_final) {
            Some((last, plain)) => self.expanded(last).map(|values| (plain, values)),
            None => Some((&call.arguments, Vec::new())),
        }
    }

    fn try_call(&mut self, call: &Call, whole: &Expr) -> Value {
        // What is not known yet might turn out to be wrong, and another argument would stand for it.
        let settled = |value: Value| if value.is_wholly_known() { value } else { dynamic() };
        let Some((arguments, expanded)) = self.lazy_arguments(call) else { return dynamic() };
        if arguments.is_empty() && expanded.is_empty() {
            let detail = "Call to function \"try\" failed: at least one argument is required.";
            self.fail(whole, whole.span, "Error in function call", detail);
            return dynamic();
        }
        let mut reasons = String::new();
        for argument in arguments {
            let (value, diags) = self.isolated(|e| e.eval(argument));
            if !diags.has_errors() {
                return settled(value);
            }
            for d in &diags {
                let place = d.span.map_or_else(String::new, |span| self.scope.place(span));
                let place = if place.is_empty() { place } else { format!(" (at {place})") };
                reasons.extend(["\n- ", &d.summary, &place, "\n  ", &d.detail]);
            }
        }
        if let Some(value) = expanded.into_iter().next() {
            return settled(value);
        }
        let detail = format!(
            "Call to function {:?} failed: no expression succeeded:{reasons}\n\nAt least one expression must produce a successful result.",
            &*call.name
        );
        self.fail(whole, call.start_span, "Error in function call", detail);
        dynamic()
    }

    fn can_call(&mut self, call: &Call, whole: &Expr) -> Value {
        let Some((arguments, expanded)) = self.lazy_arguments(call) else { return Value::unknown(Type::Bool) };
        if let ([], [value]) = (arguments, &*expanded) {
            return can(value);
        }
        let [argument] = arguments else {
            let (summary, detail) = if arguments.is_empty() && expanded.is_empty() {
                ("Not enough function arguments", "Function \"can\" expects 1 argument(s). Missing value for \"expression\".")
            } else {
                ("Too many function arguments", "Function \"can\" expects only 1 argument(s).")
            };
            self.fail(whole, whole.span, summary, detail);
            return Value::unknown(Type::Bool);
        };
        let (value, diags) = self.isolated(|e| e.eval(argument));
        if diags.has_errors() { Value::bool(false) } else { can(&value) }
    }

    /// Renders a template that a function read.
    fn render(&self, t: &functions::Template<'_>) -> functions::Answer {
        let mut sources = Sources::default();
        let source = sources.add(t.file, t.text);
        let place = |span: Span| sources.place(span);
        let (names, values): (Vec<Arc<str>>, Vec<Value>) =
            t.vars.members().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone().mark(t.vars.marks()))).unzip();
        let expr = parse_template(&sources, source, &names).map_err(|diags| {
            let text = first_message(&diags, &place);
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
            return Err(FunctionError::new(first_message(&inner.diags, &place)));
        }
        if value.is_null() {
            let null = Diagnostic::error(
                "Template result is null",
                "The result of the template is null, which is not a valid result for a templatestring call.",
            )
            .at(expr.span);
            return Err(FunctionError::new(first_message(&null.into(), &place)));
        }
        if t.function == "templatestring" {
            return convert(&value, &Type::String).map_err(|e| FunctionError::new(e.message));
        }
        Ok(value)
    }
}

/// What `can` says of a value that was found without a mistake.
fn can(value: &Value) -> Value {
    if value.is_wholly_known() { Value::bool(true) } else { Value::unknown(Type::Bool) }
}

/// `templatestring` takes a template by name only: one that is written in place needs no function.
fn check_dynamic_template(template: &Expr) -> Result<(), FunctionError> {
    let why = match &template.kind {
        ExprKind::Ref(_) | ExprKind::Unresolved(_) => return Ok(()),
        ExprKind::Literal(value) if value.as_str().is_some() => {
            "templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing a literal template; consider using a template string expression instead"
        }
        ExprKind::Template(_) => {
            "templatestring is only for rendering templates retrieved dynamically from elsewhere; to render an inline template, consider using a plain template string expression"
        }
        ExprKind::Wrap(_) => {
            "templatestring is only for rendering templates retrieved dynamically from elsewhere; to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax"
        }
        _ => "must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax",
    };
    Err(wrong_template(why))
}

fn wrong_template(why: &str) -> FunctionError {
    FunctionError::arg(0, format!("invalid template expression: {why}"))
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
                let inner = Diagnostic::error("Error in function call", detail).at(c.start_span);
                wrong.get_or_insert_with(|| FunctionError::new(first_message(&inner.into(), &|span| sources.place(span))));
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
fn first_message(diags: &Diagnostics, place: &dyn Fn(Span) -> String) -> String {
    let Some(first) = diags.iter().next() else { return String::new() };
    let place = first.span.map_or_else(String::new, |s| format!("{}: ", place(s)));
    let more = if diags.len() > 1 { format!(", and {} other diagnostic(s)", diags.len() - 1) } else { String::new() };
    format!("{place}{}; {}{more}", first.summary, first.detail)
}

/// The text of a variables file as an object; only constants are allowed in it.
fn read_tfvars(text: &str) -> functions::Answer {
    let mut sources = Sources::default();
    let source = sources.add("<decode_tfvars argument>", text);
    let (items, diags) = parse_tfvars(&sources, source);
    let failed =
        |what: &str, diags: &Diagnostics| FunctionError::new(format!("{what}: {}", first_message(diags, &|span| sources.place(span))));
    if let Some(first) = diags.iter().next() {
        let content = first.summary.starts_with("Unexpected ") && first.summary.ends_with(" block");
        return Err(failed(if content { "invalid tfvars content" } else { "invalid tfvars syntax" }, &diags));
    }
    let value = |(name, expr, _): (Arc<str>, Expr, Span)| {
        let value = constant(&expr).map_err(|d| failed(&format!("invalid expression for variable {name:?}"), &d))?;
        Ok((name, value))
    };
    Ok(Value::object(items.into_iter().map(value).collect::<Result<_, FunctionError>>()?))
}
