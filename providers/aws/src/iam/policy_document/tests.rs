use super::*;

fn set(texts: &[&str]) -> Option<BTreeSet<String>> {
    Some(texts.iter().map(|t| (*t).to_owned()).collect())
}

fn document(statement: Vec<Statement>) -> PolicyDocument {
    PolicyDocument { statement, ..PolicyDocument::default() }
}

fn trust() -> Statement {
    let principals = |kind: &str, who: &[&str]| StatementPrincipals { identifiers: set(who), r#type: Some(kind.into()) };
    Statement {
        actions: set(&["sts:AssumeRole"]),
        principals: vec![principals("Service", &["eks.amazonaws.com", "ec2.amazonaws.com"]), principals("AWS", &["*"])],
        condition: vec![StatementCondition {
            test: Some("StringLike".into()),
            values: Some(vec!["b&{aws:username}".into(), "a<b".into()]),
            variable: Some("aws:x".into()),
        }],
        ..Statement::default()
    }
}

#[test]
fn it_is_written_as_terraforms_provider_writes_it() {
    let written = document(vec![trust()]).write().unwrap();
    let json = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {
        "AWS": "*",
        "Service": [
          "eks.amazonaws.com",
          "ec2.amazonaws.com"
        ]
      },
      "Condition": {
        "StringLike": {
          "aws:x": [
            "b${aws:username}",
            "a\u003cb"
          ]
        }
      }
    }
  ]
}"#;
    assert_eq!(written.json.as_deref(), Some(json));
    let minified: String = json.split_whitespace().collect();
    assert_eq!(written.minified_json.unwrap(), minified);
    assert_eq!(written.id.unwrap(), text::checksum(json).to_string());
}

#[test]
fn the_checksum_is_crc_32() {
    assert_eq!(text::checksum("123456789"), 0xCBF4_3926);
}

#[test]
fn the_bare_star_is_everybody() {
    let all = StatementPrincipals { identifiers: set(&["*"]), r#type: Some("*".into()) };
    let statement = Statement { actions: set(&["s3:*"]), principals: vec![all], ..Statement::default() };
    let json = document(vec![statement]).write().unwrap().minified_json.unwrap();
    assert!(json.contains(r#""Principal":"*""#), "{json}");
}

#[test]
fn overrides_replace_by_sid_and_sources_come_first() {
    let named = |sid: &str, action: &str| Statement { sid: Some(sid.into()), actions: set(&[action]), ..Statement::default() };
    let source = r#"{"Version":"2008-10-17","Id":"a","Statement":[{"Sid":"S","Effect":"Deny","Action":["x:y"]},{"Effect":"Deny"}]}"#;
    let over = r#"{"Statement":[{"Sid":"Own","Effect":"Deny","Condition":{"Bool":{"k":true}}}]}"#;
    let mut doc = document(vec![named("Own", "a:b"), named("S", "c:d")]);
    doc.source_policy_documents = Some(vec![source.into()]);
    doc.override_policy_documents = Some(vec![over.into()]);
    let json = doc.write().unwrap().minified_json.unwrap();
    let wanted = concat!(
        r#"{"Version":"2012-10-17","Id":"a","Statement":[{"Sid":"S","Effect":"Allow","Action":"c:d"},{"Effect":"Deny"},"#,
        r#"{"Sid":"Own","Effect":"Deny","Condition":{"Bool":{"k":"true"}}}]}"#
    );
    assert_eq!(json, wanted);
}

#[test]
fn a_document_of_nothing_has_its_version_only() {
    let json = document(Vec::new()).write().unwrap().json.unwrap();
    assert_eq!(json, "{\n  \"Version\": \"2012-10-17\"\n}");
}

#[test]
fn a_sid_stands_once_in_the_sources_and_once_in_the_statements() {
    let named = Statement { sid: Some("A".into()), ..Statement::default() };
    assert!(document(vec![named.clone(), named]).write().is_err());
    let source = r#"{"Statement":[{"Sid":"A"}]}"#.to_owned();
    let mut doc = document(Vec::new());
    doc.source_policy_documents = Some(vec![source.clone(), source]);
    assert!(doc.write().unwrap_err().to_string().contains("document 1"));
}

#[test]
fn old_documents_have_no_variables() {
    let statement = Statement { resources: set(&["arn:aws:s3:::b/&{aws:username}"]), ..Statement::default() };
    let mut doc = document(vec![statement]);
    assert!(doc.clone().write().unwrap().json.unwrap().contains("${aws:username}"));
    doc.version = Some("2008-10-17".into());
    assert!(doc.write().is_err());
}
