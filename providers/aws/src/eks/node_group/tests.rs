use super::*;
use levee_sdk::model::Type;

fn group() -> NodeGroup {
    NodeGroup {
        cluster_name: Some("sea".into()),
        node_group_name: Some("workers".into()),
        node_role_arn: Some("arn:aws:iam::1:role/node".into()),
        scaling_config: vec![ScalingConfig { desired_size: Some(4), max_size: Some(10), min_size: Some(1) }],
        version: Some("1.33".into()),
        ..NodeGroup::default()
    }
}

fn taint(key: &str, value: &str) -> Taint {
    Taint { key: Some(key.into()), value: Some(value.into()), effect: Some("NO_SCHEDULE".into()) }
}

#[test]
fn a_generated_name_is_the_same_for_creation_and_search() {
    let op = OpToken::new();
    let nameless = NodeGroup { node_group_name: None, node_group_name_prefix: Some("gpu-".into()), ..group() };
    let name = nameless.clone().named(op).node_group_name.unwrap();
    assert!(name.starts_with("gpu-") && name.len() <= 63);
    assert_eq!(nameless.named(op).node_group_name, Some(name));
}

#[test]
fn nothing_changed_asks_for_nothing() {
    assert!(request::update_version(&group(), &group()).is_none());
    assert!(request::update_config(&group(), &group()).unwrap().is_none());
}

#[test]
fn all_changes_of_the_configuration_are_one_request() {
    let mut prior = group();
    prior.taint = vec![taint("old", "1"), taint("kept", "1")];
    prior.labels = Some([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into());
    let mut planned = group();
    planned.taint = vec![taint("kept", "2"), taint("new", "1")];
    planned.labels = Some([("a".to_owned(), "9".to_owned())].into());
    planned.scaling_config[0].desired_size = Some(5);
    let request = request::update_config(&prior, &planned).unwrap().unwrap().build().unwrap();
    let keys = |taints: &[eks::Taint]| taints.iter().filter_map(|t| t.key.clone()).collect::<Vec<_>>();
    let taints = request.taints().unwrap();
    assert_eq!(
        (keys(taints.add_or_update_taints()), keys(taints.remove_taints())),
        (vec!["kept".into(), "new".into()], vec!["old".into()])
    );
    assert_eq!(request.labels().unwrap().remove_labels(), ["b"]);
    assert_eq!(request.scaling_config().unwrap().desired_size(), Some(5));
    assert!(request.update_config().is_none());
}

#[test]
fn a_template_is_named_by_its_id_where_that_is_known() {
    let template = |id: Option<&str>, version: &str| LaunchTemplate {
        id: id.map(Into::into),
        name: Some("workers".into()),
        version: Some(version.into()),
    };
    let prior = NodeGroup { launch_template: vec![template(Some("lt-1"), "1")], ..group() };
    let planned = NodeGroup { launch_template: vec![template(Some("lt-1"), "2")], ..group() };
    let request = request::update_version(&prior, &planned).unwrap().build().unwrap();
    let sent = request.launch_template().unwrap();
    assert_eq!((sent.id(), sent.name(), sent.version()), (Some("lt-1"), None, Some("2")));
    assert_eq!(request.version(), None);
}

#[test]
fn another_version_leaves_the_release_open() {
    let prior = NodeGroup { release_version: Some("1.33.1-1".into()), ..group() };
    let planned = NodeGroup { version: Some("1.34".into()), ..prior.clone() };
    let config = Value::null(Type::Dynamic);
    let mut draft = Draft { prior: Some(prior.to_value()), config, planned: planned.to_value(), replace: Vec::new() };
    NodeGroup::plan(None, &mut draft).unwrap();
    assert!(!draft.planned("release_version").is_known());
    let read_back = NodeGroup::from_value(&draft.planned).unwrap();
    let request = request::update_version(&prior, &read_back).unwrap().build().unwrap();
    assert_eq!((request.version(), request.release_version()), (Some("1.34"), None));
}

#[test]
fn a_failed_group_says_why() {
    let issue = eks::Issue::builder().message("no capacity").build();
    let health = eks::NodegroupHealth::builder().issues(issue).build();
    let failed = eks::Nodegroup::builder().status(eks::NodegroupStatus::CreateFailed).health(health).build();
    assert_eq!(judge(failed).unwrap_err().message, "the node group is CREATE_FAILED: no capacity");
}
