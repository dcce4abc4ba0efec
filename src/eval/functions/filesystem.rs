//! Functions of paths and of files beside the configuration.

use super::{Answer, Context, Function, FunctionError, Param, a_bool, a_string, string, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_model::text::quote;
use levee_model::{Type, Value};
use regex_automata::meta::Regex;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

const PATH: Param = Param::string("path");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[PATH], a_string, |ctx, a| Ok(path_value(&clean(&ctx.base_dir.join(text(a, 0)?))))),
    Function::new("basename", &[PATH], a_string, |_, a| Ok(string(basename(text(a, 0)?)))),
    Function::new("dirname", &[PATH], a_string, |_, a| Ok(string(&dirname(text(a, 0)?)))),
    Function::new("file", &[PATH], a_string, |ctx, a| Ok(string(&read_text(ctx, text(a, 0)?)?))),
    Function::new("filebase64", &[PATH], a_string, |ctx, a| Ok(string(&STANDARD.encode(read(ctx, text(a, 0)?)?)))),
    Function::new("fileexists", &[PATH], a_bool, fileexists),
    Function::new("fileset", &[PATH, Param::string("pattern")], |_| Ok(Type::set(Type::String)), fileset),
    Function::new("pathexpand", &[PATH], a_string, |ctx, a| Ok(string(&expand(ctx, text(a, 0)?)?))),
];

fn path_value(path: &Path) -> Value {
    string(&path.to_string_lossy())
}

/// The shortest path that means the same, judged by its text; `.` if nothing is left.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            part => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

fn basename(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}

fn dirname(path: &str) -> String {
    let dir = path.rfind('/').map_or("", |i| &path[..=i]);
    clean(Path::new(dir)).to_string_lossy().into_owned()
}

/// With the home directory in place of a leading `~`.
fn expand(ctx: &Context<'_>, path: &str) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.into()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(FunctionError::new("cannot expand user-specific home dir"));
    }
    let home = ctx.home.as_ref().ok_or_else(|| FunctionError::new("failed to expand ~: no home directory is known"))?;
    Ok(format!("{}{rest}", home.to_string_lossy().trim_end_matches('/')))
}

/// The path as messages show it, and where it is.
fn locate(ctx: &Context<'_>, path: &str) -> Result<(PathBuf, PathBuf), FunctionError> {
    let shown = clean(Path::new(&expand(ctx, path)?));
    let full = ctx.base_dir.join(&shown);
    Ok((shown, full))
}

/// The content of a file that is part of the configuration.
pub(super) fn read(ctx: &Context<'_>, path: &str) -> Result<Vec<u8>, FunctionError> {
    let (shown, full) = locate(ctx, path).map_err(|e| FunctionError::arg(0, e.message))?;
    ctx.files.content(&shown, &full).map_err(|e| {
        let message = match e.kind() {
            ErrorKind::NotFound => format!(
                "no file exists at {}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource",
                quote(path)
            ),
            ErrorKind::IsADirectory => format!("failed to read file: read {}: is a directory", shown.display()),
            _ => format!("failed to read file: {e}"),
        };
        FunctionError::arg(0, message)
    })
}

/// As [`read`], with errors in the words of functions that only look at the content.
pub(super) fn open(ctx: &Context<'_>, path: &str) -> Result<Vec<u8>, FunctionError> {
    let (shown, full) = locate(ctx, path)?;
    ctx.files.content(&shown, &full).map_err(|e| {
        let shown = shown.display();
        FunctionError::new(match e.kind() {
            ErrorKind::NotFound => format!("open {shown}: no such file or directory"),
            ErrorKind::IsADirectory => format!("read {shown}: is a directory"),
            ErrorKind::PermissionDenied => format!("open {shown}: permission denied"),
            _ => format!("open {shown}: {e}"),
        })
    })
}

/// As [`read`], for a file that must be text.
pub(super) fn read_text(ctx: &Context<'_>, path: &str) -> Result<String, FunctionError> {
    String::from_utf8(read(ctx, path)?).map_err(|_| {
        FunctionError::new(format!(
            "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            quote(path)
        ))
    })
}

fn fileexists(ctx: &Context<'_>, args: &[Value]) -> Answer {
    let (shown, full) = locate(ctx, text(args, 0)?)?;
    let quoted = quote(&shown.to_string_lossy());
    let find = || match fs::metadata(full) {
        Ok(m) if m.is_file() => Ok(vec![shown.to_string_lossy().into_owned()]),
        Ok(m) if m.is_dir() => Err(FunctionError::new(format!("{quoted} is a directory, not a file"))),
        Ok(_) => Err(FunctionError::new(format!("{quoted} is not a regular file"))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(FunctionError::new(format!("failed to stat {quoted}: {e}"))),
    };
    let found = ctx.files.answer(format!("fileexists {quoted}"), find)?;
    Ok(Value::bool(!found.is_empty()))
}

fn fileset(ctx: &Context<'_>, args: &[Value]) -> Answer {
    let (shown, _) = locate(ctx, text(args, 0)?)?;
    let question = format!("fileset {} {}", quote(&shown.to_string_lossy()), quote(text(args, 1)?));
    let names = ctx.files.answer(question, || matching(ctx, args, &shown))?;
    Ok(Value::set(Type::String, names.iter().map(|name| string(name)).collect()))
}

/// The files that `fileset` finds, as paths from `shown`.
fn matching(ctx: &Context<'_>, args: &[Value], shown: &Path) -> Result<Vec<String>, FunctionError> {
    let pattern = clean(&shown.join(text(args, 1)?));
    let is_glob = |part: &str| part.contains(['*', '?', '[', '{', '\\']);
    let parts: Vec<String> = pattern.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    // The last part is always matched, so that a plain name is found as well.
    let fixed = parts.iter().position(|p| is_glob(p)).unwrap_or(parts.len().saturating_sub(1));
    let (root, globs) = parts.split_at(fixed);
    let root: PathBuf = root.iter().collect();
    let matcher = glob(&globs.join("/"))
        .ok_or_else(|| FunctionError::new(format!("failed to glob pattern ({}): syntax error in pattern", pattern.display())))?;
    let depth = if globs.iter().any(|part| part == "**") { usize::MAX } else { globs.len() };
    let mut found = Vec::new();
    walk(&ctx.base_dir.join(&root), "", depth, &mut found);
    Ok(found.iter().filter(|name| matcher.is_match(name)).map(|name| relative(shown, &root.join(name))).collect())
}

/// All regular files in a directory, as paths from there. What cannot be read is passed over.
fn walk(dir: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let Ok(meta) = fs::metadata(entry.path()) else { continue };
        if meta.is_file() {
            found.push(name);
        } else if meta.is_dir() && depth > 1 && entry.file_type().is_ok_and(|t| t.is_dir()) {
            walk(&entry.path(), &name, depth.saturating_sub(1), found);
        }
    }
}

/// `path` as seen from `base`, both clean.
fn relative(base: &Path, path: &Path) -> String {
    let base: Vec<_> = base.components().filter(|c| *c != Component::CurDir).collect();
    let path: Vec<_> = path.components().filter(|c| *c != Component::CurDir).collect();
    let shared = base.iter().zip(&path).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".into(), base.len() - shared);
    let down = path[shared..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}

/// A pattern with `*`, `**`, `?`, `[...]` and `{a,b}` as an expression for whole paths.
fn glob(pattern: &str) -> Option<Regex> {
    let mut out = String::from("(?s)^");
    let mut rest = pattern;
    let mut braces = 0;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        let at_start = rest.len() == pattern.len() || pattern[..pattern.len() - rest.len()].ends_with('/');
        match c {
            '*' if at_start && rest.starts_with("**/") => {
                out.push_str("(?:[^/]+/)*");
                len = 3;
            }
            '*' if at_start && rest == "**" => {
                out.push_str(".*");
                len = 2;
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                let end = 2 + rest.get(2..)?.find(']')?;
                let inside = &rest[1..end];
                let (negated, members) = inside.strip_prefix('^').map_or(("", inside), |members| ("^", members));
                out.push_str(&format!(
                    "[{negated}{}]",
                    members.replace('\\', "\\\\").replace('[', "\\[").replace('&', "\\&").replace('~', "\\~")
                ));
                len = end + 1;
            }
            '{' => {
                out.push_str("(?:");
                braces += 1;
            }
            '}' if braces > 0 => {
                out.push(')');
                braces -= 1;
            }
            ',' if braces > 0 => out.push('|'),
            '\\' => {
                let escaped = rest[1..].chars().next()?;
                out.push_str(&regex_syntax::escape(&escaped.to_string()));
                len += escaped.len_utf8();
            }
            c => out.push_str(&regex_syntax::escape(&c.to_string())),
        }
        rest = &rest[len..];
    }
    out.push('$');
    Regex::new(&out).ok()
}
