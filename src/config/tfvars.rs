//! Values given for the root module's variables, from every place they may come from, in Terraform's order of precedence.

use super::expr::Expr;
use super::json;
use super::names::Names;
use super::parse::{Item, parse_items};
use levee_model::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use levee_syntax::File;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One value given for a variable.
#[derive(Clone, Debug)]
pub struct InputValue {
    /// What was given.
    pub given: Given,
    /// Where it came from.
    pub source: InputSource,
    /// Where it stands, when it stands in a file.
    pub span: Option<Span>,
}

/// What was given.
#[derive(Clone, Debug)]
pub enum Given {
    /// An expression of a file.
    Expr(Expr),
    /// Text of the command line or the environment; the variable's type decides how it is read.
    Text(Arc<str>),
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputSource {
    /// `TF_VAR_name`
    Environment,
    /// `terraform.tfvars` or `*.auto.tfvars`
    AutoFile(PathBuf),
    /// `-var-file`
    NamedFile(PathBuf),
    /// `-var`
    CommandLine,
    /// A saved plan, which was made with it.
    Plan,
}

impl fmt::Display for InputSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::AutoFile(p) | Self::NamedFile(p) => write!(f, "{}", p.display()),
            Self::CommandLine => f.write_str("-var"),
            Self::Plan => f.write_str("the plan"),
        }
    }
}

/// One `-var` or `-var-file`, in the order they were written: the later one wins.
#[derive(Clone, Debug)]
pub enum VarOption {
    /// `-var name=value`
    Var(String),
    /// `-var-file path`
    File(PathBuf),
}

/// Collects the values for the root module in `dir`. `environment` are the environment's variables; those that do not
/// begin with `TF_VAR_` are left alone.
pub fn inputs(
    dir: &Path,
    options: &[VarOption],
    environment: impl IntoIterator<Item = (String, String)>,
    sources: &mut Sources,
) -> (BTreeMap<Arc<str>, InputValue>, Diagnostics) {
    let mut reader = Reader { sources, values: BTreeMap::new(), diags: Diagnostics::new() };
    for (name, value) in environment {
        if let Some(name) = name.strip_prefix("TF_VAR_") {
            reader.set(name, Given::Text(Arc::from(value)), InputSource::Environment, None);
        }
    }
    for path in automatic_files(dir) {
        reader.file(&dir.join(&path), &InputSource::AutoFile(path));
    }
    for option in options {
        match option {
            VarOption::Var(text) => reader.var(text),
            VarOption::File(path) => reader.file(path, &InputSource::NamedFile(path.clone())),
        }
    }
    (reader.values, reader.diags)
}

/// `terraform.tfvars` and its JSON form, then `*.auto.tfvars` and theirs in the order of their names.
fn automatic_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        ["terraform.tfvars", "terraform.tfvars.json"].into_iter().filter(|n| dir.join(n).is_file()).map(PathBuf::from).collect();
    let names = std::fs::read_dir(dir).into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok());
    let mut auto: Vec<String> = names.filter(|n| n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json")).collect();
    auto.retain(|n| !super::load::is_editor_file(n));
    auto.sort();
    files.extend(auto.into_iter().map(PathBuf::from));
    files
}

/// The arguments of a variables file, with the mistakes in it.
pub fn parse_tfvars(sources: &Sources, source: SourceId) -> (Vec<(Arc<str>, Expr, Span)>, Diagnostics) {
    let mut diags = Diagnostics::new();
    let mut out: Vec<(Arc<str>, Expr, Span)> = Vec::new();
    let mut blocks = false;
    parse_items(File::of(sources, source), &mut Names::default(), &mut diags, &mut |item, diags| match item {
        Item::Attribute(a) => out.push((a.name, a.expr, a.name_span)),
        // One stands for all.
        Item::Block(b) if !std::mem::replace(&mut blocks, true) => diags.push(unexpected_block(&b)),
        Item::Block(_) => {}
    });
    (out, diags)
}

/// A file of values holds no blocks; a declaration that has strayed into it is told apart.
fn unexpected_block(block: &super::body::BlockExpr) -> Diagnostic {
    let name = block.labels.first().map(|l| &*l.text);
    if let (true, Some(name)) = (&*block.type_name == "variable", name) {
        let detail = format!(
            "A .tfvars file is used to assign values to variables that have already been declared in .tf files, not to declare new variables. To declare variable {name:?}, place this block in one of your .tf files, such as variables.tf.\n\nTo set a value for this variable in terraform.tfvars, use the definition syntax instead:\n    {name} = <value>"
        );
        return Diagnostic::error("Variable declaration in .tfvars file", detail).at(block.type_span);
    }
    Diagnostic::error(format!("Unexpected {:?} block", &*block.type_name), "Blocks are not allowed here.").at(block.type_span)
}

struct Reader<'a> {
    sources: &'a mut Sources,
    values: BTreeMap<Arc<str>, InputValue>,
    diags: Diagnostics,
}

impl Reader<'_> {
    fn set(&mut self, name: &str, given: Given, source: InputSource, span: Option<Span>) {
        self.values.insert(Arc::from(name), InputValue { given, source, span });
    }

    fn var(&mut self, text: &str) {
        let Some((name, value)) = text.split_once('=') else {
            let detail = format!(
                "The given -var option {text:?} is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."
            );
            self.diags.push(Diagnostic::error("Invalid -var option", detail));
            return;
        };
        if name.ends_with(' ') {
            let detail = format!(
                "Variable name {name:?} is invalid due to trailing space. Did you mean -var=\"{}={}\"?",
                name.trim(),
                value.trim_start()
            );
            self.diags.push(Diagnostic::error("Invalid -var option", detail));
            return;
        }
        self.set(name, Given::Text(Arc::from(value)), InputSource::CommandLine, None);
    }

    fn file(&mut self, path: &Path, source: &InputSource) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let shown = path.display();
                let detail = if error.kind() == std::io::ErrorKind::NotFound {
                    format!("Given variables file {shown} does not exist.")
                } else {
                    format!("Error while reading {shown}: {error}.")
                };
                self.diags.push(Diagnostic::error("Failed to read variables file", detail));
                return;
            }
        };
        // What `./` adds to a path says nothing.
        let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
        let id = self.sources.add_bytes(name, bytes);
        if path.extension().is_some_and(|e| e == "json") {
            for a in json::parse_arguments(id, self.sources, &mut self.diags) {
                self.set(&a.name, Given::Expr(a.expr), source.clone(), Some(a.name_span));
            }
            return;
        }
        let (items, diags) = parse_tfvars(self.sources, id);
        self.diags.extend(diags);
        for (name, expr, _) in items {
            let span = expr.span;
            self.set(&name, Given::Expr(expr), source.clone(), Some(span));
        }
    }
}
