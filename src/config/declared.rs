//! Whether what expressions refer to is declared in their module, and indexed as its repetition asks for.

use super::expr::{Expr, ExprKind, Reference, Subject, TraversalStep};
use super::module::{Config, Module};
use super::suggest::suggest;
use levee_model::{Diagnostic, Diagnostics, Mode, ModulePath};
use std::collections::BTreeSet;

/// Checks every expression of every module. Names that only the place decides on (`each`, `count`, `self`) are left to the
/// evaluation.
pub fn check_references(config: &Config, diags: &mut Diagnostics) {
    // A directory that is called twice is reported once.
    let mut reported = BTreeSet::new();
    for module in config.modules.values() {
        let mut found = Diagnostics::new();
        module.visit(&mut |e| check_expression(module, e, &mut found));
        diags.extend(found.into_iter().filter(|d| reported.insert((d.span, d.summary.clone()))));
    }
}

/// Checks one expression of a module.
pub fn check_expression(module: &Module, expr: &Expr, diags: &mut Diagnostics) {
    expr.visit(&mut |e| match &e.kind {
        ExprKind::Unresolved(name) => diags.push(name.problem.clone()),
        ExprKind::Ref(r) => {
            if let Some(problem) = check(module, r) {
                diags.push(problem.at_if_none(Some(r.span)));
            }
        }
        _ => {}
    });
}

impl Module {
    /// Calls `f` with every expression whose value is wanted.
    fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        self.locals.values().for_each(|l| f(&l.expr));
        let conditions = self.variables.values().flat_map(|v| &v.validations);
        conditions.chain(self.outputs.values().flat_map(|o| &o.preconditions)).for_each(|c| {
            f(&c.condition);
            f(&c.error_message);
        });
        self.outputs.values().for_each(|o| f(&o.expr));
        for call in self.calls.values() {
            call.count.iter().chain(&call.for_each).for_each(&mut *f);
            call.arguments.visit(f);
        }
        self.providers.iter().for_each(|p| p.body.visit(f));
        for resource in self.resources.values() {
            resource.count.iter().chain(&resource.for_each).for_each(&mut *f);
            resource.body.visit(f);
            if let Some(lifecycle) = &resource.lifecycle {
                lifecycle.replace_triggered_by.iter().for_each(&mut *f);
                lifecycle.preconditions.iter().chain(&lifecycle.postconditions).for_each(|c| {
                    f(&c.condition);
                    f(&c.error_message);
                });
            }
        }
    }
}

fn check(module: &Module, r: &Reference) -> Option<Diagnostic> {
    match &r.subject {
        Subject::Variable(name) if !module.variables.contains_key(name) => {
            let tail = match suggest(name, module.variables.keys().map(|k| &**k)) {
                Some(close) => format!(" Did you mean {close:?}?"),
                None => format!(" This variable can be declared with a variable {name:?} {{}} block."),
            };
            Some(undeclared("input variable", format!("An input variable with the name {name:?} has not been declared.{tail}")))
        }
        Subject::Local(name) if !module.locals.contains_key(name) => {
            let tail = suggest(name, module.locals.keys().map(|k| &**k)).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
            Some(undeclared("local value", format!("A local value with the name {name:?} has not been declared.{tail}")))
        }
        Subject::Module(name) => check_call(module, name, r),
        Subject::Resource { .. } => check_resource(module, r),
        Subject::Path => check_member(r, "path", &["module", "root", "cwd"], ""),
        Subject::Terraform => check_member(
            r,
            "terraform",
            &["workspace", "applying"],
            " The only supported attributes are terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a boolean which is true only during apply.",
        ),
        _ => None,
    }
}

fn undeclared(what: &str, detail: String) -> Diagnostic {
    Diagnostic::error(format!("Reference to undeclared {what}"), detail)
}

fn check_member(r: &Reference, root: &str, known: &[&str], tail: &str) -> Option<Diagnostic> {
    match r.steps.first() {
        Some(TraversalStep::Attr { name, .. }) if !known.contains(&&**name) => {
            let detail = format!("The {root:?} object does not have an attribute named {name:?}.{tail}");
            Some(Diagnostic::error(format!("Invalid {root:?} attribute"), detail))
        }
        _ => None,
    }
}

fn home(module: &Module) -> String {
    if module.path == ModulePath::root() { "the root module".into() } else { module.path.to_string() }
}

fn check_call(module: &Module, name: &str, r: &Reference) -> Option<Diagnostic> {
    let Some(call) = module.calls.get(name) else {
        let tail = suggest(name, module.calls.keys().map(|k| &**k)).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
        return Some(undeclared("module", format!("No module call named {name:?} is declared in {}.{tail}", home(module))));
    };
    let repeated = call.count.as_ref().map(|_| "count").or(call.for_each.as_ref().map(|_| "for_each"));
    check_index(&format!("module.{name}"), repeated, "module", r)
}

fn check_resource(module: &Module, r: &Reference) -> Option<Diagnostic> {
    let Subject::Resource { mode, type_name, name } = &r.subject else { return None };
    let Some(resource) = module.resources.get(&(*mode, type_name.clone(), name.clone())) else {
        let kind = match mode {
            Mode::Managed => "A managed resource",
            Mode::Data => "A data resource",
            Mode::Ephemeral => "An ephemeral resource",
        };
        let names = module.resources.keys().filter(|(m, t, _)| m == mode && t == type_name).map(|(.., n)| &**n);
        let tail = suggest(name, names).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
        let detail = format!("{kind} {type_name:?} {name:?} has not been declared in {}.{tail}", home(module));
        return Some(undeclared("resource", detail));
    };
    let repeated = resource.count.as_ref().map(|_| "count").or(resource.for_each.as_ref().map(|_| "for_each"));
    check_index(&r.subject.to_string(), repeated, "resource", r)
}

fn check_index(addr: &str, repeated: Option<&str>, what: &str, r: &Reference) -> Option<Diagnostic> {
    match (repeated, r.steps.first()?) {
        (Some(argument), TraversalStep::Attr { .. }) => {
            let example = if argument == "count" { "count.index" } else { "each.key" };
            let (summary, detail) = (
                format!("Missing {what} instance key"),
                format!(
                    "Because {addr} has {argument:?} set, its attributes must be accessed on specific instances.\n\nFor example, to correlate with indices of a referring resource, use:\n    {addr}[{example}]"
                ),
            );
            Some(Diagnostic::error(summary, detail))
        }
        (None, TraversalStep::Index { .. }) => {
            let detail = format!(
                "Because {addr} does not have \"count\" or \"for_each\" set, references to it must not include an index key. Remove the bracketed index to refer to the single instance of this resource."
            );
            Some(Diagnostic::error(format!("Unexpected {what} instance key"), detail))
        }
        _ => None,
    }
}
