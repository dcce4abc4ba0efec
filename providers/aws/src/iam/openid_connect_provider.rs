//! `aws_iam_openid_connect_provider`.

use super::{Part, from_iam, if_found, retag, to_iam};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::tags::{self, Tags};
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long IAM may take to show a provider it has just made.
const SHOWN: Duration = Duration::from_secs(30);

/// Lets identities of an `OpenID` Connect issuer, such as an EKS cluster, take on roles.
#[derive(Clone, Default, Shape)]
pub struct OpenIdConnectProvider {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Audiences whose tokens are accepted.
    #[attr(required)]
    pub client_id_list: Option<BTreeSet<String>>,
    /// Its ARN.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// SHA-1 fingerprints of the issuer's certificate authorities; AWS finds them itself for most issuers.
    #[attr(optional, computed)]
    pub thumbprint_list: Option<Vec<String>>,
    /// The issuer's URL.
    #[attr(required, force_new)]
    pub url: Option<String>,
}

impl Resource for OpenIdConnectProvider {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_openid_connect_provider";

    fn identity() -> Identity {
        // The issuer is unique in the account; the tag tells ours from somebody else's.
        Identity::Tag
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let url = config.get("url");
        let bad = url.as_ref().and_then(Value::as_str).filter(|u| !u.starts_with("https://"));
        bad.map(|url| Diagnostic::error("Invalid issuer", format!("{url:?} does not begin with `https://`."))).into_iter().collect()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        tags::plan(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        Ok(describe(&ctx.client, id).await?.map(|found| known.complete(&ctx.client, id, found)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let request = aws
            .iam()
            .create_open_id_connect_provider()
            .set_url(planned.url.clone())
            .set_client_id_list(Some(planned.client_id_list.iter().flatten().cloned().collect()))
            .set_thumbprint_list(planned.thumbprint_list.clone().filter(|t| !t.is_empty()))
            .set_tags(to_iam(aws.tags_for_create(planned.tags.as_ref(), op))?);
        let call = || async {
            let answer = aws.send_once("iam:CreateOpenIDConnectProvider", || request.clone().send()).await?;
            let arn = answer.open_id_connect_provider_arn;
            arn.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "IAM answered without the provider's ARN"))
        };
        let arn = once(Proof::OpTag, call, || async { Ok(own(aws, &planned, op).await?.map(|(arn, _)| arn)) }).await?;
        ctx.checkpoint(&arn).await?;
        if planned.thumbprint_list.is_some() {
            let tags_all = Some(aws.all_tags(planned.tags.as_ref()));
            return Ok(Self { id: Some(arn.clone()), arn: Some(arn), tags_all, ..planned });
        }
        // IAM has found the fingerprints itself.
        let look = || async { Ok(describe(aws, &arn).await?.map_or_else(|| Look::Pending("not visible yet".into()), Look::Ready)) };
        let found = Wait::new("OpenID Connect provider", Pace::millis(300, 2_000), SHOWN).run(ctx, look).await?;
        Ok(planned.complete(aws, &arn, found))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let iam = aws.iam();
        let arn = prior.arn.clone().unwrap_or_default();
        if let Some(thumbprints) = planned.thumbprint_list.clone().filter(|t| prior.thumbprint_list.as_ref() != Some(t)) {
            let request = iam.update_open_id_connect_provider_thumbprint().open_id_connect_provider_arn(&arn);
            let request = request.set_thumbprint_list(Some(thumbprints));
            aws.send("iam:UpdateOpenIDConnectProviderThumbprint", || request.clone().send()).await?;
        }
        planned.update_clients(aws, &prior, &arn).await?;
        retag(
            prior.tags_all.as_ref(),
            planned.tags_all.as_ref(),
            |tags| {
                let request = iam.tag_open_id_connect_provider().open_id_connect_provider_arn(&arn).set_tags(Some(tags));
                let part: Part<'_> =
                    Box::pin(async move { aws.send("iam:TagOpenIDConnectProvider", || request.clone().send()).await.map(drop) });
                part
            },
            |keys| {
                let request = iam.untag_open_id_connect_provider().open_id_connect_provider_arn(&arn).set_tag_keys(Some(keys));
                Box::pin(async move { aws.send("iam:UntagOpenIDConnectProvider", || request.clone().send()).await.map(drop) })
            },
        )
        .await?;
        let thumbprint_list = planned.thumbprint_list.or(prior.thumbprint_list);
        Ok(Self { arn: prior.arn, id: prior.id, thumbprint_list, ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().delete_open_id_connect_provider().set_open_id_connect_provider_arn(prior.arn);
        if_found(aws.send("iam:DeleteOpenIDConnectProvider", || request.clone().send()).await).map(drop)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let found = own(&ctx.client, planned, op).await?;
        Ok(found.map(|(arn, found)| planned.complete(&ctx.client, &arn, found)))
    }
}

async fn describe(aws: &Aws, arn: &str) -> Result<Option<GetOpenIdConnectProviderOutput>> {
    let request = aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn);
    if_found(aws.send("iam:GetOpenIDConnectProvider", || request.clone().send()).await)
}

/// The provider of that issuer with its ARN, if the operation made it.
async fn own(aws: &Aws, planned: &OpenIdConnectProvider, op: OpToken) -> Result<Option<(String, GetOpenIdConnectProviderOutput)>> {
    let request = aws.iam().list_open_id_connect_providers();
    let listed = aws.send("iam:ListOpenIDConnectProviders", || request.clone().send()).await?;
    let end = format!(":oidc-provider/{}", without_scheme(planned.url.as_deref().unwrap_or_default()));
    let mut arns = listed.open_id_connect_provider_list.into_iter().flatten().filter_map(|p| p.arn);
    let Some(arn) = arns.find(|arn| arn.ends_with(&end)) else { return Ok(None) };
    let found = describe(aws, &arn).await?;
    let found = found.filter(|p| tags::made_by(op, p.tags().iter().map(|t| (t.key(), t.value()))));
    Ok(found.map(|found| (arn, found)))
}

/// IAM keeps issuers without their scheme.
fn without_scheme(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

impl OpenIdConnectProvider {
    /// The provider as IAM shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, arn: &str, found: GetOpenIdConnectProviderOutput) -> Self {
        let remote: Tags = from_iam(found.tags());
        let tags = aws.tags_seen(remote, self.tags.as_ref());
        let url = found.url.unwrap_or_default();
        let known = self.url.clone().filter(|known| without_scheme(known) == without_scheme(&url));
        Self {
            arn: Some(arn.to_owned()),
            client_id_list: Some(found.client_id_list.into_iter().flatten().collect()),
            id: Some(arn.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            thumbprint_list: Some(found.thumbprint_list.unwrap_or_default()),
            url: Some(known.unwrap_or_else(|| format!("https://{}", without_scheme(&url)))),
        }
    }

    /// Adds and removes audiences, all at once.
    async fn update_clients(&self, aws: &Aws, prior: &Self, arn: &str) -> Result<()> {
        let iam = aws.iam();
        let none = BTreeSet::new();
        let (now, wanted) = (prior.client_id_list.as_ref().unwrap_or(&none), self.client_id_list.as_ref().unwrap_or(&none));
        let add = wanted.difference(now).map(|client| {
            let request = iam.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(arn).client_id(client);
            let part: Part<'_> =
                Box::pin(async move { aws.send("iam:AddClientIDToOpenIDConnectProvider", || request.clone().send()).await.map(drop) });
            part
        });
        let remove = now.difference(wanted).map(|client| {
            let request = iam.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(arn).client_id(client);
            let part: Part<'_> =
                Box::pin(async move { aws.send("iam:RemoveClientIDFromOpenIDConnectProvider", || request.clone().send()).await.map(drop) });
            part
        });
        futures::future::try_join_all(add.chain(remove)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::model::Type;
    use std::sync::Arc;

    #[test]
    fn an_issuer_has_a_scheme() {
        let check = |url: Value| OpenIdConnectProvider::validate(&Value::object([(Arc::from("url"), url)].into())).has_errors();
        assert!(check(Value::string("oidc.example.com")));
        assert!(!check(Value::string("https://oidc.example.com")));
        assert!(!check(Value::unknown(Type::String)));
    }
}
