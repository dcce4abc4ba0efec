//! `csvdecode`: a list of objects from comma-separated text with a header.

use super::{Answer, Function, FunctionError, Param, text};
use levee_model::text::{nfc, quote};
use levee_model::{Kind, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "csvdecode",
    &[Param::string("str")],
    |a| match a[0].kind() {
        Kind::String(s) => Ok(decode(s)?.ty()),
        _ => Ok(Type::Dynamic),
    },
    |_, a| decode(text(a, 0)?),
)];

fn decode(source: &str) -> Answer {
    let mut records = Records { rest: source, line: 1 };
    let (_, header) = records.next().ok_or_else(|| FunctionError::new("missing header line"))??;
    let mut names: Vec<Arc<str>> = Vec::new();
    for name in header {
        let name = nfc(&name);
        if names.contains(&name) {
            return Err(FunctionError::new(format!("duplicate column name {}", quote(&name))));
        }
        names.push(name);
    }
    let mut rows = Vec::new();
    for record in records {
        let (line, fields) = record?;
        if fields.len() != names.len() {
            return Err(failure(line, "wrong number of fields"));
        }
        let row = names.iter().cloned().zip(fields.iter().map(|f| Value::string(nfc(f))));
        rows.push(Value::object(row.collect()));
    }
    let columns: BTreeMap<Arc<str>, Type> = names.into_iter().map(|name| (name, Type::String)).collect();
    Ok(Value::list(Type::object(columns), rows))
}

fn failure(line: usize, what: &str) -> FunctionError {
    FunctionError::new(format!("CSV parse error on line {line}: {what}"))
}

/// The records of a text, each with the line it begins on. Empty lines are skipped.
struct Records<'s> {
    rest: &'s str,
    line: usize,
}

impl<'s> Records<'s> {
    /// Up to the line break and past it.
    fn take_line(&mut self) -> &'s str {
        let end = self.rest.find('\n').map_or(self.rest.len(), |i| i + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.line += 1;
        line
    }

    /// The rest of a field after its opening quote, and of the line after its closing quote.
    fn quoted(&mut self, mut line: &'s str) -> Result<(String, &'s str), FunctionError> {
        let mut field = String::new();
        loop {
            match line.find('"') {
                Some(i) if line[i + 1..].starts_with('"') => {
                    field.push_str(&line[..=i]);
                    line = &line[i + 2..];
                }
                Some(i) => {
                    field.push_str(&line[..i]);
                    return Ok((field, &line[i + 1..]));
                }
                None if self.rest.is_empty() => {
                    let last = if line.is_empty() || line.ends_with('\n') { self.line - 1 } else { self.line };
                    return Err(failure(last.max(1), "extraneous or missing \" in quoted-field"));
                }
                None => {
                    field.push_str(&line.replace("\r\n", "\n"));
                    line = self.take_line();
                }
            }
        }
    }

    fn record(&mut self, mut line: &'s str) -> Result<Vec<String>, FunctionError> {
        let mut fields = Vec::new();
        loop {
            let current = self.line - 1;
            let (field, rest) = if let Some(inside) = line.strip_prefix('"') {
                let (field, rest) = self.quoted(inside)?;
                if !(rest.is_empty() || rest.starts_with([',', '\n']) || rest.starts_with("\r\n")) {
                    return Err(failure(current, "extraneous or missing \" in quoted-field"));
                }
                (field, rest)
            } else {
                let end = line.find([',', '\n']).unwrap_or(line.len());
                let field = if line[end..].starts_with(',') { &line[..end] } else { line[..end].trim_end_matches('\r') };
                if field.contains('"') {
                    return Err(failure(current, "bare \" in non-quoted-field"));
                }
                (field.to_string(), &line[end..])
            };
            fields.push(field);
            match rest.strip_prefix(',') {
                Some(more) => line = more,
                None => return Ok(fields),
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), FunctionError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let begin = self.line;
            let line = self.take_line();
            if !line.trim_end_matches(['\r', '\n']).is_empty() {
                return Some(self.record(line).map(|fields| (begin, fields)));
            }
        }
        None
    }
}
