//! The client that all types of this provider are given: SDK clients per service and region, and how calls are sent.

use crate::credentials;
use crate::error;
use crate::partition::{self, Partition};
use crate::provider_block::ProviderBlock;
use crate::sender::Sender;
use crate::tags::{DefaultTags, IgnoredTags};
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

/// Values that live as long as the client, one of each type and key.
type Shared = BTreeMap<(TypeId, String), Arc<dyn Any + Send + Sync>>;

/// A configured AWS provider. One HTTP client serves all of it.
pub struct Aws {
    config: SdkConfig,
    region: String,
    endpoints: BTreeMap<String, String>,
    sts_region: Option<String>,
    skip_account_id: bool,
    default_tags: DefaultTags,
    ignored_tags: IgnoredTags,
    sender: Sender,
    account: OnceCell<Caller>,
    shared: Mutex<Shared>,
}

/// Who the credentials belong to.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Account number, twelve digits.
    pub account_id: String,
    /// ARN of the user or session.
    pub arn: String,
    /// Unique id of the user or role session.
    pub user_id: String,
}

impl Aws {
    /// Logs in as far as the provider block, the environment and the shared files say how.
    pub async fn configure(block: ProviderBlock, endpoints: BTreeMap<String, String>) -> Result<Self> {
        let config = credentials::load(&block, &endpoints).await?;
        let region = config.region().map(ToString::to_string).ok_or_else(no_region)?;
        if !block.skip_region_validation.unwrap_or(false) && !partition::is_region_name(&region) {
            return Err(ProviderError::new(ErrorKind::Configuration, format!("{region:?} is not the name of an AWS region"))
                .hint("write it as in eu-central-1, or set skip_region_validation"));
        }
        let aws = Self {
            config,
            region,
            endpoints,
            sts_region: block.sts_region.clone(),
            skip_account_id: block.skip_requesting_account_id.unwrap_or(false),
            default_tags: DefaultTags::of(&block),
            ignored_tags: IgnoredTags::of(&block),
            sender: Sender::new(block.max_retries),
            account: OnceCell::new(),
            shared: Mutex::default(),
        };
        aws.check_account(&block).await?;
        Ok(aws)
    }

    /// The provider's own region.
    pub fn region(&self) -> &str {
        &self.region
    }
    /// The region an object lives in: its `region` argument, or the provider's.
    pub fn region_of<'a>(&'a self, region: Option<&'a str>) -> &'a str {
        region.filter(|r| !r.is_empty()).unwrap_or(&self.region)
    }
    /// The partition of the provider's region.
    pub fn partition_facts(&self) -> Partition {
        partition::of(&self.region)
    }
    /// The partition as in ARNs: `aws`.
    pub fn partition(&self) -> &'static str {
        self.partition_facts().id
    }
    /// The domain of services: `amazonaws.com`.
    pub fn dns_suffix(&self) -> &'static str {
        self.partition_facts().dns_suffix
    }
    /// Tags of every object, from the provider block.
    pub fn default_tags(&self) -> &DefaultTags {
        &self.default_tags
    }
    /// Tags that belong to somebody else.
    pub fn ignored_tags(&self) -> &IgnoredTags {
        &self.ignored_tags
    }
    /// How calls are sent; cheap to clone, for what outlives a borrow of the client.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Sends a call that may be repeated when its answer is lost. `operation`: `ec2:DescribeVpcs`.
    pub async fn send<T, E, Call, Fut>(&self, operation: &str, call: Call) -> Result<T>
    where
        E: error::ServiceFault,
        Call: Fn() -> Fut,
        Fut: Future<Output = std::result::Result<T, error::SdkFault<E>>>,
    {
        self.sender.send(operation, call).await
    }

    /// Sends a call that must not be repeated blindly: a lost answer is [`ErrorKind::InDoubt`].
    pub async fn send_once<T, E, Call, Fut>(&self, operation: &str, call: Call) -> Result<T>
    where
        E: error::ServiceFault,
        Call: Fn() -> Fut,
        Fut: Future<Output = std::result::Result<T, error::SdkFault<E>>>,
    {
        self.sender.send_once(operation, call).await
    }

    /// EC2 in a region (none: the provider's).
    pub fn ec2(&self, region: Option<&str>) -> aws_sdk_ec2::Client {
        self.client(region, |config| {
            let builder = aws_sdk_ec2::config::Builder::from(config);
            aws_sdk_ec2::Client::from_conf(match self.endpoint("ec2") {
                Some(url) => builder.endpoint_url(url).build(),
                None => builder.build(),
            })
        })
    }
    /// EKS in a region (none: the provider's).
    pub fn eks(&self, region: Option<&str>) -> aws_sdk_eks::Client {
        self.client(region, |config| {
            let builder = aws_sdk_eks::config::Builder::from(config);
            aws_sdk_eks::Client::from_conf(match self.endpoint("eks") {
                Some(url) => builder.endpoint_url(url).build(),
                None => builder.build(),
            })
        })
    }
    /// Secrets Manager in a region (none: the provider's).
    pub fn secretsmanager(&self, region: Option<&str>) -> aws_sdk_secretsmanager::Client {
        self.client(region, |config| {
            let builder = aws_sdk_secretsmanager::config::Builder::from(config);
            aws_sdk_secretsmanager::Client::from_conf(match self.endpoint("secretsmanager") {
                Some(url) => builder.endpoint_url(url).build(),
                None => builder.build(),
            })
        })
    }
    /// KMS in the provider's region.
    pub fn kms(&self) -> aws_sdk_kms::Client {
        self.client(None, |config| {
            let builder = aws_sdk_kms::config::Builder::from(config);
            aws_sdk_kms::Client::from_conf(builder.build())
        })
    }
    /// IAM, which has no regions.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        self.client(None, |config| {
            let builder = aws_sdk_iam::config::Builder::from(config);
            aws_sdk_iam::Client::from_conf(match self.endpoint("iam") {
                Some(url) => builder.endpoint_url(url).build(),
                None => builder.build(),
            })
        })
    }
    /// STS, in `sts_region` where that is set.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        self.client(self.sts_region.as_deref(), |config| {
            let builder = aws_sdk_sts::config::Builder::from(config);
            aws_sdk_sts::Client::from_conf(match self.endpoint("sts") {
                Some(url) => builder.endpoint_url(url).build(),
                None => builder.build(),
            })
        })
    }
    /// The region and the URL of the STS that a region's questions go to; `sts_region` where that is set.
    pub async fn sts_endpoint(&self, region: Option<&str>) -> Result<(String, String)> {
        let region = self.region_of(self.sts_region.as_deref().or(region)).to_owned();
        let place = Params::builder()
            .region(&*region)
            .set_endpoint(self.endpoint("sts").map(String::as_str).or(self.config.endpoint_url()).map(str::to_owned))
            .set_use_fips(self.config.use_fips())
            .set_use_dual_stack(self.config.use_dual_stack());
        let wrong = |why: &dyn std::fmt::Display| ProviderError::new(ErrorKind::Configuration, format!("no endpoint of STS: {why}"));
        let place = place.build().map_err(|e| wrong(&e))?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&place).await.map_err(|e| wrong(&e))?;
        Ok((region, endpoint.url().to_owned()))
    }
    /// What calls are signed with.
    pub async fn credentials(&self) -> Result<Credentials> {
        let missing = |why: &str| ProviderError::new(ErrorKind::Configuration, format!("there are no AWS credentials: {why}"));
        let provider = self.config.credentials_provider().ok_or_else(|| missing("none are configured"))?;
        provider.provide_credentials().await.map_err(|e| missing(&error::innermost(&e)))
    }

    /// Who the credentials belong to; asked once.
    pub async fn caller(&self) -> Result<&Caller> {
        let sts = self.sts();
        self.account
            .get_or_try_init(|| async {
                let answer = self.send("sts:GetCallerIdentity", || sts.get_caller_identity().send()).await?;
                Ok(Caller {
                    account_id: answer.account.unwrap_or_default(),
                    arn: answer.arn.unwrap_or_default(),
                    user_id: answer.user_id.unwrap_or_default(),
                })
            })
            .await
    }

    /// The account of the credentials; asked once, and empty under `skip_requesting_account_id`.
    pub async fn account_id(&self) -> Result<&str> {
        if self.skip_account_id {
            return Ok("");
        }
        Ok(&self.caller().await?.account_id)
    }

    /// The one value of type `T` for a key, such as the loader of a region; made on first use.
    pub fn shared<T: Send + Sync + 'static>(&self, key: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let place = (TypeId::of::<T>(), key.to_owned());
        let found = self.lock().get(&place).cloned();
        let any = found.unwrap_or_else(|| {
            let made: Arc<dyn Any + Send + Sync> = Arc::new(make());
            self.lock().entry(place).or_insert(made).clone()
        });
        any.downcast().expect("the key holds the type")
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn endpoint(&self, service: &str) -> Option<&String> {
        self.endpoints.get(service)
    }

    /// A service's client for a region, made once from the configuration.
    fn client<C: Clone + Send + Sync + 'static>(&self, region: Option<&str>, make: impl FnOnce(&SdkConfig) -> C) -> C {
        let region = self.region_of(region);
        let client = self.shared(region, || {
            let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
            make(&config)
        });
        C::clone(&client)
    }

    async fn check_account(&self, block: &ProviderBlock) -> Result<()> {
        let (allowed, forbidden) = (&block.allowed_account_ids, &block.forbidden_account_ids);
        if allowed.is_none() && forbidden.is_none() {
            return Ok(());
        }
        let account = &self.caller().await?.account_id;
        let refused =
            allowed.as_ref().is_some_and(|ids| !ids.contains(account)) || forbidden.as_ref().is_some_and(|ids| ids.contains(account));
        if refused {
            return Err(ProviderError::new(ErrorKind::Configuration, format!("the provider block does not allow AWS account {account}"))
                .hint("check the credentials, or allowed_account_ids and forbidden_account_ids"));
        }
        Ok(())
    }
}

fn no_region() -> ProviderError {
    ProviderError::new(
        ErrorKind::Configuration,
        "no AWS region is set: looked at the provider block's region, AWS_REGION, AWS_DEFAULT_REGION and the profile",
    )
    .hint("set region in the provider block, or AWS_REGION")
}
