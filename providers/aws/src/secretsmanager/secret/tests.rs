use super::*;
use levee_sdk::model::{InstanceAddr, Type};
use std::sync::Arc;

fn secret() -> Secret {
    Secret { name: Some("sea/prod/db".into()), recovery_window_in_days: Some(30), ..Secret::default() }
}

#[test]
fn a_secret_is_created_with_token_and_tags_and_replicas_only_if_wanted() {
    let tags: Tags = [("a".to_owned(), "b".to_owned())].into();
    let sent = secret().request("token", tags).build().unwrap();
    assert_eq!((sent.client_request_token(), sent.name()), (Some("token"), Some("sea/prod/db")));
    assert_eq!(from_tags(sent.tags())["a"], "b");
    assert!(sent.add_replica_regions.is_none() && sent.force_overwrite_replica_secret.is_none());
    let replica = Replica { region: Some("eu-west-1".into()), ..Replica::default() };
    let with = Secret { replica: vec![replica], force_overwrite_replica_secret: Some(true), ..secret() };
    let sent = with.request("token", Tags::new()).build().unwrap();
    assert_eq!(sent.add_replica_regions()[0].region(), Some("eu-west-1"));
    assert_eq!(sent.force_overwrite_replica_secret(), Some(true));
}

#[test]
fn deletion_without_a_window_loses_the_values() {
    let change = |days: i64| {
        let before = Secret { recovery_window_in_days: Some(days), ..secret() }.to_value();
        Change {
            addr: "aws_secretsmanager_secret.db".parse::<InstanceAddr>().unwrap(),
            deposed: None,
            action: Action::Delete,
            before: Some(before),
            after: None,
            replace_paths: Vec::new(),
            reason: None,
            reversibility: Reversibility::Reversible,
            previous: None,
            importing: None,
        }
    };
    assert_eq!(Secret::reversibility(&change(30)), Reversibility::Reversible);
    assert!(matches!(Secret::reversibility(&change(0)), Reversibility::LosesData(_)));
}

#[test]
fn a_window_is_none_or_seven_to_thirty_days() {
    let bad = |days: Value| {
        let config = Value::object([(Arc::from("recovery_window_in_days"), days)].into());
        Secret::validate(&config).has_errors()
    };
    assert!(bad(Value::number(3)) && bad(Value::number(31)));
    assert!(!bad(Value::number(0)) && !bad(Value::number(7)) && !bad(Value::unknown(Type::Number)));
}

#[test]
fn a_name_that_waits_for_deletion_is_explained() {
    let mut error = ProviderError::invalid("a secret with this name is already scheduled for deletion.");
    error.code = Some("InvalidRequestException".into());
    assert!(explained(error.clone()).hint.is_some());
    error.message = "no".into();
    assert!(explained(error).hint.is_none());
}

#[test]
fn the_region_stands_in_the_arn() {
    assert_eq!(region_in("arn:aws:secretsmanager:eu-west-1:1:secret:a-b1c2d3").as_deref(), Some("eu-west-1"));
    assert_eq!(region_in("sea/prod/db"), None);
}
