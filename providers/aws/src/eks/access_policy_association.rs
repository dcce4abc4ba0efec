//! `aws_eks_access_policy_association`.

use super::set;
use crate::client::Aws;
use crate::timestamp::rfc3339;
use crate::{region, retry};
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::BTreeSet;

/// Gives a principal with an access entry the rights of one of EKS's policies.
#[derive(Clone, Default, Shape)]
pub struct AccessPolicyAssociation {
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub associated_at: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// `cluster_name#principal_arn#policy_arn`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// When it was changed last, in RFC 3339.
    #[attr(computed)]
    pub modified_at: Option<String>,
    /// The policy, one of EKS's own.
    #[attr(required, force_new)]
    pub policy_arn: Option<String>,
    /// The role or user.
    #[attr(required, force_new)]
    pub principal_arn: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Where the rights hold.
    #[block(list, min = 1, max = 1, force_new)]
    pub access_scope: Vec<AccessScope>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
}

/// Where rights hold.
#[derive(Clone, Default, Shape)]
pub struct AccessScope {
    /// In these namespaces.
    #[attr(optional, force_new)]
    pub namespaces: Option<BTreeSet<String>>,
    /// `cluster` or `namespace`.
    #[attr(required, force_new)]
    pub r#type: Option<String>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
pub struct Timeouts {
    /// For the creation: `10m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For the deletion.
    #[attr(optional)]
    pub delete: Option<String>,
}

impl Resource for AccessPolicyAssociation {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_access_policy_association";

    fn identity() -> Identity {
        Identity::NaturalKey
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let scope = config.get("access_scope").and_then(|v| v.elements().and_then(|e| e.first().cloned()));
        scope.as_ref().and_then(misfit).into_iter().collect()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let [cluster, principal, policy] = parse(id)?;
        let found = associated(&ctx.client, (cluster, principal, policy), known.region.as_deref()).await?;
        Ok(found.map(|association| known.complete(&ctx.client, [cluster, principal, policy], association)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let key @ [cluster, principal, policy] = planned.key();
        let scope = planned.access_scope.first().cloned().unwrap_or_default();
        let scope = eks::AccessScope::builder()
            .set_type(scope.r#type.as_deref().map(eks::AccessScopeType::from))
            .set_namespaces(Some(scope.namespaces.into_iter().flatten().collect()))
            .build();
        let request = aws.eks(planned.region.as_deref()).associate_access_policy();
        let request = request.cluster_name(cluster).principal_arn(principal).policy_arn(policy).access_scope(scope);
        // Associating twice does no more than once.
        let answer = retry::patiently(ctx, || aws.send("eks:AssociateAccessPolicy", || request.clone().send())).await?;
        ctx.checkpoint(key.join("#")).await?;
        let made = answer.associated_access_policy;
        let made = made.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "EKS answered without the associated policy"))?;
        Ok(planned.complete(aws, key, made))
    }

    async fn update(_: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        // Nothing but time limits can differ.
        Ok(Self { timeouts: planned.timeouts, ..prior })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let [cluster, principal, policy] = prior.key();
        let request = aws.eks(prior.region.as_deref()).disassociate_access_policy();
        let request = request.cluster_name(cluster).principal_arn(principal).policy_arn(policy);
        match aws.send("eks:DisassociateAccessPolicy", || request.clone().send()).await {
            Err(error) if error.is_not_found() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    async fn find(ctx: &Ctx<Aws>, _: OpToken, planned: &Self) -> Result<Option<Self>> {
        let key @ [cluster, principal, policy] = planned.key();
        let found = associated(&ctx.client, (cluster, principal, policy), planned.region.as_deref()).await?;
        let found = found.map(|association| planned.complete(&ctx.client, key, association));
        // The same policy elsewhere is another association.
        let scope = |a: &Self| a.access_scope.iter().map(|s| (s.r#type.clone(), s.namespaces.clone())).collect::<Vec<_>>();
        Ok(found.filter(|found| scope(found) == scope(planned)))
    }
}

/// A scope whose namespaces do not go with its type. Parts may be unknown.
fn misfit(scope: &Value) -> Option<Diagnostic> {
    let namespaces = scope.get("namespaces").filter(Value::is_known)?;
    let named = namespaces.elements().is_some_and(|e| !e.is_empty());
    let detail = match scope.get("type")?.as_str()? {
        "cluster" if named => "Rights that hold in the whole cluster name no namespaces.".to_owned(),
        "namespace" if !named => "Rights of type \"namespace\" need `namespaces` in which they hold.".to_owned(),
        "cluster" | "namespace" => return None,
        other => format!("{other:?} is neither \"cluster\" nor \"namespace\"."),
    };
    Some(Diagnostic::error("Invalid access scope", detail).of_argument("access_scope"))
}

/// The policy's association with the principal; `None` where there is none, or no entry, or no cluster.
async fn associated(
    aws: &Aws,
    (cluster, principal, policy): (&str, &str, &str),
    region: Option<&str>,
) -> Result<Option<eks::AssociatedAccessPolicy>> {
    let mut token = None;
    loop {
        let request = aws.eks(region).list_associated_access_policies().cluster_name(cluster).principal_arn(principal);
        let request = request.set_next_token(token);
        let page = match aws.send("eks:ListAssociatedAccessPolicies", || request.clone().send()).await {
            Err(error) if error.is_not_found() => return Ok(None),
            page => page?,
        };
        let found = page.associated_access_policies.into_iter().flatten().find(|a| a.policy_arn() == Some(policy));
        token = page.next_token;
        if found.is_some() || token.is_none() {
            return Ok(found);
        }
    }
}

/// Cluster, principal and policy of an id `cluster_name#principal_arn#policy_arn`.
fn parse(id: &str) -> Result<[&str; 3]> {
    let parts: Vec<&str> = id.splitn(3, '#').collect();
    let parts = <[&str; 3]>::try_from(parts).ok().filter(|parts| parts.iter().all(|p| !p.is_empty()));
    parts.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form cluster_name#principal_arn#policy_arn")))
}

impl AccessPolicyAssociation {
    fn key(&self) -> [&str; 3] {
        [&self.cluster_name, &self.principal_arn, &self.policy_arn].map(|part| part.as_deref().unwrap_or_default())
    }

    /// The association as EKS shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, key: [&str; 3], a: eks::AssociatedAccessPolicy) -> Self {
        let scope = |s: eks::AccessScope| AccessScope {
            namespaces: s.namespaces.filter(|n| !n.is_empty()).map(set).or_else(|| self.no_namespaces()),
            r#type: s.r#type.map(|kind| kind.as_str().to_owned()),
        };
        let [cluster_name, principal_arn, policy_arn] = key.map(|part| Some(part.to_owned()));
        Self {
            associated_at: a.associated_at.as_ref().map(rfc3339),
            cluster_name,
            id: Some(key.join("#")),
            modified_at: a.modified_at.as_ref().map(rfc3339),
            policy_arn,
            principal_arn,
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            access_scope: a.access_scope.map(scope).into_iter().collect(),
            timeouts: self.timeouts.clone(),
        }
    }

    /// `namespaces = []` and no `namespaces` at all look the same from outside.
    fn no_namespaces(&self) -> Option<BTreeSet<String>> {
        self.access_scope.first().and_then(|s| s.namespaces.clone()).filter(BTreeSet::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::model::Type;
    use std::sync::Arc;

    #[test]
    fn an_id_has_three_parts() {
        let id = "sea#arn:aws:iam::123456789012:role/admin#arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
        assert_eq!(parse(id).unwrap().join("#"), id);
        for bad in ["sea", "sea#arn", "sea##arn"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn namespaces_go_with_their_type() {
        let scope = |kind: &str, namespaces: Value| {
            misfit(&Value::object([(Arc::from("type"), Value::string(kind)), (Arc::from("namespaces"), namespaces)].into()))
        };
        let some = || Value::set(Type::String, vec![Value::string("shop")]);
        let none = || Value::null(Type::set(Type::String));
        assert!(scope("cluster", none()).is_none() && scope("namespace", some()).is_none());
        assert!(scope("namespace", Value::unknown(Type::set(Type::String))).is_none());
        for (kind, namespaces) in [("cluster", some()), ("namespace", none()), ("everywhere", none())] {
            assert!(scope(kind, namespaces).is_some(), "{kind}");
        }
    }
}
