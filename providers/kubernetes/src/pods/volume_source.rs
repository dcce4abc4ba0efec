//! The kinds of volumes that clouds and file servers bring.

use crate::field::{Field, Fixed, boolean, number, one, text, text_map, text_set};

pub(crate) const LOCAL_OBJECT_REFERENCE: &[Field] = &[text("name").optional()];

pub(crate) const LOCAL_OBJECT_REFERENCE_2: &[Field] = &[text("name").required()];

pub(crate) const AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE: &[Field] = &[
    text("fs_type").optional(),
    number("partition").optional(),
    boolean("read_only").optional(),
    text("volume_id").required().wire("volumeID"),
];

pub(crate) const AZURE_DISK_VOLUME_SOURCE: &[Field] = &[
    text("caching_mode").required(),
    text("data_disk_uri").required().wire("diskURI"),
    text("disk_name").required(),
    text("fs_type").optional(),
    text("kind").optional().computed(),
    boolean("read_only").optional().default(Fixed::Bool(false)),
];

pub(crate) const AZURE_FILE_VOLUME_SOURCE: &[Field] = &[
    boolean("read_only").optional(),
    text("secret_name").required(),
    text("secret_namespace").optional().unsupported().local(),
    text("share_name").required(),
];

const LOCAL_OBJECT_REFERENCE_3: &[Field] = &[text("name").optional(), text("namespace").optional().computed().unsupported().local()];

pub(crate) const CEPH_FS_VOLUME_SOURCE: &[Field] = &[
    text_set("monitors").required(),
    text("path").optional(),
    boolean("read_only").optional(),
    text("secret_file").optional(),
    text("user").optional(),
    one("secret_ref", LOCAL_OBJECT_REFERENCE_3),
];

pub(crate) const CINDER_VOLUME_SOURCE: &[Field] =
    &[text("fs_type").optional(), boolean("read_only").optional(), text("volume_id").required().wire("volumeID")];

pub(crate) const CSI_VOLUME_SOURCE: &[Field] = &[
    text("driver").required(),
    text("fs_type").optional(),
    boolean("read_only").optional(),
    text_map("volume_attributes").optional(),
    one("node_publish_secret_ref", LOCAL_OBJECT_REFERENCE),
];

pub(crate) const FC_VOLUME_SOURCE: &[Field] = &[
    text("fs_type").optional(),
    number("lun").required(),
    boolean("read_only").optional(),
    text_set("target_ww_ns").required().wire("targetWWNs"),
];

pub(crate) const FLEX_VOLUME_SOURCE: &[Field] = &[
    text("driver").required(),
    text("fs_type").optional(),
    text_map("options").optional(),
    boolean("read_only").optional(),
    one("secret_ref", LOCAL_OBJECT_REFERENCE_3),
];

pub(crate) const FLOCKER_VOLUME_SOURCE: &[Field] = &[text("dataset_name").optional(), text("dataset_uuid").optional().wire("datasetUUID")];

pub(crate) const GCE_PERSISTENT_DISK_VOLUME_SOURCE: &[Field] =
    &[text("fs_type").optional(), number("partition").optional(), text("pd_name").required(), boolean("read_only").optional()];

pub(crate) const GIT_REPO_VOLUME_SOURCE: &[Field] =
    &[text("directory").optional(), text("repository").optional(), text("revision").optional()];

pub(crate) const GLUSTERFS_VOLUME_SOURCE: &[Field] =
    &[text("endpoints_name").required().wire("endpoints"), text("path").required(), boolean("read_only").optional()];

pub(crate) const ISCSI_VOLUME_SOURCE: &[Field] = &[
    text("fs_type").optional(),
    text("iqn").required(),
    text("iscsi_interface").optional().default(Fixed::Text("default")),
    number("lun").optional(),
    boolean("read_only").optional(),
    text("target_portal").required(),
];

pub(crate) const VOLUME_LOCAL: &[Field] = &[text("path").optional().unsupported().local()];

pub(crate) const NFS_VOLUME_SOURCE: &[Field] = &[text("path").required(), boolean("read_only").optional(), text("server").required()];

pub(crate) const PHOTON_PERSISTENT_DISK_VOLUME_SOURCE: &[Field] = &[text("fs_type").optional(), text("pd_id").required().wire("pdID")];

pub(crate) const QUOBYTE_VOLUME_SOURCE: &[Field] = &[
    text("group").optional(),
    boolean("read_only").optional(),
    text("registry").required(),
    text("user").optional(),
    text("volume").required(),
];

pub(crate) const RBD_VOLUME_SOURCE: &[Field] = &[
    text_set("ceph_monitors").required().wire("monitors"),
    text("fs_type").optional(),
    text("keyring").optional().computed(),
    text("rados_user").optional().wire("user").default(Fixed::Text("admin")),
    text("rbd_image").required().wire("image"),
    text("rbd_pool").optional().wire("pool").default(Fixed::Text("rbd")),
    boolean("read_only").optional().default(Fixed::Bool(false)),
    one("secret_ref", LOCAL_OBJECT_REFERENCE_3),
];

pub(crate) const VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE: &[Field] = &[text("fs_type").optional(), text("volume_path").required()];
