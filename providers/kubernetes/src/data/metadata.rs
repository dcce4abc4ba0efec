//! `metadata` of an object that is looked up: its name is said, the rest is found.

use crate::field::{Field, Fixed, number, text, text_map};

const ANNOTATIONS: Field = text_map("annotations").optional();
const LABELS: Field = text_map("labels").optional();
const GENERATE_NAME: Field = text("generate_name").optional().local();
const GENERATION: Field = number("generation").computed();
const NAME: Field = text("name").optional().computed();
const NAMESPACE: Field = text("namespace").optional().default(Fixed::Text("default"));
const RESOURCE_VERSION: Field = text("resource_version").computed();
const UID: Field = text("uid").computed();

/// Of an object that lies in a namespace.
pub(crate) const NAMESPACED: &[Field] = &[ANNOTATIONS, GENERATION, LABELS, NAME, NAMESPACE, RESOURCE_VERSION, UID];

/// As [`NAMESPACED`], with a member that means nothing here and that Terraform's schema has all the same.
pub(crate) const NAMESPACED_MADE_UP: &[Field] = &[ANNOTATIONS, GENERATE_NAME, GENERATION, LABELS, NAME, NAMESPACE, RESOURCE_VERSION, UID];

/// Of an object that lies in no namespace.
pub(crate) const CLUSTERWIDE: &[Field] = &[ANNOTATIONS, GENERATION, LABELS, NAME, RESOURCE_VERSION, UID];
