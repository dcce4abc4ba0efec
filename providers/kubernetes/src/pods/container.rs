//! What a container is made of.

use crate::field::{Field, Fixed, boolean, int, many, number, one, quantities, quantity, text, texts};
use crate::pods::probe::{LIFECYCLE, PROBE};

const CONFIG_MAP_KEY_SELECTOR: &[Field] = &[text("key").optional(), text("name").optional(), boolean("optional").optional()];

pub(crate) const OBJECT_FIELD_SELECTOR: &[Field] =
    &[text("api_version").optional().default(Fixed::Text("v1")), text("field_path").optional()];

const RESOURCE_FIELD_SELECTOR: &[Field] =
    &[text("container_name").optional(), quantity("divisor").optional().default(Fixed::Text("1")), text("resource").required()];

const SECRET_KEY_SELECTOR: &[Field] = &[text("key").optional(), text("name").optional(), boolean("optional").optional()];

const ENV_VAR_SOURCE: &[Field] = &[
    one("config_map_key_ref", CONFIG_MAP_KEY_SELECTOR),
    one("field_ref", OBJECT_FIELD_SELECTOR),
    one("resource_field_ref", RESOURCE_FIELD_SELECTOR),
    one("secret_key_ref", SECRET_KEY_SELECTOR),
];

const ENV_VAR: &[Field] = &[text("name").required(), text("value").optional(), one("value_from", ENV_VAR_SOURCE)];

const CONFIG_MAP_ENV_SOURCE: &[Field] = &[text("name").required(), boolean("optional").optional()];

const SECRET_ENV_SOURCE: &[Field] = &[text("name").required(), boolean("optional").optional()];

const ENV_FROM_SOURCE: &[Field] =
    &[text("prefix").optional(), one("config_map_ref", CONFIG_MAP_ENV_SOURCE), one("secret_ref", SECRET_ENV_SOURCE)];

const CONTAINER_PORT: &[Field] = &[
    number("container_port").required(),
    text("host_ip").optional().wire("hostIP"),
    number("host_port").optional(),
    text("name").optional(),
    text("protocol").optional().default(Fixed::Text("TCP")),
];

const RESOURCE_REQUIREMENTS: &[Field] = &[quantities("limits").optional().computed(), quantities("requests").optional().computed()];

const CAPABILITIES: &[Field] = &[texts("add").optional(), texts("drop").optional()];

pub(crate) const SE_LINUX_OPTIONS: &[Field] =
    &[text("level").optional(), text("role").optional(), text("type").optional(), text("user").optional()];

pub(crate) const SECCOMP_PROFILE: &[Field] =
    &[text("localhost_profile").optional().default(Fixed::Text("")), text("type").optional().default(Fixed::Text("Unconfined"))];

const SECURITY_CONTEXT: &[Field] = &[
    boolean("allow_privilege_escalation").optional().default(Fixed::Bool(true)),
    boolean("privileged").optional().default(Fixed::Bool(false)),
    boolean("read_only_root_filesystem").optional().default(Fixed::Bool(false)),
    int("run_as_group").optional(),
    boolean("run_as_non_root").optional(),
    int("run_as_user").optional(),
    one("capabilities", CAPABILITIES),
    one("se_linux_options", SE_LINUX_OPTIONS),
    one("seccomp_profile", SECCOMP_PROFILE),
];

const VOLUME_DEVICE: &[Field] = &[text("device_path").required(), text("name").required()];

const VOLUME_MOUNT: &[Field] = &[
    text("mount_path").required(),
    text("mount_propagation").optional().default(Fixed::Text("None")),
    text("name").required(),
    boolean("read_only").optional().default(Fixed::Bool(false)),
    text("sub_path").optional(),
    text("sub_path_expr").optional(),
];

pub(crate) const CONTAINER: &[Field] = &[
    texts("args").optional(),
    texts("command").optional(),
    text("image").optional(),
    text("image_pull_policy").optional().computed(),
    text("name").required(),
    boolean("stdin").optional().default(Fixed::Bool(false)),
    boolean("stdin_once").optional().default(Fixed::Bool(false)),
    text("termination_message_path").optional().default(Fixed::Text("/dev/termination-log")),
    text("termination_message_policy").optional().computed(),
    boolean("tty").optional().default(Fixed::Bool(false)),
    text("working_dir").optional(),
    many("env", ENV_VAR).keyed("name"),
    many("env_from", ENV_FROM_SOURCE),
    one("lifecycle", LIFECYCLE),
    one("liveness_probe", PROBE),
    many("port", CONTAINER_PORT).keyed("containerPort").wire("ports"),
    one("readiness_probe", PROBE),
    one("resources", RESOURCE_REQUIREMENTS),
    one("security_context", SECURITY_CONTEXT),
    one("startup_probe", PROBE),
    many("volume_device", VOLUME_DEVICE).keyed("devicePath").wire("volumeDevices"),
    many("volume_mount", VOLUME_MOUNT).keyed("mountPath").wire("volumeMounts"),
];

pub(crate) const WINDOWS_SECURITY_CONTEXT_OPTIONS: &[Field] = &[
    text("gmsa_credential_spec").optional(),
    text("gmsa_credential_spec_name").optional(),
    boolean("host_process").optional().default(Fixed::Bool(false)),
    text("run_as_username").optional().wire("runAsUserName"),
];

pub(crate) const RESOURCE_FIELD_SELECTOR_2: &[Field] =
    &[text("container_name").required(), quantity("divisor").optional().default(Fixed::Text("1")), text("resource").required()];

pub(crate) const CROSS_VERSION_OBJECT_REFERENCE_2: &[Field] =
    &[text("api_version").optional(), text("kind").required(), text("name").required()];
