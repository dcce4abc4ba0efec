//! Decides whether two different values of an attribute mean the same, so that a difference is no change.

use crate::schema::Equality;
use levee_model::number::Number;
use levee_model::{Kind, Value};
use serde_json::{Map, Value as Json};
use std::net::IpAddr;

/// Whether two values of an attribute mean the same under `kind`. Marks take no part; unknown equals only itself.
pub fn equal(kind: Equality, a: &Value, b: &Value) -> bool {
    let (a, b) = (a.clone().unmark_deep().0, b.clone().unmark_deep().0);
    a == b || (kind != Equality::Exact && means_the_same(kind, &a, &b))
}

fn means_the_same(kind: Equality, a: &Value, b: &Value) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::String(x), Kind::String(y)) => texts_equal(kind, x, y),
        (Kind::List(_, xs), Kind::List(_, ys)) | (Kind::Tuple(xs), Kind::Tuple(ys)) => {
            xs.len() == ys.len() && xs.iter().zip(ys.iter()).all(|(x, y)| equal(kind, x, y))
        }
        (Kind::Set(_, xs), Kind::Set(_, ys)) => {
            let within = |from: &[Value], of: &[Value]| from.iter().all(|x| of.iter().any(|y| equal(kind, x, y)));
            within(xs, ys) && within(ys, xs)
        }
        (Kind::Map(_, xs), Kind::Map(_, ys)) => {
            xs.len() == ys.len() && xs.iter().all(|(k, x)| ys.get(k).is_some_and(|y| equal(kind, x, y)))
        }
        _ => false,
    }
}

fn texts_equal(kind: Equality, a: &str, b: &str) -> bool {
    match kind {
        Equality::Exact => a == b,
        Equality::Json => json_equal(a, b),
        Equality::IamPolicy => policies_equal(a, b),
        Equality::CaseInsensitive => a.to_lowercase() == b.to_lowercase(),
        Equality::Cidr => a == b || cidr_network(a).is_some_and(|x| cidr_network(b) == Some(x)),
    }
}

/// Whether two JSON texts have the same content. Texts that are not JSON are equal only when they are the same.
pub fn json_equal(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(a), Ok(b)) => contents_equal(&a, &b),
        _ => false,
    }
}

fn contents_equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => x == y || Number::parse(&x.to_string()) == Number::parse(&y.to_string()),
        (Json::Array(xs), Json::Array(ys)) => xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| contents_equal(x, y)),
        (Json::Object(xs), Json::Object(ys)) => {
            xs.len() == ys.len() && xs.iter().all(|(k, x)| ys.get(k).is_some_and(|y| contents_equal(x, y)))
        }
        _ => a == b,
    }
}

/// Whether two IAM policy documents mean the same.
///
/// Order plays no part in statements, actions, resources, principals and condition values; one element and a list of one
/// are the same; so are an account id and the ARN of that account's root, and actions that differ in case only. Texts that
/// are not JSON objects are equal only when they are the same.
pub fn policies_equal(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(Json::Object(a)), Ok(Json::Object(b))) => canonical_document(&a) == canonical_document(&b),
        _ => false,
    }
}

/// A document's meaning in one fixed form.
fn canonical_document(document: &Map<String, Json>) -> Json {
    let mut out = Map::new();
    // What IAM takes for a document that names no version.
    out.insert("Version".into(), "2008-10-17".into());
    for (name, value) in document {
        match name.as_str() {
            "Id" if is_empty(value) => {}
            "Statement" => {
                let statements = listed(value).iter().map(canonical_statement).collect();
                out.insert(name.clone(), sorted(statements));
            }
            _ => {
                out.insert(name.clone(), value.clone());
            }
        }
    }
    Json::Object(out)
}

fn canonical_statement(statement: &Json) -> Json {
    let Json::Object(statement) = statement else { return statement.clone() };
    let mut out = Map::new();
    for (name, value) in statement {
        let canonical = match name.as_str() {
            "Sid" | "Condition" if is_empty(value) => continue,
            "Action" | "NotAction" => texts(value, |s| s.to_lowercase()),
            "Resource" | "NotResource" => texts(value, str::to_owned),
            "Principal" | "NotPrincipal" => canonical_principal(value),
            "Condition" => canonical_condition(value),
            _ => value.clone(),
        };
        out.insert(name.clone(), canonical);
    }
    Json::Object(out)
}

fn canonical_principal(principal: &Json) -> Json {
    match principal {
        // IAM reads the bare star as every AWS principal.
        Json::String(all) if all == "*" => serde_json::json!({ "AWS": ["*"] }),
        Json::Object(by_type) => Json::Object(
            by_type
                .iter()
                .map(|(kind, who)| {
                    let who = if kind == "AWS" { texts(who, account_or_self) } else { texts(who, str::to_owned) };
                    (kind.clone(), who)
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The account id of `arn:aws:iam::ID:root`, in any partition; anything else as it is.
fn account_or_self(principal: &str) -> String {
    let parts: Vec<&str> = principal.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => (*account).to_owned(),
        _ => principal.to_owned(),
    }
}

fn canonical_condition(condition: &Json) -> Json {
    let Json::Object(tests) = condition else { return condition.clone() };
    let of_test = |keys: &Json| match keys {
        // Condition keys are read without regard to case.
        Json::Object(keys) => Json::Object(keys.iter().map(|(k, v)| (k.to_lowercase(), texts(v, str::to_owned))).collect()),
        other => other.clone(),
    };
    Json::Object(tests.iter().map(|(test, keys)| (test.clone(), of_test(keys))).collect())
}

/// A scalar or list as a sorted list of texts without duplicates; numbers and bools become texts, as IAM stores them.
fn texts(value: &Json, of: impl Fn(&str) -> String) -> Json {
    let text = |v: &Json| match v {
        Json::String(s) => Json::String(of(s)),
        Json::Bool(_) | Json::Number(_) => Json::String(of(&v.to_string())),
        other => other.clone(),
    };
    sorted(listed(value).iter().map(text).collect())
}

fn sorted(mut values: Vec<Json>) -> Json {
    values.sort_by_cached_key(Json::to_string);
    values.dedup();
    Json::Array(values)
}

fn listed(value: &Json) -> &[Json] {
    match value {
        Json::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(s) => s.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The network of an IPv4 or IPv6 CIDR block, its host bits cleared, and the length of its prefix.
fn cidr_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    let network = match address.parse().ok()? {
        IpAddr::V4(a) if length <= 32 => IpAddr::V4((u32::from(a) & u32::MAX.checked_shl(32 - length).unwrap_or(0)).into()),
        IpAddr::V6(a) if length <= 128 => IpAddr::V6((u128::from(a) & u128::MAX.checked_shl(128 - length).unwrap_or(0)).into()),
        _ => return None,
    };
    Some((network, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Type;

    fn statement(body: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{body}}}]}}"#)
    }

    #[track_caller]
    fn check(a: &str, b: &str, same: bool) {
        assert_eq!(policies_equal(&statement(a), &statement(b)), same, "{a} and {b}");
        assert_eq!(policies_equal(&statement(b), &statement(a)), same, "{b} and {a}");
    }

    #[test]
    fn order_and_single_elements_do_not_matter() {
        check(r#""Action":["a:B","a:C"],"Resource":"*""#, r#""Resource":["*"],"Action":["a:C","a:B"]"#, true);
        check(r#""Action":["a:B","a:B"],"Resource":"*""#, r#""Action":"a:B","Resource":"*""#, true);
        check(r#""Action":["a:B","a:C"],"Resource":"*""#, r#""Action":["a:B"],"Resource":"*""#, false);
        let list = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny"},{"Effect":"Allow"}]}"#;
        let turned = r#"{"Statement":[{"Effect":"Allow"},{"Effect":"Deny","Sid":""}],"Version":"2012-10-17"}"#;
        assert!(policies_equal(list, turned));
        let single = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}"#;
        assert!(policies_equal(single, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny"}]}"#));
        assert!(!policies_equal(single, list));
    }

    #[test]
    fn an_account_is_its_root() {
        let account = r#""Principal":{"AWS":"123456789012"}"#;
        check(account, r#""Principal":{"AWS":["arn:aws:iam::123456789012:root"]}"#, true);
        check(account, r#""Principal":{"AWS":"arn:aws-cn:iam::123456789012:root"}"#, true);
        check(account, r#""Principal":{"AWS":"arn:aws:iam::123456789012:user/root"}"#, false);
        check(account, r#""Principal":{"AWS":"arn:aws:iam::210987654321:root"}"#, false);
        check(r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, true);
        check(r#""Principal":"*""#, r#""Principal":{"Service":"*"}"#, false);
    }

    #[test]
    fn case_matters_in_resources_but_not_in_actions() {
        check(r#""Action":"EC2:describe*""#, r#""Action":"ec2:Describe*""#, true);
        check(r#""Resource":"arn:aws:s3:::A""#, r#""Resource":"arn:aws:s3:::a""#, false);
        check(r#""NotAction":"a:b""#, r#""Action":"a:b""#, false);
    }

    #[test]
    fn condition_values_are_texts() {
        let of = |v: &str| format!(r#""Condition":{{"Bool":{{"aws:SecureTransport":{v}}}}}"#);
        check(&of("true"), &of(r#"["true"]"#), true);
        check(&of("true"), &of("false"), false);
        check(&of("7"), &of(r#""7""#), true);
        check(&of(r#"["x","y"]"#), &of(r#"["y","x"]"#), true);
        check(r#""Condition":{}"#, r#""Sid":"""#, true);
        check(&of("true"), &of("true").replace("aws:Secure", "AWS:secure"), true);
    }

    #[test]
    fn what_is_no_policy_is_compared_as_text() {
        assert!(policies_equal("x", "x"));
        assert!(!policies_equal("x", "y"));
        assert!(!policies_equal("{}", "x"));
        assert!(policies_equal(r#"{"Version":"2008-10-17"}"#, "{}"));
        assert!(!policies_equal(r#"{"Version":"2012-10-17"}"#, "{}"));
    }

    #[test]
    fn json_has_no_order_of_members_but_one_of_elements() {
        assert!(json_equal(r#"{"a":1,"b":[1,2]}"#, "{ \"b\": [1.0, 2], \"a\": 1e0 }"));
        assert!(!json_equal("[1,2]", "[2,1]"));
        assert!(!json_equal(r#"{"a":null}"#, "{}"));
    }

    #[test]
    fn every_kind_compares_values() {
        let s = |text: &str| Value::string(text);
        assert!(!equal(Equality::Exact, &s("A"), &s("a")));
        assert!(equal(Equality::CaseInsensitive, &s("A"), &s("a").sensitive()));
        assert!(equal(Equality::Cidr, &s("10.47.3.9/16"), &s("10.47.0.0/16")));
        assert!(!equal(Equality::Cidr, &s("10.47.0.0/16"), &s("10.47.0.0/17")));
        assert!(equal(Equality::Cidr, &s("2001:DB8::1/32"), &s("2001:db8::/32")));
        assert!(equal(Equality::Cidr, &s("1.2.3.4/0"), &s("0.0.0.0/0")));
        assert!(equal(Equality::Json, &s("[ ]"), &s("[]")));
        assert!(!equal(Equality::Json, &s("[]"), &Value::null(Type::String)));
        assert!(!equal(Equality::Json, &s("[]"), &Value::unknown(Type::String)));
        let list = |v: &[&str]| Value::list(Type::String, v.iter().map(|t| s(t)).collect::<Vec<_>>());
        assert!(equal(Equality::CaseInsensitive, &list(&["A", "b"]), &list(&["a", "B"])));
        assert!(!equal(Equality::CaseInsensitive, &list(&["A", "b"]), &list(&["b", "a"])));
        let set = |v: &[&str]| Value::set(Type::String, v.iter().map(|t| s(t)).collect());
        assert!(equal(Equality::CaseInsensitive, &set(&["A", "b"]), &set(&["B", "a"])));
    }
}
