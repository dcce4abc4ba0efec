//! What a pod is made of.

use crate::field::{Field, Fixed, boolean, int, many, number, number_set, one, text, text_map, texts};
use crate::metadata;
use crate::pods::container::{CONTAINER, SE_LINUX_OPTIONS, SECCOMP_PROFILE, WINDOWS_SECURITY_CONTEXT_OPTIONS};
use crate::pods::placement::{AFFINITY, TOLERATION, TOPOLOGY_SPREAD_CONSTRAINT};
use crate::pods::volume::VOLUME;
use crate::pods::volume_source::LOCAL_OBJECT_REFERENCE_2;

const POD_DNS_CONFIG_OPTION: &[Field] = &[text("name").required(), text("value").optional()];

const POD_DNS_CONFIG: &[Field] =
    &[texts("nameservers").optional(), texts("searches").optional(), many("option", POD_DNS_CONFIG_OPTION).wire("options")];

const HOST_ALIAS: &[Field] = &[texts("hostnames").required(), text("ip").required()];

const POD_OS: &[Field] = &[text("name").required()];

const POD_READINESS_GATE: &[Field] = &[text("condition_type").required()];

const SYSCTL: &[Field] = &[text("name").required(), text("value").required()];

const POD_SECURITY_CONTEXT: &[Field] = &[
    int("fs_group").optional(),
    text("fs_group_change_policy").optional(),
    int("run_as_group").optional(),
    boolean("run_as_non_root").optional(),
    int("run_as_user").optional(),
    number_set("supplemental_groups").optional(),
    one("se_linux_options", SE_LINUX_OPTIONS),
    one("seccomp_profile", SECCOMP_PROFILE),
    many("sysctl", SYSCTL).wire("sysctls"),
    one("windows_options", WINDOWS_SECURITY_CONTEXT_OPTIONS),
];

pub(crate) const POD_SPEC: &[Field] = &[
    number("active_deadline_seconds").optional(),
    boolean("automount_service_account_token").optional().default(Fixed::Bool(true)),
    text("dns_policy").optional().default(Fixed::Text("ClusterFirst")),
    boolean("enable_service_links").optional().default(Fixed::Bool(true)),
    boolean("host_ipc").optional().wire("hostIPC").default(Fixed::Bool(false)),
    boolean("host_network").optional().default(Fixed::Bool(false)),
    boolean("host_pid").optional().wire("hostPID").default(Fixed::Bool(false)),
    text("hostname").optional().computed(),
    text("node_name").optional().computed(),
    text_map("node_selector").optional(),
    text("priority_class_name").optional(),
    text("restart_policy").optional().default(Fixed::Text("Always")),
    text("runtime_class_name").optional(),
    text("scheduler_name").optional().computed(),
    text("service_account_name").optional().computed(),
    boolean("share_process_namespace").optional().default(Fixed::Bool(false)),
    text("subdomain").optional(),
    number("termination_grace_period_seconds").optional().default(Fixed::Number(30)),
    one("affinity", AFFINITY),
    many("container", CONTAINER).keyed("name").wire("containers"),
    one("dns_config", POD_DNS_CONFIG),
    many("host_aliases", HOST_ALIAS).keyed("ip"),
    many("image_pull_secrets", LOCAL_OBJECT_REFERENCE_2).keyed("name"),
    many("init_container", CONTAINER).keyed("name").wire("initContainers"),
    one("os", POD_OS),
    many("readiness_gate", POD_READINESS_GATE).wire("readinessGates"),
    one("security_context", POD_SECURITY_CONTEXT),
    many("toleration", TOLERATION).wire("tolerations"),
    many("topology_spread_constraint", TOPOLOGY_SPREAD_CONSTRAINT).keyed("topologyKey").wire("topologySpreadConstraints"),
    many("volume", VOLUME).keyed("name").wire("volumes"),
];

/// What of a pod's spec is left to the cluster where it is not said, in replication controllers.
const LEFT_OPEN: [&str; 11] = [
    "active_deadline_seconds",
    "dns_policy",
    "host_ipc",
    "host_network",
    "host_pid",
    "node_selector",
    "priority_class_name",
    "restart_policy",
    "runtime_class_name",
    "subdomain",
    "termination_grace_period_seconds",
];

/// As [`POD_SPEC`], with [`LEFT_OPEN`].
pub(crate) const OPEN_POD_SPEC: &[Field] = &{
    let mut fields = [POD_SPEC[0]; POD_SPEC.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = POD_SPEC[at];
        if is_left_open(fields[at].name) {
            fields[at] = fields[at].computed();
            fields[at].default = None;
        }
        at += 1;
    }
    fields
};

const fn is_left_open(name: &str) -> bool {
    let mut at = 0;
    while at < LEFT_OPEN.len() {
        if is_same(name.as_bytes(), LEFT_OPEN[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

pub(crate) const POD_TEMPLATE_SPEC_2: &[Field] = &[one("metadata", metadata::TEMPLATE).at_least(1), one("spec", POD_SPEC)];

pub(crate) const POD_TEMPLATE_SPEC_3: &[Field] = &[one("metadata", metadata::BARE_TEMPLATE).at_least(1), one("spec", POD_SPEC)];
