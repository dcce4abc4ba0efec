//! `data.aws_iam_policy_document`: writes a policy document from blocks and other documents, without any call.

use crate::client::Aws;
use levee_model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, ProviderError, Shape};
use std::collections::BTreeSet;

mod document;
mod text;

use document::{Condition, Document, Principal, Statement as Parsed, Texts};

/// Writes an IAM policy document as JSON.
#[derive(Clone, Default, Shape)]
pub struct PolicyDocument {
    /// Checksum of the document.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The document, indented.
    #[attr(computed)]
    pub json: Option<String>,
    /// The document without white space.
    #[attr(computed)]
    pub minified_json: Option<String>,
    /// Has no effect.
    #[attr(optional, deprecated = "Not used", unsupported)]
    pub override_json: Option<String>,
    /// Documents laid over this one: their statements replace those with the same `sid`.
    #[attr(optional)]
    pub override_policy_documents: Option<Vec<String>>,
    /// The document's own id.
    #[attr(optional)]
    pub policy_id: Option<String>,
    /// Has no effect.
    #[attr(optional, deprecated = "Not used", unsupported)]
    pub source_json: Option<String>,
    /// Documents this one is laid over; a `sid` may stand in one of them only.
    #[attr(optional)]
    pub source_policy_documents: Option<Vec<String>>,
    /// Version of the policy language.
    #[attr(optional, default = "2012-10-17")]
    pub version: Option<String>,
    /// One rule.
    #[block(list)]
    pub statement: Vec<Statement>,
}

/// One rule of a document.
#[derive(Clone, Default, Shape)]
pub struct Statement {
    /// What may, or may not, be done.
    #[attr(optional)]
    pub actions: Option<BTreeSet<String>>,
    /// `Allow` or `Deny`.
    #[attr(optional, default = "Allow")]
    pub effect: Option<String>,
    /// Everything but these actions.
    #[attr(optional)]
    pub not_actions: Option<BTreeSet<String>>,
    /// Everything but these resources.
    #[attr(optional)]
    pub not_resources: Option<BTreeSet<String>>,
    /// ARNs of what it is done to; `&{...}` stands for IAM's own `${...}`.
    #[attr(optional)]
    pub resources: Option<BTreeSet<String>>,
    /// Name of the statement, unique in the document.
    #[attr(optional)]
    pub sid: Option<String>,
    /// Must hold for the statement to apply.
    #[block(set)]
    pub condition: Vec<StatementCondition>,
    /// Everybody but these.
    #[block(set)]
    pub not_principals: Vec<StatementNotPrincipals>,
    /// Who the statement is about.
    #[block(set)]
    pub principals: Vec<StatementPrincipals>,
}

/// Who a statement is about.
#[derive(Clone, Default, Shape)]
pub struct StatementPrincipals {
    /// ARNs, account ids, service names, or `*`.
    #[attr(required)]
    pub identifiers: Option<BTreeSet<String>>,
    /// `AWS`, `Service`, `Federated`, `CanonicalUser` or `*`.
    #[attr(required)]
    pub r#type: Option<String>,
}

/// Who a statement is not about.
#[derive(Clone, Default, Shape)]
pub struct StatementNotPrincipals {
    /// ARNs, account ids, service names, or `*`.
    #[attr(required)]
    pub identifiers: Option<BTreeSet<String>>,
    /// `AWS`, `Service`, `Federated`, `CanonicalUser` or `*`.
    #[attr(required)]
    pub r#type: Option<String>,
}

/// A test of the request.
#[derive(Clone, Default, Shape)]
pub struct StatementCondition {
    /// Name of the test: `StringEquals`.
    #[attr(required)]
    pub test: Option<String>,
    /// What it is compared with; one match is enough.
    #[attr(required)]
    pub values: Option<Vec<String>>,
    /// The request's context key: `aws:SourceIp`.
    #[attr(required)]
    pub variable: Option<String>,
}

impl DataSource for PolicyDocument {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_policy_document";

    fn validate(config: &Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        one_of(&mut found, config.get("version").as_ref(), "version", &["2008-10-17", "2012-10-17"]);
        let statements = config.get("statement").unwrap_or_else(|| Value::bool(false));
        for statement in statements.elements().unwrap_or_default() {
            one_of(&mut found, statement.get("effect").as_ref(), "effect", &["Allow", "Deny"]);
            let sid = statement.get("sid");
            if let Some(sid) = sid.as_ref().and_then(Value::as_str).filter(|s| !s.chars().all(|c| c.is_ascii_alphanumeric())) {
                let detail = format!("{sid:?} holds characters other than ASCII letters and digits.");
                found.push(Diagnostic::error("Invalid sid", detail));
            }
        }
        found
    }

    async fn read(_: &Ctx<Aws>, config: Self) -> levee_sdk::error::Result<Self> {
        config.write()
    }
}

fn one_of(found: &mut Diagnostics, value: Option<&Value>, name: &str, allowed: &[&str]) {
    if let Some(text) = value.and_then(Value::as_str).filter(|text| !allowed.contains(text)) {
        let detail = format!("{text:?} is not one of {}.", allowed.join(", "));
        found.push(Diagnostic::error(format!("Invalid {name}"), detail));
    }
}

impl PolicyDocument {
    /// Fills in the computed attributes.
    fn write(mut self) -> levee_sdk::error::Result<Self> {
        let mut merged = Document::default();
        let mut sids = BTreeSet::new();
        for (i, source) in self.source_policy_documents.iter().flatten().enumerate() {
            let source = parsed(source, "source", i)?;
            for sid in source.statements.iter().filter(|s| !s.sid.is_empty()).map(|s| &s.sid) {
                if !sids.insert(sid.clone()) {
                    return Err(ProviderError::invalid(format!(
                        "the sid {sid} stands twice in source_policy_documents (second time in document {i})"
                    )));
                }
            }
            merged.merge(source);
        }
        merged.merge(self.own()?);
        for (i, over) in self.override_policy_documents.iter().flatten().enumerate() {
            merged.merge(parsed(over, "override", i)?);
        }
        let node = merged.node();
        let json = text::indented(&node);
        self.id = Some(text::checksum(&json).to_string());
        self.minified_json = Some(text::minified(&node));
        self.json = Some(json);
        Ok(self)
    }

    /// The document of this block's own statements.
    fn own(&self) -> levee_sdk::error::Result<Document> {
        let version = self.version.clone().unwrap_or_else(|| "2012-10-17".into());
        let mut sids = BTreeSet::new();
        let mut statements = Vec::with_capacity(self.statement.len());
        for statement in &self.statement {
            let statement = statement.parse(&version)?;
            if !statement.sid.is_empty() && !sids.insert(statement.sid.clone()) {
                return Err(ProviderError::invalid(format!("two statements have the sid {}", statement.sid)));
            }
            statements.push(statement);
        }
        Ok(Document { version, id: self.policy_id.clone().unwrap_or_default(), statements })
    }
}

fn parsed(json: &str, role: &str, index: usize) -> levee_sdk::error::Result<Document> {
    Document::parse(json).map_err(|why| ProviderError::invalid(format!("{role}_policy_documents[{index}]: {why}")))
}

impl Statement {
    fn parse(&self, version: &str) -> levee_sdk::error::Result<Parsed> {
        let plain = |set: &Option<BTreeSet<String>>| set.as_ref().filter(|s| !s.is_empty()).map(|s| written(s.iter().cloned()));
        let replaced = |set: &Option<BTreeSet<String>>| set.as_ref().filter(|s| !s.is_empty()).map(|s| set_of(s, version)).transpose();
        let mut principals = Vec::new();
        for p in &self.principals {
            principals.push(principal(p.r#type.as_ref(), p.identifiers.as_ref(), version)?);
        }
        let mut not_principals = Vec::new();
        for p in &self.not_principals {
            not_principals.push(principal(p.r#type.as_ref(), p.identifiers.as_ref(), version)?);
        }
        let conditions = self.condition.iter().map(|c| {
            let values = c.values.iter().flatten().map(|v| variables(v, version)).collect::<levee_sdk::error::Result<_>>()?;
            let (test, variable) = (c.test.clone().unwrap_or_default(), c.variable.clone().unwrap_or_default());
            Ok(Condition { test, variable, values })
        });
        Ok(Parsed {
            sid: self.sid.clone().unwrap_or_default(),
            effect: self.effect.clone().unwrap_or_else(|| "Allow".into()),
            actions: plain(&self.actions),
            not_actions: plain(&self.not_actions),
            resources: replaced(&self.resources)?,
            not_resources: replaced(&self.not_resources)?,
            principals,
            not_principals,
            conditions: conditions.collect::<levee_sdk::error::Result<_>>()?,
        })
    }
}

fn principal(kind: Option<&String>, who: Option<&BTreeSet<String>>, version: &str) -> levee_sdk::error::Result<Principal> {
    let empty = BTreeSet::new();
    Ok(Principal { kind: kind.cloned().unwrap_or_default(), who: set_of(who.unwrap_or(&empty), version)? })
}

fn set_of(set: &BTreeSet<String>, version: &str) -> levee_sdk::error::Result<Texts> {
    // Sorted before variables are written in, as Terraform's provider does it: the order shows in the document.
    let Texts::Many(texts) = written(set.iter().cloned()) else {
        return Ok(Texts::One(variables(set.iter().next().map_or("", String::as_str), version)?));
    };
    Ok(Texts::Many(texts.iter().map(|t| variables(t, version)).collect::<levee_sdk::error::Result<_>>()?))
}

/// One text as it is, several in descending order: the form users know from Terraform's provider.
fn written(ascending: impl DoubleEndedIterator<Item = String>) -> Texts {
    let mut texts: Vec<String> = ascending.rev().collect();
    match texts.len() {
        1 => Texts::One(texts.remove(0)),
        _ => Texts::Many(texts),
    }
}

/// `&{...}` becomes IAM's own `${...}`, which the language would take for an interpolation.
fn variables(text: &str, version: &str) -> levee_sdk::error::Result<String> {
    if version == "2008-10-17" && text.contains("&{") {
        return Err(ProviderError::invalid(format!("{text:?} holds `&{{`, but version 2008-10-17 has no policy variables")));
    }
    Ok(text.replace("&{", "${"))
}

#[cfg(test)]
mod tests;
