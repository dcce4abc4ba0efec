//! `kubernetes_persistent_volume`.

use crate::field::{Field, Fixed, boolean, many, number, one, quantities, text, text_map, text_set, timeouts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::placement::NODE_SELECTOR_REQUIREMENT_2;
use crate::pods::volume::HOST_PATH_VOLUME_SOURCE;
use crate::pods::volume_source::{
    AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE, AZURE_DISK_VOLUME_SOURCE, FC_VOLUME_SOURCE, FLOCKER_VOLUME_SOURCE,
    GCE_PERSISTENT_DISK_VOLUME_SOURCE, NFS_VOLUME_SOURCE, PHOTON_PERSISTENT_DISK_VOLUME_SOURCE, QUOBYTE_VOLUME_SOURCE,
    VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE,
};

const OBJECT_REFERENCE_2: &[Field] = &[text("name").required(), text("namespace").optional()];

const NODE_SELECTOR_TERM_2: &[Field] =
    &[many("match_expressions", NODE_SELECTOR_REQUIREMENT_2), many("match_fields", NODE_SELECTOR_REQUIREMENT_2)];

const NODE_SELECTOR_2: &[Field] = &[many("node_selector_term", NODE_SELECTOR_TERM_2).at_least(1).wire("nodeSelectorTerms")];

const VOLUME_NODE_AFFINITY: &[Field] = &[one("required", NODE_SELECTOR_2)];

const AZURE_FILE_PERSISTENT_VOLUME_SOURCE: &[Field] =
    &[boolean("read_only").optional(), text("secret_name").required(), text("secret_namespace").optional(), text("share_name").required()];

const SECRET_REFERENCE: &[Field] = &[text("name").optional(), text("namespace").optional().computed()];

const CEPH_FS_PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    text_set("monitors").required(),
    text("path").optional(),
    boolean("read_only").optional(),
    text("secret_file").optional(),
    text("user").optional(),
    one("secret_ref", SECRET_REFERENCE),
];

const CINDER_PERSISTENT_VOLUME_SOURCE: &[Field] =
    &[text("fs_type").optional(), boolean("read_only").optional(), text("volume_id").required().wire("volumeID")];

const CSI_PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    text("driver").required(),
    text("fs_type").optional(),
    boolean("read_only").optional(),
    text_map("volume_attributes").optional(),
    text("volume_handle").required(),
    one("controller_expand_secret_ref", SECRET_REFERENCE),
    one("controller_publish_secret_ref", SECRET_REFERENCE),
    one("node_publish_secret_ref", SECRET_REFERENCE),
    one("node_stage_secret_ref", SECRET_REFERENCE),
];

const FLEX_PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    text("driver").required(),
    text("fs_type").optional(),
    text_map("options").optional(),
    boolean("read_only").optional(),
    one("secret_ref", SECRET_REFERENCE),
];

const GLUSTERFS_PERSISTENT_VOLUME_SOURCE: &[Field] =
    &[text("endpoints_name").required().wire("endpoints"), text("path").required(), boolean("read_only").optional()];

const ISCSI_PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    text("fs_type").optional(),
    text("iqn").required(),
    text("iscsi_interface").optional(),
    number("lun").optional(),
    boolean("read_only").optional(),
    text("target_portal").required(),
];

const LOCAL_VOLUME_SOURCE: &[Field] = &[text("path").optional()];

const RBD_PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    text_set("ceph_monitors").required().wire("monitors"),
    text("fs_type").optional(),
    text("keyring").optional().computed(),
    text("rados_user").optional().wire("user"),
    text("rbd_image").required().wire("image"),
    text("rbd_pool").optional().wire("pool"),
    boolean("read_only").optional(),
    one("secret_ref", SECRET_REFERENCE),
];

const PERSISTENT_VOLUME_SOURCE: &[Field] = &[
    one("aws_elastic_block_store", AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE),
    one("azure_disk", AZURE_DISK_VOLUME_SOURCE),
    one("azure_file", AZURE_FILE_PERSISTENT_VOLUME_SOURCE),
    one("ceph_fs", CEPH_FS_PERSISTENT_VOLUME_SOURCE).wire("cephfs"),
    one("cinder", CINDER_PERSISTENT_VOLUME_SOURCE),
    one("csi", CSI_PERSISTENT_VOLUME_SOURCE),
    one("fc", FC_VOLUME_SOURCE),
    one("flex_volume", FLEX_PERSISTENT_VOLUME_SOURCE),
    one("flocker", FLOCKER_VOLUME_SOURCE),
    one("gce_persistent_disk", GCE_PERSISTENT_DISK_VOLUME_SOURCE),
    one("glusterfs", GLUSTERFS_PERSISTENT_VOLUME_SOURCE),
    one("host_path", HOST_PATH_VOLUME_SOURCE),
    one("iscsi", ISCSI_PERSISTENT_VOLUME_SOURCE),
    one("local", LOCAL_VOLUME_SOURCE),
    one("nfs", NFS_VOLUME_SOURCE),
    one("photon_persistent_disk", PHOTON_PERSISTENT_DISK_VOLUME_SOURCE),
    one("quobyte", QUOBYTE_VOLUME_SOURCE),
    one("rbd", RBD_PERSISTENT_VOLUME_SOURCE),
    one("vsphere_volume", VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE),
];

pub(crate) const PERSISTENT_VOLUME_SPEC: &[Field] = &[
    text_set("access_modes").required(),
    quantities("capacity").required(),
    text_set("mount_options").optional(),
    text("persistent_volume_reclaim_policy").optional().default(Fixed::Text("Retain")),
    text("storage_class_name").optional(),
    text("volume_mode").optional().force_new().default(Fixed::Text("Filesystem")),
    one("claim_ref", OBJECT_REFERENCE_2),
    one("node_affinity", VOLUME_NODE_AFFINITY).force_new(),
    one("persistent_volume_source", PERSISTENT_VOLUME_SOURCE).at_least(1).inline(),
];

const FIELDS: &[Field] = &[one("spec", PERSISTENT_VOLUME_SPEC).loose().at_least(1), timeouts(&["create"])];

/// `kubernetes_persistent_volume`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_persistent_volume", "kubernetes_persistent_volume_v1"],
    doc: "A volume.",
    api_version: "v1",
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE_NAMED,
    fields: FIELDS,
    rules: &Plain,
};
