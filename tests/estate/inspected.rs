//! What `inspect_estate.py` must have found: every object of the example, with its properties.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const ZONES: [&str; 3] = ["us-west-2c", "us-west-2d", "us-west-2b"];

/// Checks everything that was found.
pub(crate) fn check(found: &Json) {
    vpcs(found);
    subnets(found);
    gateways(found);
    routes(found);
    peering(found);
    groups(found);
    cluster(found);
    admitted(found);
    added(found);
    roles(found);
    service_accounts(found);
    secrets(found);
}

fn list<'a>(of: &'a Json, name: &str) -> &'a Vec<Json> {
    of[name].as_array().unwrap_or_else(|| panic!("{name} is no list in {of}"))
}

/// The only thing of a list.
fn only<'a>(of: &'a Json, name: &str) -> &'a Json {
    let all = list(of, name);
    assert_eq!(all.len(), 1, "{name}: {all:#?}");
    &all[0]
}

/// The one thing with this Name, or this name.
fn named<'a>(of: &'a Json, kind: &str, name: &str) -> &'a Json {
    let mut with_name = list(of, kind).iter().filter(|t| t["tags"]["Name"] == name || t["name"] == name);
    let found = with_name.next().unwrap_or_else(|| panic!("no {name} in {:#}", of[kind]));
    assert!(with_name.next().is_none(), "two of {name} in {:#}", of[kind]);
    found
}

fn tags(name: &str) -> Json {
    json!({ "Name": name, "cluster": "test1", "managed-by": "levee" })
}

fn vpcs(found: &Json) {
    assert_eq!(list(found, "vpcs").len(), 2);
    for (name, cidr) in [("test1/VPC", "10.47.0.0/16"), ("test1/database/VPC", "10.64.0.0/16")] {
        let vpc = named(found, "vpcs", name);
        let expected = json!({ "id": vpc["id"], "cidr": cidr, "dns_support": true, "dns_hostnames": true, "tags": tags(name) });
        assert_eq!(*vpc, expected);
    }
}

fn subnets(found: &Json) {
    let role = |tag: &str| json!({ "kubernetes.io/cluster/test1": "shared", tag: "1" });
    let kinds = [
        ("public", "test1/VPC", "10.47.{}.0/19", 0, true, role("kubernetes.io/role/elb")),
        ("private", "test1/VPC", "10.47.{}.0/19", 3, false, role("kubernetes.io/role/internal-elb")),
        ("database", "test1/database/VPC", "10.64.{}.0/19", 0, false, json!({})),
    ];
    assert_eq!(list(found, "subnets").len(), 9);
    for (kind, vpc, cidr, first, public_ip, more) in kinds {
        for (i, zone) in ZONES.iter().enumerate() {
            let name = format!("test1/{kind}/{zone}");
            let mut expected_tags = tags(&name);
            expected_tags.as_object_mut().expect("tags").extend(more.as_object().expect("tags").clone());
            let subnet = named(found, "subnets", &name);
            let cidr = cidr.replace("{}", &(32 * (first + i)).to_string());
            let expected = json!({
                "id": subnet["id"], "vpc": named(found, "vpcs", vpc)["id"], "cidr": cidr, "zone": zone, "public_ip": public_ip,
                "tags": expected_tags,
            });
            assert_eq!(*subnet, expected);
        }
    }
}

fn gateways(found: &Json) {
    let gateway = only(found, "internet_gateways");
    assert_eq!(gateway["vpcs"], json!([named(found, "vpcs", "test1/VPC")["id"]]));
    assert_eq!(gateway["tags"], tags("test1/InternetGateway"));
    let address = only(found, "addresses");
    assert_eq!((&address["domain"], &address["tags"]), (&"vpc".into(), &tags("test1/NATIP")));
    let nat = only(found, "nat_gateways");
    let subnet = &named(found, "subnets", "test1/public/us-west-2c")["id"];
    let expected = json!({
        "id": nat["id"], "subnet": subnet, "state": "available", "addresses": [address["id"]], "tags": tags("test1/NATGateway"),
    });
    assert_eq!(*nat, expected);
}

fn sorted(mut texts: Vec<&Json>) -> Json {
    texts.sort_by_key(|t| t.as_str().map(str::to_owned));
    json!(texts)
}

fn table(found: &Json, name: &str, subnets: &[String], routes: &Json) {
    let table = named(found, "route_tables", name);
    let ids = sorted(subnets.iter().map(|s| &named(found, "subnets", s)["id"]).collect());
    assert_eq!(table["subnets"], ids, "{table:#}");
    assert_eq!(table["routes"], *routes, "{table:#}");
    assert_eq!(table["tags"], tags(name));
}

fn routes(found: &Json) {
    let (gateway, nat) = (&only(found, "internet_gateways")["id"], &only(found, "nat_gateways")["id"]);
    let peering = &only(found, "peerings")["id"];
    let all = |kind: &str| ZONES.map(|zone| format!("test1/{kind}/{zone}"));
    table(
        found,
        "test1/PublicRouteTable",
        &all("public"),
        &json!({ "10.47.0.0/16": "local", "0.0.0.0/0": gateway, "10.64.0.0/16": peering }),
    );
    table(found, "test1/database/RouteTable", &all("database"), &json!({ "10.64.0.0/16": "local", "10.47.0.0/16": peering }));
    for zone in ZONES {
        let routes = json!({ "10.47.0.0/16": "local", "0.0.0.0/0": nat });
        table(found, &format!("test1/PrivateRouteTable/{zone}"), &[format!("test1/private/{zone}")], &routes);
    }
    let main = list(found, "route_tables").iter().filter(|t| t["main"] == true).count();
    assert_eq!((main, list(found, "route_tables").len()), (2, 7));
}

fn peering(found: &Json) {
    let peering = only(found, "peerings");
    let expected = json!({
        "id": peering["id"], "requester": named(found, "vpcs", "test1/VPC")["id"],
        "accepter": named(found, "vpcs", "test1/database/VPC")["id"], "dns": [true, true], "tags": tags("test1-database"),
    });
    assert_eq!(*peering, expected);
}

fn groups(found: &Json) {
    let mongo = named(found, "security_groups", "test1-mongo");
    let expected = json!({
        "id": mongo["id"], "name": "test1-mongo", "vpc": named(found, "vpcs", "test1/database/VPC")["id"],
        "description": "MongoDB, reached from the cluster", "tags": tags("test1/database/mongo"),
        "rules": [
            [false, "tcp", 27017, 27017, "10.47.0.0/16", "MongoDB from the cluster"],
            [true, "tcp", 27017, 27017, "10.64.0.0/16", "Replication between members"],
        ],
    });
    assert_eq!(*mongo, expected);
    assert_eq!(list(found, "security_groups").len(), 2, "the other one is the cluster's own");
}

fn cluster(found: &Json) {
    let cluster = only(found, "clusters");
    let ids = |kinds: &[&str]| {
        let names: Vec<String> = kinds.iter().flat_map(|k| ZONES.map(|z| format!("test1/{k}/{z}"))).collect();
        sorted(names.iter().map(|n| &named(found, "subnets", n)["id"]).collect())
    };
    let expected = json!({
        "access": cluster["access"], "addons": cluster["addons"], "pod_identities": cluster["pod_identities"],
        "name": "test1", "version": "1.34", "status": "ACTIVE", "role": named(found, "roles", "test1-cluster")["arn"],
        "tags": { "cluster": "test1", "managed-by": "levee" }, "subnets": ids(&["public", "private"]), "issuer": cluster["issuer"],
        "public": true, "private": true, "logs": ["api", "audit", "authenticator"], "authentication": "API_AND_CONFIG_MAP", "fargate_profiles": [],
        "node_groups": [{
            "name": "ng", "status": "ACTIVE", "version": "1.34", "role": named(found, "roles", "test1-node")["arn"],
            "subnets": ids(&["public"]), "instance_types": ["m4.large"], "scaling": [1, 4, 10], "max_unavailable": 1,
            "tags": {
                "cluster": "test1", "managed-by": "levee",
                "k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/test1": "true",
            },
        }],
    });
    assert_eq!(*cluster, expected);
}

/// Whom access entries let into the cluster: its maker and its nodes, whom EKS lets in itself, and its operators.
fn admitted(found: &Json) {
    let entries = list(only(found, "clusters"), "access");
    assert_eq!(entries.len(), 4, "{entries:#?}");
    for (name, policy) in [("admin", "AmazonEKSClusterAdminPolicy"), ("viewer", "AmazonEKSViewPolicy")] {
        let principal = &named(found, "roles", &format!("test1-{name}"))["arn"];
        let entry = entries.iter().find(|e| e["principal"] == *principal).unwrap_or_else(|| panic!("no {name} in {entries:#?}"));
        let policy = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
        let expected = json!({
            "principal": principal, "type": "STANDARD", "name": entry["name"], "groups": [format!("tidepool:{name}s")],
            "tags": { "cluster": "test1", "managed-by": "levee" },
            "policies": [{ "arn": policy, "scope": { "type": "cluster", "namespaces": [] } }],
        });
        assert_eq!(*entry, expected);
    }
}

fn added(found: &Json) {
    let cluster = only(found, "clusters");
    let addons: Vec<_> = list(cluster, "addons").iter().map(|a| (a["name"].as_str(), a["status"].as_str())).collect();
    let expected = ["aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"];
    assert_eq!(addons, expected.map(|name| (Some(name), Some("ACTIVE"))));
    let identity = only(cluster, "pod_identities");
    assert_eq!((&identity["namespace"], &identity["account"]), (&json!("kube-system"), &json!("ebs-csi-controller-sa")));
    assert_eq!(identity["role"], named(found, "roles", "test1-volumes")["arn"]);
}

fn actions(document: &Json) -> Vec<&str> {
    let statements = list(document, "Statement").iter();
    let mut all: Vec<&str> = statements
        .flat_map(|s| match &s["Action"] {
            Json::Array(many) => many.iter().filter_map(Json::as_str).collect::<Vec<_>>(),
            one => one.as_str().into_iter().collect(),
        })
        .collect();
    all.sort_unstable();
    all
}

const DNS: [&str; 5] = [
    "route53:ChangeResourceRecordSets",
    "route53:GetChange",
    "route53:ListHostedZones",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
];
const S3: [&str; 4] = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];

fn roles(found: &Json) {
    assert_eq!(list(found, "roles").len(), 14);
    let aws = |names: &[&str]| -> Vec<String> { names.iter().map(|n| format!("arn:aws:iam::aws:policy/{n}")).collect() };
    let own: Vec<&str> = list(found, "policies").iter().filter_map(|p| p["arn"].as_str()).collect();
    assert_eq!(actions(&named(found, "policies", "test1-node-dns")["document"]), DNS);
    let scaling = &named(found, "policies", "test1-node-autoscaler")["document"];
    assert!(actions(scaling).contains(&"autoscaling:SetDesiredCapacity"));
    let cluster = aws(&["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"]);
    let mut node = aws(&["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]);
    node.extend(own.iter().map(ToString::to_string));
    for (name, service, mut attached) in [("test1-cluster", "eks", cluster), ("test1-node", "ec2", node)] {
        attached.sort();
        let role = named(found, "roles", name);
        assert_eq!(role["attached"], json!(attached));
        assert_eq!(role["inline"], json!({}));
        assert_eq!(actions(&role["trust"]), ["sts:AssumeRole"]);
        assert_eq!(role["trust"]["Statement"][0]["Principal"]["Service"], format!("{service}.amazonaws.com"));
        assert_eq!(role["tags"], json!({ "cluster": "test1", "managed-by": "levee" }));
    }
}

fn service_accounts(found: &Json) {
    let provider = only(found, "oidc");
    let issuer = only(found, "clusters")["issuer"].as_str().expect("an address").trim_start_matches("https://");
    assert_eq!((&provider["url"], &provider["clients"]), (&issuer.into(), &json!(["sts.amazonaws.com"])));
    let logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
    let accounts: BTreeMap<&str, (&str, Option<&[&str]>)> = BTreeMap::from([
        ("kube-system/cluster-autoscaler", ("cluster-ops", None)),
        ("certmanager/certmanager", ("certificate-management", Some(&DNS[..]))),
        ("amazon-cloudwatch/cloudwatch", ("cloudwatch-logging", Some(&logs[..]))),
        ("external-dns/external-dns", ("DNS-alias-creation", Some(&DNS[..]))),
        ("external-secrets/external-secrets", ("secrets-management", Some(&["secretsmanager:GetSecretValue"][..]))),
        ("qa2/blob", ("blob-service", Some(&S3[..]))),
        ("qa2/image", ("image-service", Some(&S3[..]))),
        ("qa2/jellyfish", ("jellyfish-service", Some(&S3[..]))),
        ("qa2/hydrophone", ("hydrophone-service", Some(&["s3:GetObject", "s3:ListBucket", "ses:*"][..]))),
    ]);
    for (account, (usage, allowed)) in accounts {
        let role = named(found, "roles", &format!("test1-{}", account.replace('/', "-")));
        let trust = &role["trust"]["Statement"][0];
        assert_eq!(trust["Principal"]["Federated"], provider["arn"]);
        let who = format!("system:serviceaccount:{}", account.replace('/', ":"));
        let expected = json!({ format!("{issuer}:sub"): who, format!("{issuer}:aud"): "sts.amazonaws.com" });
        assert_eq!(trust["Condition"]["StringEquals"], expected);
        assert_eq!(role["tags"], json!({ "cluster": "test1", "managed-by": "levee", "aws-usage": usage }));
        assert_eq!(role["description"], format!("Service account {account} of test1"));
        assert_eq!(role["attached"], json!([]));
        let inline = role["inline"].as_object().expect("policies");
        assert_eq!(inline.keys().collect::<Vec<_>>(), [usage]);
        if let Some(allowed) = allowed {
            assert_eq!(actions(&inline[usage]), allowed, "{account}");
        }
    }
}

fn secrets(found: &Json) {
    let expected: [(&str, &[&str], &str); 4] = [
        ("datadog/datadog", &["token"], "token"),
        ("qa2/dexcom-api", &["StateSalt"], "StateSalt"),
        ("qa2/mongo", &["Addresses", "OptParams", "Password", "Scheme", "Tls", "Username"], "Password"),
        ("qa2/server", &["ServiceAuth"], "ServiceAuth"),
    ];
    assert_eq!(list(found, "secrets").len(), expected.len());
    for (name, properties, drawn) in expected {
        let secret = named(found, "secrets", &format!("test1/{name}"));
        let value = secret["value"].as_object().expect("an object");
        assert_eq!(value.keys().collect::<Vec<_>>(), properties);
        let password = value[drawn].as_str().expect("a text");
        assert!(password.len() == 32 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert_eq!(secret["versions"], 1, "{name} was written once");
        assert_eq!(secret["tags"], json!({ "cluster": "test1", "managed-by": "levee" }));
    }
    assert_eq!(named(found, "secrets", "test1/qa2/mongo")["value"]["Username"], "tidepool");
}
