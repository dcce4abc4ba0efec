//! What a webhook is made of.

use crate::field::{Field, Fixed, bytes, many, number, one, text, texts};
use crate::pods::selector::LABEL_SELECTOR;

const SERVICE: &[Field] = &[
    text("name").required(),
    text("namespace").required(),
    text("path").optional(),
    number("port").optional().default(Fixed::Number(443)),
];

const CLIENT_CONFIG: &[Field] = &[bytes("ca_bundle").optional(), text("url").optional(), one("service", SERVICE)];

const RULE: &[Field] = &[
    texts("api_groups").required(),
    texts("api_versions").required(),
    texts("operations").required(),
    texts("resources").required(),
    text("scope").optional().default(Fixed::Text("*")),
];

const ADMISSION_REVIEW_VERSIONS: Field = texts("admission_review_versions").optional();
const FAILURE_POLICY: Field = text("failure_policy").optional().default(Fixed::Text("Fail"));
const MATCH_POLICY: Field = text("match_policy").optional().default(Fixed::Text("Equivalent"));
const NAME: Field = text("name").required();
const SIDE_EFFECTS: Field = text("side_effects").optional();
const TIMEOUT_SECONDS: Field = number("timeout_seconds").optional().default(Fixed::Number(10));
const CLIENT: Field = one("client_config", CLIENT_CONFIG).at_least(1);
const NAMESPACE_SELECTOR: Field = one("namespace_selector", LABEL_SELECTOR);
const OBJECT_SELECTOR: Field = one("object_selector", LABEL_SELECTOR);
const RULES: Field = many("rule", RULE).wire("rules");

/// One that says yes or no.
pub(crate) const VALIDATING: &[Field] = &[
    ADMISSION_REVIEW_VERSIONS,
    FAILURE_POLICY,
    MATCH_POLICY,
    NAME,
    SIDE_EFFECTS,
    TIMEOUT_SECONDS,
    CLIENT,
    NAMESPACE_SELECTOR,
    OBJECT_SELECTOR,
    RULES,
];

/// One that changes objects.
pub(crate) const MUTATING: &[Field] = &[
    ADMISSION_REVIEW_VERSIONS,
    FAILURE_POLICY,
    MATCH_POLICY,
    NAME,
    text("reinvocation_policy").optional().default(Fixed::Text("Never")),
    SIDE_EFFECTS,
    TIMEOUT_SECONDS,
    CLIENT,
    NAMESPACE_SELECTOR,
    OBJECT_SELECTOR,
    RULES,
];
