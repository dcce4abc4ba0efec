//! What pods mount.

use crate::field::{Field, Fixed, boolean, many, number, octal, one, quantities, quantity, text, text_map, text_set};
use crate::pods::container::{OBJECT_FIELD_SELECTOR, RESOURCE_FIELD_SELECTOR_2};
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::volume_source::{
    AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE, AZURE_DISK_VOLUME_SOURCE, AZURE_FILE_VOLUME_SOURCE, CEPH_FS_VOLUME_SOURCE, CINDER_VOLUME_SOURCE,
    CSI_VOLUME_SOURCE, FC_VOLUME_SOURCE, FLEX_VOLUME_SOURCE, FLOCKER_VOLUME_SOURCE, GCE_PERSISTENT_DISK_VOLUME_SOURCE,
    GIT_REPO_VOLUME_SOURCE, GLUSTERFS_VOLUME_SOURCE, ISCSI_VOLUME_SOURCE, NFS_VOLUME_SOURCE, PHOTON_PERSISTENT_DISK_VOLUME_SOURCE,
    QUOBYTE_VOLUME_SOURCE, RBD_VOLUME_SOURCE, VOLUME_LOCAL, VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE,
};

const KEY_TO_PATH: &[Field] = &[text("key").optional(), octal("mode").optional(), text("path").optional()];

const CONFIG_MAP_VOLUME_SOURCE: &[Field] = &[
    octal("default_mode").optional().default(Fixed::Text("0644")),
    text("name").optional(),
    boolean("optional").optional(),
    many("items", KEY_TO_PATH),
];

const DOWNWARD_API_VOLUME_FILE: &[Field] = &[
    octal("mode").optional(),
    text("path").required(),
    one("field_ref", OBJECT_FIELD_SELECTOR).at_least(1),
    one("resource_field_ref", RESOURCE_FIELD_SELECTOR_2),
];

const DOWNWARD_API_VOLUME_SOURCE: &[Field] =
    &[octal("default_mode").optional().default(Fixed::Text("0644")), many("items", DOWNWARD_API_VOLUME_FILE)];

const EMPTY_DIR_VOLUME_SOURCE: &[Field] = &[text("medium").optional().default(Fixed::Text("")), quantity("size_limit").optional()];

const OBJECT_META: &[Field] = &[text_map("annotations").optional(), text_map("labels").optional()];

const VOLUME_RESOURCE_REQUIREMENTS: &[Field] = &[quantities("limits").optional(), quantities("requests").optional()];

pub(crate) const PERSISTENT_VOLUME_CLAIM_SPEC: &[Field] = &[
    text_set("access_modes").required(),
    text("storage_class_name").optional().computed(),
    text("volume_mode").optional().computed(),
    text("volume_name").optional().computed(),
    one("resources", VOLUME_RESOURCE_REQUIREMENTS).at_least(1),
    one("selector", LABEL_SELECTOR),
];

const PERSISTENT_VOLUME_CLAIM_TEMPLATE: &[Field] = &[one("metadata", OBJECT_META), one("spec", PERSISTENT_VOLUME_CLAIM_SPEC).at_least(1)];

const EPHEMERAL_VOLUME_SOURCE: &[Field] = &[one("volume_claim_template", PERSISTENT_VOLUME_CLAIM_TEMPLATE).at_least(1)];

pub(crate) const HOST_PATH_VOLUME_SOURCE: &[Field] = &[text("path").optional(), text("type").optional()];

const PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE: &[Field] =
    &[text("claim_name").optional(), boolean("read_only").optional().default(Fixed::Bool(false))];

const CONFIG_MAP_PROJECTION: &[Field] = &[text("name").optional(), boolean("optional").optional(), many("items", KEY_TO_PATH)];

const DOWNWARD_API_VOLUME_FILE_2: &[Field] = &[
    octal("mode").optional(),
    text("path").required(),
    one("field_ref", OBJECT_FIELD_SELECTOR),
    one("resource_field_ref", RESOURCE_FIELD_SELECTOR_2),
];

const DOWNWARD_API_PROJECTION: &[Field] = &[many("items", DOWNWARD_API_VOLUME_FILE_2)];

const SECRET_PROJECTION: &[Field] = &[text("name").optional(), boolean("optional").optional(), many("items", KEY_TO_PATH)];

const SERVICE_ACCOUNT_TOKEN_PROJECTION: &[Field] =
    &[text("audience").optional(), number("expiration_seconds").optional().default(Fixed::Number(3600)), text("path").required()];

const VOLUME_PROJECTION: &[Field] = &[
    one("config_map", CONFIG_MAP_PROJECTION).loose(),
    one("downward_api", DOWNWARD_API_PROJECTION).wire("downwardAPI"),
    one("secret", SECRET_PROJECTION).loose(),
    one("service_account_token", SERVICE_ACCOUNT_TOKEN_PROJECTION),
];

const PROJECTED_VOLUME_SOURCE: &[Field] =
    &[octal("default_mode").optional().default(Fixed::Text("0644")), many("sources", VOLUME_PROJECTION).at_least(1)];

const SECRET_VOLUME_SOURCE: &[Field] = &[
    octal("default_mode").optional().default(Fixed::Text("0644")),
    boolean("optional").optional(),
    text("secret_name").optional(),
    many("items", KEY_TO_PATH),
];

pub(crate) const VOLUME: &[Field] = &[
    text("name").optional(),
    one("aws_elastic_block_store", AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE),
    one("azure_disk", AZURE_DISK_VOLUME_SOURCE),
    one("azure_file", AZURE_FILE_VOLUME_SOURCE),
    one("ceph_fs", CEPH_FS_VOLUME_SOURCE).wire("cephfs"),
    one("cinder", CINDER_VOLUME_SOURCE),
    one("config_map", CONFIG_MAP_VOLUME_SOURCE),
    one("csi", CSI_VOLUME_SOURCE),
    one("downward_api", DOWNWARD_API_VOLUME_SOURCE).wire("downwardAPI"),
    one("empty_dir", EMPTY_DIR_VOLUME_SOURCE),
    one("ephemeral", EPHEMERAL_VOLUME_SOURCE),
    one("fc", FC_VOLUME_SOURCE),
    one("flex_volume", FLEX_VOLUME_SOURCE),
    one("flocker", FLOCKER_VOLUME_SOURCE),
    one("gce_persistent_disk", GCE_PERSISTENT_DISK_VOLUME_SOURCE),
    one("git_repo", GIT_REPO_VOLUME_SOURCE),
    one("glusterfs", GLUSTERFS_VOLUME_SOURCE),
    one("host_path", HOST_PATH_VOLUME_SOURCE),
    one("iscsi", ISCSI_VOLUME_SOURCE),
    one("local", VOLUME_LOCAL).unsupported().local(),
    one("nfs", NFS_VOLUME_SOURCE),
    one("persistent_volume_claim", PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE),
    one("photon_persistent_disk", PHOTON_PERSISTENT_DISK_VOLUME_SOURCE),
    one("projected", PROJECTED_VOLUME_SOURCE).loose(),
    one("quobyte", QUOBYTE_VOLUME_SOURCE),
    one("rbd", RBD_VOLUME_SOURCE),
    one("secret", SECRET_VOLUME_SOURCE),
    one("vsphere_volume", VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE),
];
