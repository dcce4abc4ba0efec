//! How objects are picked by their labels.

use crate::field::{Field, many, text, text_map, text_set};

const LABEL_SELECTOR_REQUIREMENT: &[Field] = &[text("key").optional(), text("operator").optional(), text_set("values").optional()];

pub(crate) const LABEL_SELECTOR: &[Field] = &[text_map("match_labels").optional(), many("match_expressions", LABEL_SELECTOR_REQUIREMENT)];
