//! The data source `kubernetes_nodes`.

use crate::client::{Collection, Kubernetes};
use crate::field::{self, Field, boolean, many, number, one, quantities, text, text_map, texts};
use crate::owned::Owned;
use crate::read::{Known, read};
use futures::future::BoxFuture;
use levee_cluster::encoded;
use levee_sdk::AnyDataSource;
use levee_sdk::error::Result;
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Schema;
use serde_json::json;
use std::sync::{Arc, OnceLock};

const OBJECT_META: &[Field] = &[
    text_map("annotations").computed(),
    number("generation").computed(),
    text_map("labels").computed(),
    text("name").computed(),
    text("resource_version").computed(),
    text("uid").computed(),
];

const TAINT: &[Field] = &[text("effect").computed(), text("key").computed(), text("value").computed()];

const NODE_SPEC: &[Field] = &[
    text("pod_cidr").computed().wire("podCIDR"),
    texts("pod_cidrs").computed().wire("podCIDRs"),
    text("provider_id").computed().wire("providerID"),
    many("taints", TAINT).computed().attribute(),
    boolean("unschedulable").computed(),
];

const NODE_ADDRESS: &[Field] = &[text("address").computed(), text("type").computed()];

const NODE_CONDITION: &[Field] = &[
    text("last_heartbeat_time").computed(),
    text("last_transition_time").computed(),
    text("message").computed(),
    text("reason").computed(),
    text("status").computed(),
    text("type").computed(),
];

const NODE_SYSTEM_INFO: &[Field] = &[
    text("architecture").computed(),
    text("boot_id").computed().wire("bootID"),
    text("container_runtime_version").computed(),
    text("kernel_version").computed(),
    text("kube_proxy_version").computed(),
    text("kubelet_version").computed(),
    text("machine_id").computed().wire("machineID"),
    text("operating_system").computed(),
    text("os_image").computed(),
    text("system_uuid").computed().wire("systemUUID"),
];

const NODE_STATUS: &[Field] = &[
    many("addresses", NODE_ADDRESS).computed().attribute(),
    quantities("allocatable").computed(),
    quantities("capacity").computed(),
    many("conditions", NODE_CONDITION).computed().attribute(),
    one("node_info", NODE_SYSTEM_INFO).computed().attribute(),
];

const NODE: &[Field] = &[
    one("metadata", OBJECT_META).computed().attribute(),
    one("spec", NODE_SPEC).computed().attribute(),
    one("status", NODE_STATUS).computed().attribute(),
];

const METADATA: &[Field] = &[text_map("labels").required()];

const FIELDS: &[Field] =
    &[text("id").optional().computed().local(), many("nodes", NODE).computed().attribute(), one("metadata", METADATA).local()];

/// The nodes of a cluster: all, or those with some labels.
#[derive(Default)]
pub(crate) struct Nodes {
    schema: OnceLock<Arc<Schema>>,
}

impl AnyDataSource for Nodes {
    fn type_name(&self) -> &'static str {
        "kubernetes_nodes"
    }
    fn schema(&self) -> Arc<Schema> {
        let doc = "The nodes of a cluster: all, or those with some labels.";
        self.schema.get_or_init(|| Arc::new(Schema::new(0, field::block(FIELDS), doc))).clone()
    }
    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }
    fn read(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let ctx = ctx.of::<Kubernetes>()?;
            let config = config.unmark_deep().0;
            let labels = config.get("metadata").and_then(|m| m.elements()?.first()?.get("labels"));
            let terms = labels.as_ref().and_then(Value::members).into_iter().flatten();
            let terms: Vec<String> = terms.filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
            let query = if terms.is_empty() { String::new() } else { format!("labelSelector={}", encoded(&terms.join(","))) };
            let found = ctx.client.list(&Collection::new("v1", "nodes", None), &query).await?;
            let value = read(FIELDS, &json!({ "nodes": found }), None, &Owned::default(), Known::Nothing);
            let said = config.get("metadata").filter(|m| !m.is_null());
            let value = value.with("id", Value::string(ctx.client.cluster().url()));
            Ok(said.map_or(value.clone(), |said| value.with("metadata", said)))
        })
    }
}
