//! `data.aws_eks_addon_version`.

use crate::client::Aws;
use aws_sdk_eks::types::{AddonVersionInfo, Compatibility};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};

/// Which version of an add-on goes with a version of Kubernetes.
#[derive(Clone, Default, Shape)]
pub struct AddonVersionData {
    /// The add-on's name.
    #[attr(required)]
    pub addon_name: Option<String>,
    /// The add-on's name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The version of Kubernetes.
    #[attr(required)]
    pub kubernetes_version: Option<String>,
    /// The newest one instead of EKS's default.
    #[attr(optional)]
    pub most_recent: Option<bool>,
    /// Region that is asked; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The add-on's version.
    #[attr(computed)]
    pub version: Option<String>,
}

impl DataSource for AddonVersionData {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_addon_version";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &*ctx.client;
        let (name, kubernetes) = (config.addon_name.clone().unwrap_or_default(), config.kubernetes_version.clone().unwrap_or_default());
        let request = aws.eks(config.region.as_deref()).describe_addon_versions().addon_name(&name).kubernetes_version(&kubernetes);
        let answer = aws.send("eks:DescribeAddonVersions", || request.clone().send()).await?;
        let versions: Vec<AddonVersionInfo> = answer.addons.into_iter().flatten().filter_map(|a| a.addon_versions).flatten().collect();
        let version = chosen(&versions, config.most_recent == Some(true)).map(str::to_owned);
        let none = || ProviderError::new(ErrorKind::NotFound, format!("EKS has no version of add-on {name:?} for Kubernetes {kubernetes}"));
        let version = Some(version.ok_or_else(none)?);
        let region = Some(aws.region_of(config.region.as_deref()).to_owned());
        Ok(Self { id: Some(name), region, version, ..config })
    }
}

/// EKS lists the newest one first.
fn chosen(versions: &[AddonVersionInfo], most_recent: bool) -> Option<&str> {
    let is_default = |v: &&AddonVersionInfo| v.compatibilities().iter().any(Compatibility::default_version);
    let chosen = if most_recent { versions.first() } else { versions.iter().find(is_default) };
    chosen.and_then(AddonVersionInfo::addon_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_need_not_be_the_newest() {
        let version = |name: &str, default| {
            let compatibility = Compatibility::builder().cluster_version("1.30").default_version(default).build();
            AddonVersionInfo::builder().addon_version(name).compatibilities(compatibility).build()
        };
        let all = [version("v3", false), version("v2", true), version("v1", false)];
        assert_eq!((chosen(&all, false), chosen(&all, true), chosen(&[], true)), (Some("v2"), Some("v3"), None));
    }
}
