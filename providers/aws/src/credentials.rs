//! Where the region, the credentials and the HTTP client come from: the provider block first, then the environment and the
//! shared files, then what runs around us (container, instance).

use crate::provider_block::{AssumeRole, AssumeRoleWithWebIdentity, ProviderBlock};
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest time to connect to a service.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest silence of a service before its answer.
const READ_TIMEOUT: Duration = Duration::from_mins(1);
/// The instance metadata service is near or not there at all.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

#[expect(deprecated, reason = "the SDK's own name for it lies in a crate that is not part of its public face")]
type ProfileFiles = aws_config::profile::profile_file::ProfileFiles;
#[expect(deprecated, reason = "see ProfileFiles")]
type FileKind = aws_config::profile::profile_file::ProfileFileKind;

/// The SDK's configuration for a provider block. SDK retries are off in it: [`crate::sender`] has the say.
pub async fn load(block: &ProviderBlock, endpoints: &BTreeMap<String, String>) -> Result<SdkConfig> {
    let http = http_client(block)?;
    let files = profile_files(block);
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region_chain(block, files.as_ref()))
        .retry_config(RetryConfig::standard())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build())
        // Replaced below, where the region that the profile names is known.
        .credentials_provider(no_credentials());
    let loader = match &files {
        Some(files) => loader.profile_files(files.clone()),
        None => loader,
    };
    let loader = match &block.profile {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    };
    let loader = match block.use_fips_endpoint {
        Some(fips) => loader.use_fips(fips),
        None => loader,
    };
    let loader = match block.use_dualstack_endpoint {
        Some(dual) => loader.use_dual_stack(dual),
        None => loader,
    };
    let config = loader.load().await;
    let base = base_credentials(block, files, &config, http)?;
    if !block.skip_credentials_validation.unwrap_or(false) {
        base.provide_credentials().await.map_err(|error| no_login(block, &error))?;
    }
    let credentials = assume_roles(block, base, &config, endpoints).await?;
    Ok(config.to_builder().credentials_provider(credentials).retry_config(RetryConfig::disabled()).build())
}

fn no_credentials() -> Credentials {
    Credentials::new("", "", None, None, "none")
}

fn configuration(message: impl Into<String>) -> ProviderError {
    ProviderError::new(ErrorKind::Configuration, message)
}

fn http_client(block: &ProviderBlock) -> Result<SharedHttpClient> {
    let builder = aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
    let Some(bundle) = &block.custom_ca_bundle else { return Ok(builder.build_https()) };
    let pem = std::fs::read(bundle).map_err(|error| configuration(format!("custom_ca_bundle: {bundle}: {error}")))?;
    let trust = TrustStore::empty().with_native_roots(true).with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(trust).build();
    let context = context.map_err(|error| configuration(format!("custom_ca_bundle: {bundle}: {error}")))?;
    Ok(builder.tls_context(context).build_https())
}

fn profile_files(block: &ProviderBlock) -> Option<ProfileFiles> {
    let (config, credentials) = (&block.shared_config_files, &block.shared_credentials_files);
    if config.is_none() && credentials.is_none() {
        return None;
    }
    let mut files =
        ProfileFiles::builder().include_default_config_file(config.is_none()).include_default_credentials_file(credentials.is_none());
    for file in config.iter().flatten() {
        files = files.with_file(FileKind::Config, file);
    }
    for file in credentials.iter().flatten() {
        files = files.with_file(FileKind::Credentials, file);
    }
    Some(files.build())
}

/// The instance metadata service is not asked: what runs on an instance says its region like everything else.
fn region_chain(block: &ProviderBlock, files: Option<&ProfileFiles>) -> RegionProviderChain {
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(files) = files {
        profile = profile.profile_files(files.clone());
    }
    if let Some(name) = &block.profile {
        profile = profile.profile_name(name);
    }
    let explicit = block.region.clone().filter(|r| !r.is_empty()).map(Region::new);
    RegionProviderChain::first_try(explicit).or_else(EnvironmentVariableRegionProvider::new()).or_else(profile.build())
}

fn base_credentials(
    block: &ProviderBlock,
    files: Option<ProfileFiles>,
    config: &SdkConfig,
    http: SharedHttpClient,
) -> Result<SharedCredentialsProvider> {
    match (&block.access_key, &block.secret_key) {
        (Some(key), Some(secret)) => {
            let keys = Credentials::new(key, secret, block.token.clone(), None, "provider block");
            return Ok(SharedCredentialsProvider::new(keys));
        }
        (None, None) => {}
        _ => return Err(configuration("access_key and secret_key go together: only one of them is set")),
    }
    let around = ProviderConfig::without_region().with_region(config.region().cloned()).with_http_client(http);
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&around);
    if let Some(files) = files {
        profile = profile.profile_files(files);
    }
    if let Some(name) = &block.profile {
        // A profile that the block names stands above the environment's keys.
        return Ok(SharedCredentialsProvider::new(profile.profile_name(name).build()));
    }
    let chain = CredentialsProviderChain::first_try("environment", EnvironmentVariableCredentialsProvider::new())
        .or_else("profile", profile.build())
        .or_else("web identity", WebIdentityTokenCredentialsProvider::builder().configure(&around).build())
        .or_else("container", aws_config::ecs::EcsCredentialsProvider::builder().configure(&around).build());
    if block.skip_metadata_api_check.as_deref() == Some("true") {
        return Ok(SharedCredentialsProvider::new(chain));
    }
    Ok(SharedCredentialsProvider::new(chain.or_else("instance", instance_credentials(block, &around)?)))
}

fn instance_credentials(block: &ProviderBlock, around: &ProviderConfig) -> Result<aws_config::imds::credentials::ImdsCredentialsProvider> {
    let mut client = aws_config::imds::Client::builder()
        .configure(around)
        .max_attempts(1)
        .connect_timeout(METADATA_TIMEOUT)
        .read_timeout(METADATA_TIMEOUT);
    if let Some(endpoint) = &block.ec2_metadata_service_endpoint {
        client = client.endpoint(endpoint).map_err(|e| configuration(format!("ec2_metadata_service_endpoint: {e}")))?;
    }
    Ok(aws_config::imds::credentials::ImdsCredentialsProvider::builder().configure(around).imds_client(client.build()).build())
}

async fn assume_roles(
    block: &ProviderBlock,
    base: SharedCredentialsProvider,
    config: &SdkConfig,
    endpoints: &BTreeMap<String, String>,
) -> Result<SharedCredentialsProvider> {
    let mut sts = config.to_builder();
    if let Some(region) = &block.sts_region {
        sts = sts.region(Region::new(region.clone()));
    }
    if let Some(url) = endpoints.get("sts") {
        sts = sts.endpoint_url(url);
    }
    let sts = sts.build();
    let mut credentials = match block.assume_role_with_web_identity.first() {
        Some(role) => SharedCredentialsProvider::new(web_identity(role, config)?),
        None => base,
    };
    for role in &block.assume_role {
        credentials = SharedCredentialsProvider::new(assume(role, &sts, credentials).await?);
    }
    Ok(credentials)
}

async fn assume(role: &AssumeRole, sts: &SdkConfig, from: SharedCredentialsProvider) -> Result<AssumeRoleProvider> {
    let arn = role.role_arn.as_deref().ok_or_else(|| configuration("assume_role: role_arn is not set"))?;
    let mut builder = AssumeRoleProvider::builder(arn).configure(sts);
    builder = builder.session_name(role.session_name.as_deref().unwrap_or("levee"));
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    if let Some(policy) = &role.policy {
        builder = builder.policy(policy);
    }
    if let Some(arns) = &role.policy_arns {
        builder = builder.policy_arns(arns.iter().cloned().collect());
    }
    if let Some(text) = &role.duration {
        let length = levee_model::duration::parse(text)
            .ok()
            .filter(|d| !d.is_zero())
            .ok_or_else(|| configuration(format!("assume_role: {text:?} is not a duration such as 1h or 30m")))?;
        builder = builder.session_length(length);
    }
    if let Some(tags) = &role.tags {
        builder = builder.tags(tags.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    Ok(builder.build_from_provider(from).await)
}

fn web_identity(role: &AssumeRoleWithWebIdentity, config: &SdkConfig) -> Result<WebIdentityTokenCredentialsProvider> {
    let (Some(arn), Some(file)) = (&role.role_arn, &role.web_identity_token_file) else {
        return Err(configuration("assume_role_with_web_identity needs role_arn and web_identity_token_file"));
    };
    let mut around = ProviderConfig::without_region().with_region(config.region().cloned());
    if let Some(http) = config.http_client() {
        around = around.with_http_client(http);
    }
    let mut builder = WebIdentityTokenCredentialsProvider::builder().configure(&around).static_configuration(StaticConfiguration {
        web_identity_token_file: file.into(),
        role_arn: arn.clone(),
        session_name: role.session_name.clone().unwrap_or_else(|| "levee".to_owned()),
    });
    if let Some(policy) = &role.policy {
        builder = builder.policy(policy);
    }
    if let Some(arns) = &role.policy_arns {
        builder = builder.policy_arns(arns.iter().cloned().collect());
    }
    Ok(builder.build())
}

fn no_login(block: &ProviderBlock, error: &aws_credential_types::provider::error::CredentialsError) -> ProviderError {
    let why = crate::error::innermost(error);
    match &block.profile {
        Some(profile) => configuration(format!("the AWS profile {profile:?} yields no credentials: {why}"))
            .hint("check the name in the provider block against `aws configure list-profiles`"),
        None => configuration(format!(
            "no AWS credentials were found: {}. Looked at the provider block, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
             the profile {:?}, a web identity token, the container and the instance",
            why.trim_end_matches('.'),
            std::env::var("AWS_PROFILE").unwrap_or_else(|_| "default".to_owned()),
        ))
        .hint("set AWS_PROFILE or the AWS_ACCESS_KEY_ID pair, or log in with `aws sso login`"),
    }
}
