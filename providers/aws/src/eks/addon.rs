//! `aws_eks_addon`.

use super::condition::{Condition, remove};
use super::update::{PACE, Part, finish};
use super::{modified, pod_identity_association, retag, text, two_names};
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::timestamp::rfc3339;
use crate::{region, retry};
use aws_sdk_eks::operation::create_addon::builders::CreateAddonInputBuilder;
use aws_sdk_eks::operation::update_addon::builders::UpdateAddonInputBuilder;
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Wait};
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Software of EKS's own in a cluster, such as its networking.
#[derive(Clone, Default, Shape)]
pub struct Addon {
    /// Its name: `vpc-cni`.
    #[attr(required, force_new)]
    pub addon_name: Option<String>,
    /// Its version; EKS's default for the cluster's Kubernetes unless set.
    #[attr(optional, computed)]
    pub addon_version: Option<String>,
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// Its settings, JSON or YAML.
    #[attr(optional, computed, equality = Json)]
    pub configuration_values: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// `cluster_name:addon_name`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// When it was changed last, in RFC 3339.
    #[attr(computed)]
    pub modified_at: Option<String>,
    /// Whether its software stays in the cluster when it is deleted.
    #[attr(optional)]
    pub preserve: Option<bool>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// What becomes of software that is there already: `NONE` or `OVERWRITE`.
    #[attr(optional)]
    pub resolve_conflicts_on_create: Option<String>,
    /// What becomes of settings that others changed: `NONE`, `OVERWRITE` or `PRESERVE`.
    #[attr(optional)]
    pub resolve_conflicts_on_update: Option<String>,
    /// Role of its service account; that of the nodes unless set.
    #[attr(optional)]
    pub service_account_role_arn: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Where its software is.
    #[block(list, max = 1)]
    pub namespace_config: Vec<NamespaceConfig>,
    /// Roles of its service accounts.
    #[block(set)]
    pub pod_identity_association: Vec<PodIdentity>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
}

/// Where an add-on's software is.
#[derive(Clone, Default, Shape)]
pub struct NamespaceConfig {
    /// The namespace.
    #[attr(optional, computed)]
    pub namespace: Option<String>,
}

/// Which role the pods of a service account act as.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Shape)]
pub struct PodIdentity {
    /// The role.
    #[attr(required)]
    pub role_arn: Option<String>,
    /// Name of the service account.
    #[attr(required)]
    pub service_account: Option<String>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
pub struct Timeouts {
    /// For the creation: `20m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For the deletion.
    #[attr(optional)]
    pub delete: Option<String>,
    /// For an update.
    #[attr(optional)]
    pub update: Option<String>,
}

const TIMEOUT: Duration = Duration::from_mins(20);
const DELETION: Duration = Duration::from_mins(40);
/// What `resolve_conflicts_on_create` may say, and what the one for updates may say besides.
const RESOLUTIONS: [&str; 3] = ["NONE", "OVERWRITE", "PRESERVE"];

impl Resource for Addon {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_addon";

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        for (name, allowed) in [("resolve_conflicts_on_create", &RESOLUTIONS[..2]), ("resolve_conflicts_on_update", &RESOLUTIONS)] {
            let said = config.get(name);
            if let Some(said) = said.as_ref().and_then(Value::as_str).filter(|said| !allowed.contains(said)) {
                let detail = format!("{said:?} is none of {}.", allowed.join(", "));
                found.push(Diagnostic::error("Invalid resolution of conflicts", detail).of_argument(name));
            }
        }
        let version = config.get("addon_version");
        if let Some(version) = version.as_ref().and_then(Value::as_str).filter(|v| !is_version(v)) {
            let detail = format!("{version:?} is not of the form v1.2.3-eksbuild.4.");
            found.push(Diagnostic::error("Invalid version of an add-on", detail).of_argument("addon_version"));
        }
        found
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if !draft.is_create() && draft.changes("namespace_config") {
            draft.force_replace("namespace_config");
        }
        let told = ["addon_version", "configuration_values", "service_account_role_arn", "pod_identity_association", "tags_all"];
        modified(draft, &told);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let (cluster, name) = two_names(id)?;
        match describe(&ctx.client, cluster, name, known.region.as_deref()).await? {
            Some(addon) => known.complete(&ctx.client, addon).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let tags = aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect();
        let request = creation(&planned, &op.to_string(), tags)?;
        let eks = aws.eks(planned.region.as_deref());
        let send = || aws.send("eks:CreateAddon", || request.clone().send_with(&eks));
        if planned.has_young_role(aws) {
            retry::patiently(ctx, send).await?
        } else {
            send().await?
        };
        let (cluster, name) = planned.names();
        ctx.checkpoint(format!("{cluster}:{name}")).await?;
        planned.when_active(ctx).await
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let (cluster, name) = prior.names();
        let eks = aws.eks(prior.region.as_deref());
        let arn = prior.arn.as_deref().unwrap_or_default();
        let update = Box::pin(async {
            let Some(request) = change(&prior, &planned)? else { return Ok(()) };
            let request = request.client_request_token(op.to_string());
            let call = || aws.send("eks:UpdateAddon", || request.clone().send_with(&eks));
            let sent = retry::patiently(ctx, call).await.map(|a| a.update);
            finish(ctx, &eks, (cluster, Part::Addon(name)), "add-on", sent).await.map_err(|error| planned.advised(error))
        });
        let retag = retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref());
        futures::future::try_join(update, retag).await?;
        planned.when_active(ctx).await
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let (cluster, name) = prior.names();
        let request = aws.eks(prior.region.as_deref()).delete_addon().cluster_name(cluster).addon_name(name);
        let request = request.preserve(prior.preserve == Some(true));
        let ask = || aws.send("eks:DeleteAddon", || request.clone().send());
        remove(ctx, name, DELETION, ask, || describe(aws, cluster, name, prior.region.as_deref())).await
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let (cluster, name) = planned.names();
        let found = describe(&ctx.client, cluster, name, planned.region.as_deref()).await?;
        let tags = found.as_ref().and_then(|a| a.tags.as_ref());
        if !made_by(op, tags.into_iter().flatten().map(|(k, v)| (k.as_str(), v.as_str()))) {
            return Ok(None);
        }
        planned.when_active(ctx).await.map(Some)
    }
}

/// `v` and a semantic version.
fn is_version(text: &str) -> bool {
    let numbers = |version: &str| {
        let core = version.split(['-', '+']).next().unwrap_or_default();
        core.split('.').count() == 3 && core.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    text.strip_prefix('v').is_some_and(numbers)
}

fn pod_identities(a: &Addon) -> Result<Vec<eks::AddonPodIdentityAssociations>> {
    let built = a.pod_identity_association.iter().map(|p| {
        let built = eks::AddonPodIdentityAssociations::builder().set_role_arn(p.role_arn.clone());
        built.set_service_account(p.service_account.clone()).build()
    });
    built.collect::<std::result::Result<_, _>>().map_err(|e| ProviderError::invalid(format!("pod_identity_association: {e}")))
}

/// The request that makes the add-on. `tags`: all of them, the op tag included.
fn creation(a: &Addon, token: &str, tags: HashMap<String, String>) -> Result<CreateAddonInputBuilder> {
    let namespace = a.namespace_config.first().and_then(|n| n.namespace.clone());
    let associations = pod_identities(a)?;
    Ok(CreateAddonInputBuilder::default()
        .client_request_token(token)
        .set_cluster_name(a.cluster_name.clone())
        .set_addon_name(a.addon_name.clone())
        .set_addon_version(a.addon_version.clone())
        .set_configuration_values(a.configuration_values.clone())
        .set_resolve_conflicts(a.resolve_conflicts_on_create.as_deref().map(eks::ResolveConflicts::from))
        .set_service_account_role_arn(a.service_account_role_arn.clone().filter(|r| !r.is_empty()))
        .set_pod_identity_associations((!associations.is_empty()).then_some(associations))
        .set_namespace_config(namespace.map(|n| eks::AddonNamespaceConfigRequest::builder().namespace(n).build()))
        .set_tags((!tags.is_empty()).then_some(tags)))
}

/// The request that changes the add-on; `None` where EKS has nothing to do.
fn change(prior: &Addon, planned: &Addon) -> Result<Option<UpdateAddonInputBuilder>> {
    let version = planned.addon_version.clone().filter(|v| prior.addon_version.as_ref() != Some(v));
    let values = planned.configuration_values.clone().filter(|v| prior.configuration_values.as_ref() != Some(v));
    let sorted = |a: &Addon| {
        let mut all = a.pod_identity_association.clone();
        all.sort();
        all
    };
    let other_identities = sorted(prior) != sorted(planned);
    if version.is_none() && values.is_none() && !other_identities && prior.service_account_role_arn == planned.service_account_role_arn {
        return Ok(None);
    }
    // An update that leaves the role out takes it away; an empty one is none.
    let role = planned.service_account_role_arn.clone().or_else(|| prior.service_account_role_arn.as_ref().map(|_| String::new()));
    Ok(Some(
        UpdateAddonInputBuilder::default()
            .set_cluster_name(prior.cluster_name.clone())
            .set_addon_name(prior.addon_name.clone())
            .set_addon_version(version)
            .set_configuration_values(values)
            .set_pod_identity_associations(if other_identities { Some(pod_identities(planned)?) } else { None })
            .set_resolve_conflicts(planned.resolve_conflicts_on_update.as_deref().map(eks::ResolveConflicts::from))
            .set_service_account_role_arn(role),
    ))
}

/// The add-on; `None` where there is none, or no cluster.
pub(super) async fn describe(aws: &Aws, cluster: &str, name: &str, region: Option<&str>) -> Result<Option<eks::Addon>> {
    let request = aws.eks(region).describe_addon().cluster_name(cluster).addon_name(name);
    match aws.send("eks:DescribeAddon", || request.clone().send()).await {
        Ok(answer) => Ok(answer.addon),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Addon {
    fn names(&self) -> (&str, &str) {
        (self.cluster_name.as_deref().unwrap_or_default(), self.addon_name.as_deref().unwrap_or_default())
    }

    /// Whether EKS may not see a role yet: of those that are not new, a refusal says that there are none.
    fn has_young_role(&self, aws: &Aws) -> bool {
        let mut roles = self.pod_identity_association.iter().map(|p| &p.role_arn).chain([&self.service_account_role_arn]).flatten();
        roles.any(|role| aws.sender().is_young(role))
    }

    /// Waits until the add-on is ready.
    async fn when_active(&self, ctx: &Ctx<Aws>) -> Result<Self> {
        let (cluster, name) = self.names();
        let look = || async {
            let found = describe(&ctx.client, cluster, name, self.region.as_deref()).await?;
            found.map_or_else(|| Ok(Look::Pending("not visible yet".into())), judge)
        };
        let active = Wait::new(format!("add-on {name}"), PACE, TIMEOUT).run(ctx, look).await;
        self.complete(&ctx.client, active.map_err(|error| self.advised(error))?).await
    }

    /// An error with what may help where others have changed the add-on's software.
    fn advised(&self, error: ProviderError) -> ProviderError {
        if error.message.to_ascii_lowercase().contains("conflict") {
            return error
                .hint("set resolve_conflicts_on_create and resolve_conflicts_on_update to \"OVERWRITE\" if EKS's settings are to win");
        }
        error
    }

    /// The add-on as EKS shows it, with what only the configuration or the state knows.
    pub(super) async fn complete(&self, aws: &Aws, a: eks::Addon) -> Result<Self> {
        let tags = aws.tags_seen(a.tags.into_iter().flatten().collect::<Tags>(), self.tags.as_ref());
        let (cluster, region) = (a.cluster_name.clone().unwrap_or_default(), self.region.as_deref());
        let owned = a.pod_identity_associations.into_iter().flatten().filter_map(|arn| Some(arn.rsplit_once('/')?.1.to_owned()));
        let owned = owned.map(|id| pod_identity(aws, &cluster, id, region));
        let pod_identity_association = futures::future::try_join_all(owned).await?.into_iter().flatten().collect();
        let namespace = |n: eks::AddonNamespaceConfigResponse| NamespaceConfig { namespace: n.namespace };
        Ok(Self {
            id: a.addon_name.as_ref().map(|name| format!("{cluster}:{name}")),
            addon_name: a.addon_name,
            addon_version: a.addon_version,
            arn: a.addon_arn,
            cluster_name: a.cluster_name,
            configuration_values: Some(a.configuration_values.unwrap_or_default()),
            created_at: a.created_at.as_ref().map(rfc3339),
            modified_at: a.modified_at.as_ref().map(rfc3339),
            // EKS shows its default, which is none of the configuration's.
            namespace_config: a.namespace_config.map(namespace).filter(|_| !self.namespace_config.is_empty()).into_iter().collect(),
            pod_identity_association,
            region: Some(aws.region_of(region).to_owned()),
            service_account_role_arn: a.service_account_role_arn.filter(|r| !r.is_empty()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            preserve: self.preserve,
            resolve_conflicts_on_create: self.resolve_conflicts_on_create.clone(),
            resolve_conflicts_on_update: self.resolve_conflicts_on_update.clone(),
            timeouts: self.timeouts.clone(),
        })
    }
}

/// What an association of the add-on's says; nothing where it has just gone.
async fn pod_identity(aws: &Aws, cluster: &str, id: String, region: Option<&str>) -> Result<Option<PodIdentity>> {
    let found = pod_identity_association::describe(aws, cluster, &id, region).await?;
    Ok(found.map(|a| PodIdentity { role_arn: a.role_arn, service_account: a.service_account }))
}

fn judge(addon: eks::Addon) -> Result<Look<eks::Addon>> {
    use eks::AddonStatus as Status;
    match addon.status() {
        Some(Status::Active) => Ok(Look::Ready(addon)),
        Some(Status::CreateFailed | Status::UpdateFailed | Status::Deleting | Status::DeleteFailed) => Err(addon.failure()),
        // Its pods wait for nodes, for instance.
        status => Ok(Look::Pending(status.map(text).unwrap_or_default() + &addon.why())),
    }
}

#[cfg(test)]
mod tests;
