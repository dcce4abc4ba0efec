//! `templatefile` and `templatestring`. Rendering is the language's matter: the context brings it.

use super::filesystem::read_text;
use super::{Answer, Context, Function, FunctionError, Param, Template, a_string, anything, text};
use levee_model::text::quote;
use levee_model::{Kind, Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("templatefile", &[Param::string("path"), Param::any("vars").marked()], anything, templatefile).maybe_null(),
    Function::new("templatestring", &[Param::string("template"), Param::any("vars").marked()], a_string, templatestring),
];

fn templatefile(ctx: &Context<'_>, args: &[Value]) -> Answer {
    let path = text(args, 0)?;
    let source = read_text(ctx, path)?;
    check_vars(&args[1])?;
    render(ctx, &Template { function: "templatefile", file: path, text: &source, vars: &args[1] })
}

fn templatestring(ctx: &Context<'_>, args: &[Value]) -> Answer {
    check_vars(&args[1])?;
    render(ctx, &Template { function: "templatestring", file: "<templatestring argument>", text: text(args, 0)?, vars: &args[1] })
}

fn render(ctx: &Context<'_>, template: &Template<'_>) -> Answer {
    match ctx.render {
        Some(render) => render(template),
        None => Ok(Value::unknown(Type::Dynamic)),
    }
}

fn check_vars(vars: &Value) -> Result<(), FunctionError> {
    let (Kind::Map(_, m) | Kind::Object(m)) = vars.kind() else {
        return Err(FunctionError::arg(1, "invalid vars value: must be a map"));
    };
    let is_name = |s: &str| s.starts_with(|c: char| c.is_alphabetic()) && s.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    match m.keys().find(|k| !is_name(k)) {
        None => Ok(()),
        Some(name) => Err(FunctionError::arg(
            1,
            format!(
                "invalid template variable name {}: must start with a letter, followed by zero or more letters, digits, and underscores",
                quote(name)
            ),
        )),
    }
}
