//! A policy document in parts: read from JSON, laid over another, written again.

use super::text::Node;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A policy document.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// Version of the policy language; empty where the text names none.
    pub(super) version: String,
    /// Empty where there is none.
    pub(super) id: String,
    /// In their order.
    pub(super) statements: Vec<Statement>,
}

/// One rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) sid: String,
    pub(super) effect: String,
    pub(super) actions: Option<Texts>,
    pub(super) not_actions: Option<Texts>,
    pub(super) resources: Option<Texts>,
    pub(super) not_resources: Option<Texts>,
    pub(super) principals: Vec<Principal>,
    pub(super) not_principals: Vec<Principal>,
    pub(super) conditions: Vec<Condition>,
}

/// One text, or a list of texts; a list of one stays a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
}

/// Principals of one kind.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) kind: String,
    pub(super) who: Texts,
}

/// One test of one context key.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) test: String,
    pub(super) variable: String,
    pub(super) values: Vec<String>,
}

impl Document {
    /// Lays another document over this one: its statements replace those with the same sid, others are added.
    pub(super) fn merge(&mut self, over: Document) {
        if !over.id.is_empty() {
            self.id = over.id;
        }
        if over.version > self.version {
            self.version = over.version;
        }
        for statement in over.statements {
            let same = |s: &&mut Statement| !statement.sid.is_empty() && s.sid == statement.sid;
            match self.statements.iter_mut().find(same) {
                Some(old) => *old = statement,
                None => self.statements.push(statement),
            }
        }
    }

    /// Reads a document; the error says in words what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // IAM takes an empty document for no document.
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let json: Json = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))?;
        let members = json.as_object().ok_or("not a JSON object")?;
        let statements = match members.get("Statement") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(statements)) => statements.iter().map(Statement::parse).collect::<Result<_, _>>()?,
            Some(one) => vec![Statement::parse(one)?],
        };
        Ok(Self { version: word(members.get("Version"))?, id: word(members.get("Id"))?, statements })
    }

    /// The document as JSON, members in IAM's usual order.
    pub(super) fn node(&self) -> Node {
        let mut members = Vec::new();
        push_word(&mut members, "Version", &self.version);
        push_word(&mut members, "Id", &self.id);
        if !self.statements.is_empty() {
            members.push(("Statement".into(), Node::List(self.statements.iter().map(Statement::node).collect())));
        }
        Node::Members(members)
    }
}

impl Statement {
    fn parse(json: &Json) -> Result<Self, String> {
        let members = json.as_object().ok_or("a statement is not a JSON object")?;
        let texts = |name: &str| members.get(name).filter(|v| !v.is_null()).map(Texts::parse).transpose();
        Ok(Self {
            sid: word(members.get("Sid"))?,
            effect: word(members.get("Effect"))?,
            actions: texts("Action")?,
            not_actions: texts("NotAction")?,
            resources: texts("Resource")?,
            not_resources: texts("NotResource")?,
            principals: principals(members.get("Principal"))?,
            not_principals: principals(members.get("NotPrincipal"))?,
            conditions: conditions(members.get("Condition"))?,
        })
    }

    fn node(&self) -> Node {
        let mut members = Vec::new();
        push_word(&mut members, "Sid", &self.sid);
        push_word(&mut members, "Effect", &self.effect);
        let texts = [
            ("Action", &self.actions),
            ("NotAction", &self.not_actions),
            ("Resource", &self.resources),
            ("NotResource", &self.not_resources),
        ];
        members.extend(texts.into_iter().filter_map(|(name, texts)| Some((name.to_owned(), texts.as_ref()?.node()))));
        for (name, principals) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            if !principals.is_empty() {
                members.push((name.into(), principals_node(principals)));
            }
        }
        if !self.conditions.is_empty() {
            members.push(("Condition".into(), conditions_node(&self.conditions)));
        }
        Node::Members(members)
    }
}

impl Texts {
    fn parse(json: &Json) -> Result<Self, String> {
        match json {
            Json::Array(values) => Ok(Self::Many(values.iter().map(scalar).collect::<Result<_, _>>()?)),
            one => Ok(Self::One(scalar(one)?)),
        }
    }

    fn node(&self) -> Node {
        match self {
            Self::One(text) => Node::Text(text.clone()),
            Self::Many(texts) => Node::List(texts.iter().cloned().map(Node::Text).collect()),
        }
    }

    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

fn principals(json: Option<&Json>) -> Result<Vec<Principal>, String> {
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::String(_)) => Ok(vec![Principal { kind: "*".into(), who: Texts::One("*".into()) }]),
        Some(Json::Object(kinds)) => kinds
            .iter()
            .map(|(kind, who)| {
                let mut who = Texts::parse(who)?;
                if let Texts::Many(texts) = &mut who {
                    texts.sort_unstable_by(|a, b| b.cmp(a));
                }
                Ok(Principal { kind: kind.clone(), who })
            })
            .collect(),
        Some(_) => Err("a principal is neither a string nor an object".into()),
    }
}

fn principals_node(principals: &[Principal]) -> Node {
    if let [only] = principals
        && only.kind == "*"
        && only.who.clone().into_vec() == ["*"]
    {
        return Node::Text("*".into());
    }
    let mut kinds: BTreeMap<&str, Texts> = BTreeMap::new();
    for p in principals {
        let who = match kinds.remove(p.kind.as_str()) {
            None => p.who.clone(),
            Some(before) => Texts::Many([before.into_vec(), p.who.clone().into_vec()].concat()),
        };
        kinds.insert(&p.kind, who);
    }
    Node::Members(kinds.into_iter().map(|(kind, who)| (kind.to_owned(), who.node())).collect())
}

fn conditions(json: Option<&Json>) -> Result<Vec<Condition>, String> {
    let Some(tests) = json.filter(|v| !v.is_null()) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for (test, keys) in tests.as_object().ok_or("a condition is not a JSON object")? {
        for (variable, values) in keys.as_object().ok_or("a condition's test is not a JSON object")? {
            let values = Texts::parse(values)?.into_vec();
            out.push(Condition { test: test.clone(), variable: variable.clone(), values });
        }
    }
    Ok(out)
}

fn conditions_node(conditions: &[Condition]) -> Node {
    let mut tests: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for c in conditions {
        tests.entry(&c.test).or_default().entry(&c.variable).or_default().extend(c.values.iter().cloned());
    }
    let values = |mut values: Vec<String>| match values.len() {
        1 => Node::Text(values.remove(0)),
        _ => Texts::Many(values).node(),
    };
    let keys = |keys: BTreeMap<&str, Vec<String>>| Node::Members(keys.into_iter().map(|(key, v)| (key.to_owned(), values(v))).collect());
    Node::Members(tests.into_iter().map(|(test, k)| (test.to_owned(), keys(k))).collect())
}

fn scalar(json: &Json) -> Result<String, String> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Bool(_) | Json::Number(_) => Ok(json.to_string()),
        _ => Err("a list or an object stands where a string is wanted".into()),
    }
}

fn word(json: Option<&Json>) -> Result<String, String> {
    json.filter(|v| !v.is_null()).map_or_else(|| Ok(String::new()), scalar)
}

fn push_word(members: &mut Vec<(String, Node)>, name: &str, text: &str) {
    if !text.is_empty() {
        members.push((name.into(), Node::Text(text.into())));
    }
}
