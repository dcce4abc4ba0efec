use super::*;
use std::sync::Arc;

fn addon(edit: impl FnOnce(&mut Addon)) -> Addon {
    let mut addon = Addon { cluster_name: Some("sea".into()), addon_name: Some("vpc-cni".into()), ..Addon::default() };
    edit(&mut addon);
    addon
}

fn identity(role: &str) -> Vec<PodIdentity> {
    vec![PodIdentity { role_arn: Some(role.into()), service_account: Some("aws-node".into()) }]
}

#[test]
fn an_addon_is_made_with_what_is_said_and_no_more() {
    let sent = creation(&addon(|_| {}), "token", HashMap::new()).unwrap().build().unwrap();
    assert_eq!((sent.client_request_token(), sent.addon_version(), sent.resolve_conflicts()), (Some("token"), None, None));
    assert!(sent.pod_identity_associations.is_none() && sent.tags().is_none());
    let full = addon(|a| {
        a.pod_identity_association = identity("arn:aws:iam::1:role/cni");
        a.resolve_conflicts_on_create = Some("OVERWRITE".into());
    });
    let sent = creation(&full, "token", HashMap::new()).unwrap().build().unwrap();
    assert_eq!(sent.resolve_conflicts(), Some(&eks::ResolveConflicts::Overwrite));
    assert_eq!(sent.pod_identity_associations()[0].role_arn(), "arn:aws:iam::1:role/cni");
}

#[test]
fn an_update_says_what_differs() {
    let before = addon(|a| {
        a.addon_version = Some("v1.0.0".into());
        a.service_account_role_arn = Some("arn".into());
        a.pod_identity_association = identity("one");
    });
    assert!(change(&before, &Addon { preserve: Some(true), ..before.clone() }).unwrap().is_none());
    let newer = Addon { addon_version: Some("v1.1.0".into()), ..before.clone() };
    let sent = change(&before, &newer).unwrap().unwrap().build().unwrap();
    assert_eq!((sent.addon_version(), sent.service_account_role_arn()), (Some("v1.1.0"), Some("arn")), "a role that is left out is lost");
    assert!(sent.pod_identity_associations.is_none());
    let bare = Addon { service_account_role_arn: None, pod_identity_association: Vec::new(), ..before.clone() };
    let sent = change(&before, &bare).unwrap().unwrap().build().unwrap();
    assert_eq!(sent.service_account_role_arn(), Some(""));
    assert_eq!(sent.pod_identity_associations, Some(Vec::new()));
}

#[test]
fn an_addon_without_nodes_waits_and_a_conflict_says_what_helps() {
    let with = |status: eks::AddonStatus, message: &str| {
        let issue = eks::AddonIssue::builder().message(message).build();
        eks::Addon::builder().status(status).health(eks::AddonHealth::builder().issues(issue).build()).build()
    };
    let waiting = judge(with(eks::AddonStatus::Degraded, "no nodes")).unwrap();
    assert!(matches!(waiting, Look::Pending(why) if why == "DEGRADED: no nodes"));
    let failed = judge(with(eks::AddonStatus::CreateFailed, "Conflicts found when trying to apply")).err().unwrap();
    assert_eq!(failed.message, "the add-on is CREATE_FAILED: Conflicts found when trying to apply");
    assert!(addon(|_| {}).advised(failed).hint.unwrap().contains("OVERWRITE"));
}

#[test]
fn what_eks_would_refuse_is_told_before() {
    let check = |name: &str, value: &str| {
        let config = Value::object([(Arc::from(name), Value::string(value))].into());
        Addon::validate(&config).has_errors()
    };
    assert!(check("resolve_conflicts_on_create", "PRESERVE") && !check("resolve_conflicts_on_update", "PRESERVE"));
    assert!(check("addon_version", "1.2.3") && check("addon_version", "v1") && !check("addon_version", "v1.21.1-eksbuild.3"));
}
