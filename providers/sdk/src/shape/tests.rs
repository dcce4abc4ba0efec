//! One struct that uses every flag, and what its derive makes of it.

use crate::Shape;
use crate::schema::{Equality, Nesting};
use levee_model::{Marks, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An element of a set.
#[derive(Clone, Default, PartialEq, Shape)]
struct Identity {
    /// Where tokens come from.
    #[attr(computed)]
    issuer: Option<String>,
}

/// A nested block.
#[derive(Clone, Default, PartialEq, Shape)]
struct Network {
    #[attr(required)]
    subnet_ids: Option<BTreeSet<String>>,
    #[attr(optional, sensitive)]
    token: Option<String>,
}

/// A cluster with
/// everything in it.
///
/// Second paragraph.
#[derive(Clone, Default, PartialEq, Shape)]
struct Cluster {
    /// Its name.
    #[attr(required, force_new)]
    name: Option<String>,
    #[attr(optional, default = true)]
    enabled: Option<bool>,
    #[attr(optional, default = -3)]
    offset: Option<i64>,
    #[attr(optional, default = "x", deprecated = "use y", equality = IamPolicy)]
    policy: Option<String>,
    #[attr(optional, sensitive, write_only, unsupported)]
    secret: Option<String>,
    #[attr(computed, sensitive)]
    password: Option<String>,
    #[attr(optional)]
    ratio: Option<f64>,
    #[attr(optional)]
    matrix: Option<Vec<Vec<i64>>>,
    #[attr(optional)]
    tags: Option<BTreeMap<String, String>>,
    #[attr(optional, computed)]
    anything: Option<Value>,
    #[attr(computed, set)]
    identities: Option<Vec<Identity>>,
    #[attr(computed)]
    owner: Option<Identity>,
    #[attr(computed)]
    by_name: Option<BTreeMap<String, Identity>>,
    #[attr(optional, rename = "kind")]
    sort: Option<String>,
    #[attr(optional)]
    r#type: Option<String>,
    #[block(list, min = 1, max = 1, force_new, computed)]
    network: Vec<Network>,
    #[block(set, unsupported, deprecated = "gone")]
    peers: Vec<Network>,
    #[block(single)]
    one: Option<Network>,
    #[block(group)]
    always: Network,
    #[block(map)]
    zones: BTreeMap<String, Network>,
}

fn network(id: &str) -> Network {
    Network { subnet_ids: Some(BTreeSet::from([id.to_owned()])), token: Some("hush".into()) }
}

fn identity(issuer: &str) -> Identity {
    Identity { issuer: Some(issuer.into()) }
}

fn full() -> Cluster {
    Cluster {
        name: Some("a".into()),
        enabled: Some(false),
        offset: Some(7),
        policy: Some("{}".into()),
        secret: None,
        password: Some("hush".into()),
        ratio: Some(0.5),
        matrix: Some(vec![vec![1, 2], vec![]]),
        tags: Some(BTreeMap::from([("k".into(), "v".into())])),
        anything: Some(Value::bool(true)),
        identities: Some(vec![identity("a"), identity("b")]),
        owner: Some(identity("o")),
        by_name: Some(BTreeMap::from([("x".into(), identity("x"))])),
        sort: Some("s".into()),
        r#type: Some("t".into()),
        network: vec![network("n")],
        peers: vec![network("p"), network("q")],
        one: Some(network("1")),
        always: network("g"),
        zones: BTreeMap::from([("z".into(), network("z"))]),
    }
}

#[test]
fn what_is_written_reads_back() {
    for cluster in [full(), Cluster::default()] {
        let value = cluster.to_value();
        assert!(Cluster::from_value(&value) == Ok(cluster), "{value:?}");
    }
}

#[test]
fn a_value_has_the_type_of_the_schema() {
    let types = |ty: &Type| match ty {
        Type::Object(object) => object.attributes.clone(),
        other => panic!("{other}"),
    };
    let mut wanted = types(&Cluster::block().ty());
    let mut full = types(&full().to_value().ty());
    assert_eq!(wanted.remove("anything"), Some(Type::Dynamic));
    assert_eq!(full.remove("anything"), Some(Type::Bool));
    assert_eq!(wanted, full);
    assert_eq!(Cluster::default().to_value().ty(), Cluster::ty());
}

#[test]
fn flags_reach_the_schema() {
    let block = Cluster::block();
    let attribute = |name: &str| block.attributes[name].clone();
    assert!(attribute("name").required && attribute("name").force_new);
    assert_eq!(attribute("name").doc, "Its name.");
    assert_eq!(attribute("enabled").default, Some(Value::bool(true)));
    assert_eq!(attribute("offset").default, Some(Value::number(-3_i64)));
    assert_eq!(attribute("policy").default, Some(Value::string("x")));
    assert_eq!(attribute("policy").deprecated, Some("use y"));
    assert_eq!(attribute("policy").equality, Equality::IamPolicy);
    assert!(attribute("secret").write_only && attribute("secret").unsupported);
    assert_eq!(attribute("identities").ty, Type::set(Identity::ty()));
    assert_eq!(attribute("matrix").ty, Type::list(Type::list(Type::Number)));
    assert!(block.attributes.contains_key("kind") && !block.attributes.contains_key("sort"));
    assert!(block.attributes.contains_key("type"));
    assert_eq!(Cluster::doc(), "A cluster with everything in it.\n\nSecond paragraph.");
}

#[test]
fn bounds_and_nestings_reach_the_schema() {
    let block = Cluster::block();
    let network = &block.blocks["network"];
    assert_eq!((network.nesting, network.min, network.max), (Nesting::List, 1, Some(1)));
    assert!(network.force_new && network.computed && !network.unsupported);
    assert!(network.block.attributes["subnet_ids"].required);
    let nestings = ["peers", "one", "always", "zones"].map(|name| block.blocks[name].nesting);
    assert_eq!(nestings, [Nesting::Set, Nesting::Single, Nesting::Group, Nesting::Map]);
    assert!(block.blocks["peers"].unsupported);
    assert_eq!(block.blocks["peers"].deprecated, Some("gone"));
}

#[test]
fn unknown_reads_as_none_and_marks_are_dropped() {
    let unknown = Value::unknown(Type::list(Identity::ty()));
    let partly = Value::list(Type::list(Type::Number), vec![Value::unknown(Type::list(Type::Number))]);
    let value = full()
        .to_value()
        .with("name", Value::unknown(Type::String))
        .with("identities", unknown)
        .with("matrix", partly)
        .with("network", Value::unknown(Type::list(Network::ty())))
        .with("anything", Value::string("s").mark(Marks::SENSITIVE))
        .with("type", Value::string("marked").sensitive());
    let read = Cluster::from_value(&value).expect("it fits");
    assert_eq!((read.name, read.identities, read.matrix), (None, None, None));
    assert_eq!(read.network, Vec::new());
    assert_eq!(read.anything, Some(Value::string("s")));
    assert_eq!(read.r#type.as_deref(), Some("marked"));
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    let bad = Value::object([(Arc::from("subnet_ids"), Value::bool(true))].into());
    let value = full().to_value().with("network", Value::list(Network::ty(), vec![bad]));
    let error = Cluster::from_value(&value).expect_err("a bool is no set");
    assert_eq!(error.to_string(), "network[0].subnet_ids: a list or set wanted, not bool");
    let value = full().to_value().with("offset", Value::number(0.5));
    let error = Cluster::from_value(&value).expect_err("a half is not whole");
    assert_eq!(error.to_string(), "offset: a whole number of 64 bits wanted, not number");
}

#[test]
fn write_only_values_do_not_come_back() {
    let cluster = Cluster { secret: Some("hush".into()), ..full() };
    assert!(cluster.to_value().get("secret").is_some_and(|v| v.is_null()));
}

#[test]
fn debug_hides_secrets_wherever_they_are_nested() {
    let cluster = Cluster { secret: Some("hush".into()), ..full() };
    let text = format!("{cluster:?}");
    assert!(!text.contains("hush"), "{text}");
    assert!(text.contains("password: (sensitive)") && text.contains("name: Some(\"a\")"), "{text}");
}
