use super::blocks::EncryptionProvider;
use super::updates::{Update, between};
use super::*;
use levee_sdk::model::Type;

fn set(texts: &[&str]) -> Option<BTreeSet<String>> {
    Some(texts.iter().map(|t| (*t).to_owned()).collect())
}

fn cluster() -> Cluster {
    let vpc = VpcConfig {
        subnet_ids: set(&["subnet-1", "subnet-2"]),
        endpoint_private_access: Some(false),
        endpoint_public_access: Some(true),
        ..VpcConfig::default()
    };
    Cluster {
        name: Some("sea".into()),
        role_arn: Some("arn:aws:iam::1:role/sea".into()),
        version: Some("1.33".into()),
        vpc_config: vec![vpc],
        ..Cluster::default()
    }
}

fn names(prior: &Cluster, planned: &Cluster) -> Vec<String> {
    let name = |u: &Update| match u {
        Update::Version { to, force } => format!("version {to} {force}"),
        Update::Encryption(_) => "encryption".into(),
        Update::Config(what, _) => (*what).into(),
    };
    between(prior, planned).unwrap().iter().map(name).collect()
}

#[test]
fn a_cluster_is_created_with_token_tags_and_nothing_that_was_not_asked_for() {
    let tags = [("a".to_owned(), "b".to_owned())].into();
    let request = request::create(&cluster(), "token", tags).unwrap().build().unwrap();
    assert_eq!(request.client_request_token(), Some("token"));
    assert_eq!(request.tags().unwrap()["a"], "b");
    assert_eq!(request.resources_vpc_config().unwrap().subnet_ids(), ["subnet-1", "subnet-2"]);
    assert!(request.resources_vpc_config().unwrap().security_group_ids.is_none());
    assert!(request.logging().is_none() && request.access_config().is_none() && request.compute_config().is_none());
}

#[test]
fn the_version_goes_first_and_each_change_is_an_update() {
    let mut planned = cluster();
    planned.version = Some("1.34".into());
    planned.force_update_version = Some(true);
    planned.enabled_cluster_log_types = set(&["api"]);
    planned.vpc_config[0].endpoint_private_access = Some(true);
    planned.vpc_config[0].security_group_ids = set(&["sg-1"]);
    let key = EncryptionProvider { key_arn: Some("arn:aws:kms:::key/1".into()) };
    planned.encryption_config = vec![EncryptionConfig { provider: vec![key], resources: set(&["secrets"]) }];
    let wanted = ["version 1.34 true", "encryption", "logging", "endpoint access", "security groups"];
    assert_eq!(names(&cluster(), &planned), wanted);
    assert_eq!(names(&planned, &planned), Vec::<String>::new());
}

#[test]
fn what_the_configuration_leaves_open_is_not_updated() {
    let mut prior = cluster();
    prior.access_config = vec![AccessConfig { authentication_mode: Some("API".into()), ..AccessConfig::default() }];
    prior.upgrade_policy = vec![UpgradePolicy { support_type: Some("EXTENDED".into()) }];
    assert_eq!(names(&prior, &cluster()), Vec::<String>::new());
    let mut planned = prior.clone();
    planned.access_config[0].authentication_mode = Some("API_AND_CONFIG_MAP".into());
    assert_eq!(names(&prior, &planned), ["access"]);
}

#[test]
fn logs_that_are_not_wanted_are_switched_off_by_name() {
    let logging = request::logging(set(&["audit"]).as_ref());
    let [on, off] = logging.cluster_logging() else { panic!("one set-up on, one off") };
    assert_eq!((on.enabled(), on.types()), (Some(true), [eks::LogType::Audit].as_slice()));
    assert_eq!((off.enabled(), off.types().len()), (Some(false), 4));
    assert_eq!(request::logging(None).cluster_logging().len(), 1);
}

#[test]
fn off_is_off_however_it_is_written() {
    let is_off = |z: &ZonalShiftConfig| z.enabled != Some(true);
    let of = |enabled| vec![ZonalShiftConfig { enabled }];
    assert!(unless_off(of(Some(false)), &[], is_off).is_empty());
    assert_eq!(unless_off(vec![], &of(Some(false)), is_off)[0].enabled, Some(false));
    assert_eq!(unless_off(of(Some(true)), &[], is_off)[0].enabled, Some(true));
    assert_eq!(unless_off(vec![], &of(Some(true)), is_off).len(), 0);
}

#[test]
fn a_failed_cluster_says_why() {
    let issue = eks::ClusterIssue::builder().message("the subnet is gone").build();
    let health = eks::ClusterHealth::builder().issues(issue).build();
    let failed = eks::Cluster::builder().status(eks::ClusterStatus::Failed).health(health).build();
    assert_eq!(judge(failed).unwrap_err().message, "the cluster is FAILED: the subnet is gone");
}

#[test]
fn encryption_once_on_needs_a_new_cluster_to_be_off() {
    let key = EncryptionProvider { key_arn: Some("arn:aws:kms:::key/1".into()) };
    let encrypted = Cluster { encryption_config: vec![EncryptionConfig { provider: vec![key], resources: None }], ..cluster() };
    let replaced = |prior: &Cluster, planned: &Cluster| {
        let null = Value::null(Type::Dynamic);
        let mut draft = Draft { prior: Some(prior.to_value()), config: null, planned: planned.to_value(), replace: Vec::new() };
        plan::plan(&mut draft);
        draft.replace.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(replaced(&encrypted, &cluster()), ["encryption_config"]);
    assert!(replaced(&cluster(), &encrypted).is_empty());
}

#[test]
fn auto_mode_is_on_or_off_as_a_whole() {
    let mut half = cluster();
    half.compute_config = vec![ComputeConfig { enabled: Some(true), ..ComputeConfig::default() }];
    assert!(plan::validate(&half.to_value()).has_errors());
    assert!(!plan::validate(&cluster().to_value()).has_errors());
    let bad = Cluster { name: Some("-sea".into()), ..cluster() };
    assert!(plan::validate(&bad.to_value()).has_errors());
}
