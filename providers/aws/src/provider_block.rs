//! The arguments of `provider "aws"`. The block `endpoints` is apart, in [`crate::endpoints`].

use levee_sdk::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// How levee logs in to AWS, and what holds for every object of this provider configuration.
#[derive(Clone, Default, Shape)]
pub struct ProviderBlock {
    /// Access key id; goes with `secret_key`.
    #[attr(optional)]
    pub access_key: Option<String>,
    /// Accounts that may be worked on; any other is refused.
    #[attr(optional)]
    pub allowed_account_ids: Option<BTreeSet<String>>,
    /// File with certificates to trust beside the system's.
    #[attr(optional)]
    pub custom_ca_bundle: Option<String>,
    /// Address of the instance metadata service.
    #[attr(optional)]
    pub ec2_metadata_service_endpoint: Option<String>,
    /// IPv4 or IPv6, for the instance metadata service.
    #[attr(optional, unsupported)]
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    /// Accounts that must not be worked on.
    #[attr(optional)]
    pub forbidden_account_ids: Option<BTreeSet<String>>,
    /// Proxy for plain HTTP.
    #[attr(optional, unsupported)]
    pub http_proxy: Option<String>,
    /// Proxy for HTTPS.
    #[attr(optional, unsupported)]
    pub https_proxy: Option<String>,
    /// Skips the check of certificates.
    #[attr(optional, unsupported)]
    pub insecure: Option<bool>,
    /// How often a call is tried in all while it is throttled or fails on the way.
    #[attr(optional)]
    pub max_retries: Option<i64>,
    /// Hosts that are reached without a proxy, separated by commas.
    #[attr(optional, unsupported)]
    pub no_proxy: Option<String>,
    /// Profile of the shared configuration files.
    #[attr(optional)]
    pub profile: Option<String>,
    /// Region of all objects that do not name one.
    #[attr(optional)]
    pub region: Option<String>,
    /// `standard` or `adaptive`; calls are always slowed down as far as AWS asks for it.
    #[attr(optional)]
    pub retry_mode: Option<String>,
    /// `legacy` or `regional`, for S3 in us-east-1.
    #[attr(optional, unsupported)]
    pub s3_us_east_1_regional_endpoint: Option<String>,
    /// Accepted for configurations shared with Terraform; nothing here uses S3.
    #[attr(optional)]
    pub s3_use_path_style: Option<bool>,
    /// Secret access key; goes with `access_key`.
    #[attr(optional)]
    pub secret_key: Option<String>,
    /// Files to read instead of the usual configuration file.
    #[attr(optional)]
    pub shared_config_files: Option<Vec<String>>,
    /// Files to read instead of the usual credentials file.
    #[attr(optional)]
    pub shared_credentials_files: Option<Vec<String>>,
    /// Does without looking for credentials at the start.
    #[attr(optional)]
    pub skip_credentials_validation: Option<bool>,
    /// Does without the instance metadata service (`"true"`).
    #[attr(optional)]
    pub skip_metadata_api_check: Option<String>,
    /// Takes any name for a region.
    #[attr(optional)]
    pub skip_region_validation: Option<bool>,
    /// Does without asking for the account; ARNs made from it stay without.
    #[attr(optional)]
    pub skip_requesting_account_id: Option<bool>,
    /// Region whose STS is asked, if not the provider's.
    #[attr(optional)]
    pub sts_region: Option<String>,
    /// How tag policies are enforced.
    #[attr(optional, unsupported)]
    pub tag_policy_compliance: Option<String>,
    /// Session token that goes with temporary keys.
    #[attr(optional)]
    pub token: Option<String>,
    /// Size of the SDK's own retry budget; levee has limits of its own.
    #[attr(optional, unsupported)]
    pub token_bucket_rate_limiter_capacity: Option<i64>,
    /// Uses endpoints that speak IPv6 as well.
    #[attr(optional)]
    pub use_dualstack_endpoint: Option<bool>,
    /// Uses endpoints with FIPS cryptography.
    #[attr(optional)]
    pub use_fips_endpoint: Option<bool>,
    /// Products to name in the user agent.
    #[attr(optional, unsupported)]
    pub user_agent: Option<Vec<String>>,
    /// Roles to assume, one after the other.
    #[block(list)]
    pub assume_role: Vec<AssumeRole>,
    /// Role to assume with a token of an identity provider.
    #[block(list)]
    pub assume_role_with_web_identity: Vec<AssumeRoleWithWebIdentity>,
    /// Tags of every object.
    #[block(list)]
    pub default_tags: Vec<DefaultTagsBlock>,
    /// Tags that are none of our business.
    #[block(list)]
    pub ignore_tags: Vec<IgnoreTagsBlock>,
}

/// A role to assume.
#[derive(Clone, Default, Shape)]
pub struct AssumeRole {
    /// How long the session lasts: `1h`, `30m`.
    #[attr(optional)]
    pub duration: Option<String>,
    /// Id that the role's trust policy asks for.
    #[attr(optional)]
    pub external_id: Option<String>,
    /// Policy document that narrows the session down.
    #[attr(optional)]
    pub policy: Option<String>,
    /// Managed policies that narrow the session down.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
    /// ARN of the role.
    #[attr(optional)]
    pub role_arn: Option<String>,
    /// Name of the session.
    #[attr(optional)]
    pub session_name: Option<String>,
    /// Identity to pass on along a chain of roles.
    #[attr(optional, unsupported)]
    pub source_identity: Option<String>,
    /// Tags of the session.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Session tags to pass on along a chain of roles.
    #[attr(optional, unsupported)]
    pub transitive_tag_keys: Option<BTreeSet<String>>,
}

/// A role to assume with a token.
#[derive(Clone, Default, Shape)]
pub struct AssumeRoleWithWebIdentity {
    /// How long the session lasts.
    #[attr(optional, unsupported)]
    pub duration: Option<String>,
    /// Policy document that narrows the session down.
    #[attr(optional)]
    pub policy: Option<String>,
    /// Managed policies that narrow the session down.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
    /// ARN of the role.
    #[attr(optional)]
    pub role_arn: Option<String>,
    /// Name of the session.
    #[attr(optional)]
    pub session_name: Option<String>,
    /// The token itself.
    #[attr(optional, unsupported)]
    pub web_identity_token: Option<String>,
    /// File that holds the token.
    #[attr(optional)]
    pub web_identity_token_file: Option<String>,
}

/// Tags of every object.
#[derive(Clone, Default, Shape)]
pub struct DefaultTagsBlock {
    /// The tags; those of an object come on top.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// Tags that are never shown, changed or removed.
#[derive(Clone, Default, Shape)]
pub struct IgnoreTagsBlock {
    /// Beginnings of keys.
    #[attr(optional)]
    pub key_prefixes: Option<BTreeSet<String>>,
    /// Whole keys.
    #[attr(optional)]
    pub keys: Option<BTreeSet<String>>,
}
