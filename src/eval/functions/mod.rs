//! The built-in functions: the table of them, and the rules of calling that all share.
//!
//! A function says what it takes and what it returns; [`call`] converts the arguments, and answers for null, unknown and
//! marked ones in the way most functions want. A function that wants otherwise says so in its [`Param`]s.

#![expect(clippy::unnecessary_wraps, reason = "all functions have one signature, whether they can fail or not")]
#![expect(clippy::format_push_string, reason = "for short texts, `write!` only adds an error that cannot happen")]

use crate::config::Files;
use levee_model::convert::convert;
use levee_model::{Kind, Marks, Refinement, Type, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

mod collection;
mod conversion;
mod csv;
pub mod datetime;
mod encoding;
mod equality;
mod filesystem;
mod format;
mod gzip;
mod hash;
mod json;
mod lookup;
mod network;
mod numeric;
mod provider;
mod regex;
mod rsa;
mod sensitivity;
mod sequence;
mod set;
mod string;
mod template;
mod text_encoding;
mod yaml;

/// What functions know of the world around them.
#[derive(Clone)]
pub struct Context<'a> {
    /// The directory that relative paths start from.
    pub base_dir: PathBuf,
    /// Where files are read.
    pub files: Files,
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    /// When the plan was made, as an RFC 3339 timestamp in UTC; unknown to whoever only validates.
    pub plan_timestamp: Option<String>,
    /// Whether the answer must hold until apply: then the time and random results are unknown.
    pub planning: bool,
    /// Renders a template; the functions do not know the language.
    pub render: Option<&'a Render<'a>>,
    /// Reads the text of a variables file as an object.
    pub read_tfvars: Option<&'a ReadTfvars<'a>>,
}

/// Renders a template.
pub type Render<'a> = dyn Fn(&Template<'_>) -> Result<Value, FunctionError> + 'a;
/// Reads the text of a variables file as an object.
pub type ReadTfvars<'a> = dyn Fn(&str) -> Result<Value, FunctionError> + 'a;

/// A template to render.
#[derive(Debug)]
pub struct Template<'t> {
    /// The function that asks, which a template must not call again.
    pub function: &'static str,
    /// What messages call the source.
    pub file: &'t str,
    /// The source.
    pub text: &'t str,
    /// A known object or map of the variables; it may hold unknown or marked parts.
    pub vars: &'t Value,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument at fault, if one is.
    pub arg: Option<usize>,
    /// What is wrong, in Terraform's words, without a full stop.
    pub message: String,
}

impl FunctionError {
    /// No one argument is at fault.
    pub fn new(message: impl Into<String>) -> Self {
        Self { arg: None, message: message.into() }
    }
    /// An argument is at fault.
    pub fn arg(arg: usize, message: impl Into<String>) -> Self {
        Self { arg: Some(arg), message: message.into() }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

/// What a call yields.
pub type Answer = Result<Value, FunctionError>;

/// What a function takes in one place.
#[expect(clippy::struct_excessive_bools, reason = "four independent permissions")]
#[derive(Clone, Copy)]
pub struct Param {
    /// Its name, for messages.
    pub name: &'static str,
    /// What the argument is converted to.
    pub ty: fn() -> Type,
    /// Whether null is passed on; otherwise it is an error.
    pub allow_null: bool,
    /// Whether unknown is passed on; otherwise the result is unknown.
    pub allow_unknown: bool,
    /// Whether an argument of unknown type is passed on; otherwise the result is of unknown type.
    pub allow_dynamic: bool,
    /// Whether marks are passed on; otherwise all of them go to the result.
    pub allow_marked: bool,
}

impl Param {
    const fn new(name: &'static str, ty: fn() -> Type) -> Self {
        Self { name, ty, allow_null: false, allow_unknown: false, allow_dynamic: false, allow_marked: false }
    }
    const fn any(name: &'static str) -> Self {
        Self::new(name, || Type::Dynamic)
    }
    const fn string(name: &'static str) -> Self {
        Self::new(name, || Type::String)
    }
    const fn number(name: &'static str) -> Self {
        Self::new(name, || Type::Number)
    }
    const fn nullable(mut self) -> Self {
        self.allow_null = true;
        self
    }
    const fn unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }
    const fn dynamic(mut self) -> Self {
        self.allow_dynamic = true;
        self
    }
    const fn marked(mut self) -> Self {
        self.allow_marked = true;
        self
    }
}

/// A function.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub params: &'static [Param],
    /// What it takes any number of after that.
    pub variadic: Option<Param>,
    /// The type of the result for arguments that may be unknown.
    pub returns: fn(&[Value]) -> Result<Type, FunctionError>,
    /// Whether the result is never null, even while it is unknown.
    pub never_null: bool,
    /// Whether the result is different every time, so that a plan cannot tell it.
    pub fickle: bool,
    /// Does it. The arguments are of the parameters' types, and null, unknown and marked only where those allow it.
    pub run: fn(&Context<'_>, &[Value]) -> Answer,
}

impl Function {
    const fn new(
        name: &'static str,
        params: &'static [Param],
        returns: fn(&[Value]) -> Result<Type, FunctionError>,
        run: fn(&Context<'_>, &[Value]) -> Answer,
    ) -> Self {
        Self { name, params, variadic: None, returns, never_null: true, fickle: false, run }
    }
    const fn and_any_number_of(mut self, param: Param) -> Self {
        self.variadic = Some(param);
        self
    }
    const fn maybe_null(mut self) -> Self {
        self.never_null = false;
        self
    }
    const fn fickle(mut self) -> Self {
        self.fickle = true;
        self
    }
    /// What it takes in place `i`.
    pub fn param(&self, i: usize) -> Option<&Param> {
        self.params.get(i).or(self.variadic.as_ref())
    }
}

fn table() -> &'static BTreeMap<&'static str, &'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let families: [&'static [Function]; 18] = [
            collection::FUNCTIONS,
            conversion::FUNCTIONS,
            csv::FUNCTIONS,
            datetime::FUNCTIONS,
            encoding::FUNCTIONS,
            filesystem::FUNCTIONS,
            format::FUNCTIONS,
            hash::FUNCTIONS,
            json::FUNCTIONS,
            lookup::FUNCTIONS,
            network::FUNCTIONS,
            numeric::FUNCTIONS,
            regex::FUNCTIONS,
            sensitivity::FUNCTIONS,
            sequence::FUNCTIONS,
            set::FUNCTIONS,
            string::FUNCTIONS,
            template::FUNCTIONS,
        ];
        let more: [&'static [Function]; 4] = [provider::FUNCTIONS, rsa::FUNCTIONS, text_encoding::FUNCTIONS, yaml::FUNCTIONS];
        families.iter().chain(&more).flat_map(|family| family.iter()).map(|f| (f.name, f)).collect()
    })
}

/// The function of a name, which may begin with `core::`. `try`, `can` and `type` are none: they do not evaluate first.
pub fn lookup(name: &str) -> Option<&'static Function> {
    table().get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// The names of all functions, in order, without those of providers.
pub fn names() -> impl Iterator<Item = &'static str> {
    table().keys().copied().filter(|name| !name.contains("::"))
}

/// Calls a function. The caller has checked that there are as many arguments as the function takes.
///
/// # Errors
/// When an argument does not fit or the function refuses it.
pub fn call(f: &Function, ctx: &Context<'_>, args: &[Value]) -> Answer {
    let plain: Result<Vec<Value>, _> = args.iter().enumerate().map(|(i, arg)| converted(f, i, arg)).collect();
    call_converted(f, ctx, plain?)
}

/// An argument as the function takes it in place `i`.
///
/// # Errors
/// When it does not fit.
pub fn converted(f: &Function, i: usize, arg: &Value) -> Answer {
    convert(arg, &(param(f, i)?.ty)()).map_err(|e| FunctionError::arg(i, e.message))
}

/// Calls a function with arguments that are [`converted`].
///
/// # Errors
/// When the function refuses an argument.
pub fn call_converted(f: &Function, ctx: &Context<'_>, mut plain: Vec<Value>) -> Answer {
    let given = if plain.iter().any(Value::has_marks) { plain.clone() } else { Vec::new() };
    let mut dynamic = false;
    for (i, arg) in plain.iter().enumerate() {
        let param = param(f, i)?;
        if arg.is_null() && !param.allow_null {
            return Err(FunctionError::arg(i, "argument must not be null"));
        }
        if !param.allow_dynamic && matches!(arg.kind(), Kind::Unknown(Type::Dynamic, _) | Kind::Null(Type::Dynamic)) {
            dynamic = true;
            break;
        }
    }
    let mut marks = Marks::NONE;
    let mut kept = Marks::NONE;
    let mut unknown = dynamic || f.fickle && ctx.planning;
    for (i, arg) in plain.iter_mut().enumerate() {
        let param = param(f, i)?;
        unknown |= !arg.is_known() && !param.allow_unknown;
        if param.allow_marked {
            kept = kept.union(arg.marks());
        } else if arg.has_marks() {
            let (bare, own) = arg.clone().unmark_deep();
            (*arg, marks) = (bare, marks.union(own));
        }
    }
    let conceal = |e| conceal(e, &given);
    let ty = if dynamic { Type::Dynamic } else { (f.returns)(&plain).map_err(conceal)? };
    let result = if unknown { Value::unknown(ty).mark(kept) } else { (f.run)(ctx, &plain).map_err(conceal)? };
    Ok(if f.never_null { not_null(result) } else { result }.mark(marks))
}

/// The error without any text that stood in a sensitive argument.
fn conceal(mut e: FunctionError, args: &[Value]) -> FunctionError {
    const HIDDEN: &str = "(sensitive value)";
    for arg in args.iter().filter(|arg| arg.has_marks()) {
        let mut secrets = Vec::new();
        let _ = arg.clone().transform(&mut |v| {
            secrets.extend(v.as_str().filter(|s| !s.is_empty()).map(String::from));
            v
        });
        for secret in secrets {
            e.message = e.message.replace(&levee_model::text::quote(&secret), HIDDEN);
            // Short texts without quotes would be found in any message.
            if secret.len() > 3 {
                e.message = e.message.replace(&secret, HIDDEN);
            }
        }
    }
    e
}

fn param(f: &Function, i: usize) -> Result<&Param, FunctionError> {
    f.param(i).ok_or_else(|| FunctionError::new("too many arguments"))
}

/// Says of an unknown of some type that it is not null.
fn not_null(value: Value) -> Value {
    let (value, marks) = value.unmark();
    let value = match value.kind() {
        Kind::Unknown(ty, known) if *ty != Type::Dynamic => {
            let known = known.as_deref().cloned().unwrap_or_default();
            Value::refined(ty.clone(), Refinement { not_null: true, ..known })
        }
        _ => value,
    };
    value.mark(marks)
}

/// The text of an argument that the table says is a known string.
fn text(args: &[Value], i: usize) -> Result<&str, FunctionError> {
    args.get(i).and_then(Value::as_str).ok_or_else(|| FunctionError::arg(i, "string required"))
}

/// A number that must be whole.
fn integer(args: &[Value], i: usize) -> Result<i64, FunctionError> {
    args.get(i).and_then(Value::as_number).and_then(levee_model::Number::as_i64).ok_or_else(|| FunctionError::new(NOT_WHOLE))
}

const NOT_WHOLE: &str = "value must be a whole number, between -9223372036854775808 and 9223372036854775807";

/// A string in the language's normal form.
fn string(s: &str) -> Value {
    Value::string(levee_model::text::nfc(s))
}

fn strings(items: impl IntoIterator<Item = String>) -> Value {
    Value::list(Type::String, items.into_iter().map(|s| string(&s)).collect::<Vec<_>>())
}

fn a_string(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::String)
}

fn a_number(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Number)
}

fn a_bool(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Bool)
}

fn anything(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Dynamic)
}

fn a_list_of_strings(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::list(Type::String))
}

#[cfg(test)]
mod tests;
