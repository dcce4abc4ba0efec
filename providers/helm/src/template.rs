//! `data.helm_template`: a chart that is rendered, and installed by nobody.

use crate::chart::Source;
use crate::client::{Helm, Job};
use crate::release::{PostRender, assignment};
use crate::values::Said;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, ProviderError, Shape};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(20);

/// A chart that is rendered.
#[derive(Clone, Default, Shape)]
pub(crate) struct Template {
    /// Versions of the API that charts are told to be there.
    #[attr(optional)]
    api_versions: Option<Vec<String>>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    atomic: Option<bool>,
    /// The chart: its name in the repository, a path, or a URL.
    #[attr(required)]
    chart: Option<String>,
    /// The kinds that the chart brings.
    #[attr(optional, computed)]
    crds: Option<Vec<String>>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    create_namespace: Option<bool>,
    /// Whether missing charts that it depends on are fetched.
    #[attr(optional)]
    dependency_update: Option<bool>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    description: Option<String>,
    /// Whether versions in development count, where none is named.
    #[attr(optional)]
    devel: Option<bool>,
    /// Whether objects are not checked against what the cluster knows of their kinds.
    #[attr(optional)]
    disable_openapi_validation: Option<bool>,
    /// Whether hooks are left out.
    #[attr(optional)]
    disable_webhooks: Option<bool>,
    /// The release's name.
    #[attr(computed)]
    id: Option<String>,
    /// Whether the kinds that the chart brings are among what is rendered.
    #[attr(optional)]
    include_crds: Option<bool>,
    /// Whether charts are told that it is an upgrade.
    #[attr(optional)]
    is_upgrade: Option<bool>,
    /// The file with keys that charts are verified by.
    #[attr(optional)]
    keyring: Option<String>,
    /// The version of Kubernetes that charts are told.
    #[attr(optional)]
    kube_version: Option<String>,
    /// All that was rendered.
    #[attr(optional, computed)]
    manifest: Option<String>,
    /// The same by the names of the templates.
    #[attr(optional, computed)]
    manifests: Option<BTreeMap<String, String>>,
    /// The release's name.
    #[attr(required)]
    name: Option<String>,
    /// Where it would be installed.
    #[attr(optional)]
    namespace: Option<String>,
    /// What the chart says to who has installed it. Helm tells it only where there is a cluster.
    #[attr(optional, computed)]
    notes: Option<String>,
    /// Whether the login goes to other hosts than the repository's too.
    #[attr(optional)]
    pass_credentials: Option<bool>,
    /// A program that changes what was rendered.
    #[attr(optional, nested)]
    postrender: Option<PostRender>,
    /// Whether notes of charts that it depends on are told.
    #[attr(optional)]
    render_subchart_notes: Option<bool>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    replace: Option<bool>,
    /// Where charts are: a URL, `oci://...`, a folder, or a name.
    #[attr(optional)]
    repository: Option<String>,
    /// The file with the certificate of the authority that the repository's is of.
    #[attr(optional)]
    repository_ca_file: Option<String>,
    /// The file with our certificate for the repository.
    #[attr(optional)]
    repository_cert_file: Option<String>,
    /// The file with its key.
    #[attr(optional)]
    repository_key_file: Option<String>,
    /// For the repository.
    #[attr(optional, sensitive)]
    repository_password: Option<String>,
    /// For the repository.
    #[attr(optional)]
    repository_username: Option<String>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    reset_values: Option<bool>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    reuse_values: Option<bool>,
    /// Values by their paths.
    #[attr(optional, set, nested)]
    set: Option<Vec<TemplateSet>>,
    /// Lists by their paths.
    #[attr(optional, nested)]
    set_list: Option<Vec<TemplateSetList>>,
    /// Values by their paths, which are not shown.
    #[attr(optional, set, nested)]
    set_sensitive: Option<Vec<TemplateSetSensitive>>,
    /// Values by their paths.
    #[attr(optional, nested)]
    set_wo: Option<Vec<TemplateSetWriteOnly>>,
    /// Only what these templates render.
    #[attr(optional)]
    show_only: Option<Vec<String>>,
    /// Whether kinds that the chart brings are left out.
    #[attr(optional)]
    skip_crds: Option<bool>,
    /// Whether tests are left out.
    #[attr(optional)]
    skip_tests: Option<bool>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    timeout: Option<i64>,
    /// How long operations may take.
    #[attr(optional, nested)]
    timeouts: Option<TemplateTimeouts>,
    /// Whether what is rendered is held against what the cluster knows.
    #[attr(optional)]
    validate: Option<bool>,
    /// YAML documents; later ones are laid over earlier ones.
    #[attr(optional)]
    values: Option<Vec<Option<String>>>,
    /// Whether the package's signature is checked.
    #[attr(optional)]
    verify: Option<bool>,
    /// The chart's version.
    #[attr(optional, computed)]
    version: Option<String>,
    /// Has no meaning where nothing is installed.
    #[attr(optional)]
    wait: Option<bool>,
}

/// A value by its path.
#[derive(Clone, Default, Shape)]
struct TemplateSet {
    /// Its path.
    #[attr(required)]
    name: Option<String>,
    /// `auto`, `string` or `literal`.
    #[attr(optional, computed)]
    r#type: Option<String>,
    /// Its text.
    #[attr(optional)]
    value: Option<String>,
}

/// A list by its path.
#[derive(Clone, Default, Shape)]
struct TemplateSetList {
    /// Its path.
    #[attr(optional)]
    name: Option<String>,
    /// Its elements.
    #[attr(required)]
    value: Option<Vec<Option<String>>>,
}

/// A value by its path, which is not shown.
#[derive(Clone, Default, Shape)]
struct TemplateSetSensitive {
    /// Its path.
    #[attr(required)]
    name: Option<String>,
    /// `auto`, `string` or `literal`.
    #[attr(optional)]
    r#type: Option<String>,
    /// Its text.
    #[attr(required, sensitive)]
    value: Option<String>,
}

/// A value by its path.
#[derive(Clone, Default, Shape)]
struct TemplateSetWriteOnly {
    /// Its path.
    #[attr(required)]
    name: Option<String>,
    /// `auto` or `string`.
    #[attr(optional)]
    r#type: Option<String>,
    /// Its text.
    #[attr(required)]
    value: Option<String>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
struct TemplateTimeouts {
    /// To render it.
    #[attr(optional)]
    read: Option<String>,
}

impl Template {
    fn source(&self) -> Source {
        Source {
            chart: self.chart.clone().unwrap_or_default(),
            repository: self.repository.clone(),
            version: self.version.clone().filter(|v| !v.is_empty()),
            devel: self.devel == Some(true),
            username: self.repository_username.clone(),
            password: self.repository_password.clone(),
            ca_file: self.repository_ca_file.clone(),
            cert_file: self.repository_cert_file.clone(),
            key_file: self.repository_key_file.clone(),
            keyring: self.keyring.clone(),
            verify: self.verify == Some(true),
            pass_credentials: self.pass_credentials == Some(true),
            dependency_update: self.dependency_update == Some(true),
        }
    }

    fn said(&self) -> Said {
        let list = |l: &TemplateSetList| (l.name.clone().unwrap_or_default(), l.value.iter().flatten().flatten().cloned().collect());
        Said {
            documents: self.values.iter().flatten().flatten().cloned().collect(),
            set: self.set.iter().flatten().map(|s| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref())).collect(),
            lists: self.set_list.iter().flatten().map(list).collect(),
            sensitive: {
                let all = self.set_sensitive.iter().flatten();
                all.map(|s| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref())).collect()
            },
            write_only: self.set_wo.iter().flatten().map(|s| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref())).collect(),
        }
    }

    fn place_flags(&self) -> [String; 2] {
        ["--namespace".to_owned(), self.namespace.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| "default".to_owned())]
    }

    /// What `helm template` is told.
    async fn arguments(&self, helm: &Helm) -> Result<Vec<String>> {
        let program = helm.program().await?;
        let mut out = vec!["template".to_owned(), self.name.clone().unwrap_or_default()];
        out.extend(self.source().arguments());
        out.extend(self.place_flags());
        if let Some(version) = self.kube_version.as_ref().filter(|v| !v.is_empty()) {
            out.extend(["--kube-version".to_owned(), version.clone()]);
        }
        out.extend(self.api_versions.iter().flatten().flat_map(|v| ["--api-versions".to_owned(), v.clone()]));
        out.extend(self.show_only.iter().flatten().filter(|f| !f.is_empty()).flat_map(|f| ["--show-only".to_owned(), f.clone()]));
        let flags = [
            (program.validate(), self.validate),
            ("--include-crds", self.include_crds),
            ("--is-upgrade", self.is_upgrade),
            ("--no-hooks", self.disable_webhooks),
            ("--skip-crds", self.skip_crds),
            ("--skip-tests", self.skip_tests),
            ("--disable-openapi-validation", self.disable_openapi_validation),
        ];
        out.extend(flags.into_iter().filter(|(_, on)| *on == Some(true)).map(|(flag, _)| flag.to_owned()));
        if let Some(renderer) = &self.postrender {
            program.post_renderer()?;
            out.extend(renderer.arguments());
        }
        Ok(out)
    }
}

/// What is rendered, by the name of the template: `templates/a.yaml`.
fn by_template(manifest: &str) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for document in crate::manifest::documents(manifest) {
        let source = document.lines().find_map(|line| line.strip_prefix("# Source: "));
        if let Some((_, name)) = source.and_then(|s| s.split_once('/')) {
            let all = out.entry(name.to_owned()).or_default();
            all.extend(["---\n", document.trim_end(), "\n"]);
        }
    }
    out
}

impl DataSource for Template {
    type Client = Helm;
    const TYPE: &'static str = "helm_template";

    async fn read(ctx: &Ctx<Helm>, config: Self) -> Result<Self> {
        let (helm, said, source) = (&ctx.client, config.said(), config.source());
        helm.check(&source)?;
        let mut secrets = said.secrets();
        secrets.extend(config.repository_password.clone());
        let job = Job { sink: ctx.sink.as_ref(), limit: ctx.timeout.unwrap_or(LIMIT), secrets };
        let (desk, flags) = helm.prepare(&source, None, &job).await?;
        let values = desk.write_json("values.json", &Json::Object(said.merged()?))?;
        let with = |mut args: Vec<String>, more: &[String]| {
            args.extend_from_slice(more);
            args.extend(flags.iter().cloned());
            args
        };
        let given = ["--values".to_owned(), values.display().to_string()];
        let manifest = helm.run(&desk, with(config.arguments(helm).await?, &given), &job).await?;
        let about = |what: &str| {
            let mut args = vec!["show".to_owned(), what.to_owned()];
            args.extend(source.arguments().into_iter().filter(|a| a != "--dependency-update"));
            with(args, &[])
        };
        let crds = helm.run(&desk, about("crds"), &job).await?;
        let crds = crate::manifest::documents(&crds).into_iter().map(|d| d.trim().to_owned()).filter(|d| !d.is_empty()).collect();
        let described = helm.run(&desk, about("chart"), &job).await?;
        let version = crate::values::yaml(&described).ok().and_then(|c| c["version"].as_str().map(str::to_owned));
        let notes = notes(&config, helm, &desk, with(Vec::new(), &given), &job).await?;
        Ok(Self {
            id: config.name.clone(),
            crds: Some(crds),
            manifests: Some(by_template(&manifest)),
            manifest: Some(manifest),
            notes,
            version: version.or_else(|| config.version.clone()),
            ..config
        })
    }
}

/// What the chart says to who would have installed it.
async fn notes(config: &Template, helm: &Helm, desk: &crate::desk::Desk, given: Vec<String>, job: &Job<'_>) -> Result<Option<String>> {
    if helm.cluster().is_err() {
        return Ok(None);
    }
    let mut args = vec!["install".to_owned(), config.name.clone().unwrap_or_default()];
    args.extend(config.source().arguments());
    args.extend(config.place_flags());
    args.extend(["--dry-run=client", "--output", "json"].map(str::to_owned));
    if config.render_subchart_notes == Some(true) {
        args.push("--render-subchart-notes".to_owned());
    }
    args.extend(given);
    let printed = helm.run(desk, args, job).await?;
    let release: Json = serde_json::from_str(&printed).map_err(|_| ProviderError::invalid("what helm printed is no JSON"))?;
    Ok(Some(release.pointer("/info/notes").and_then(Json::as_str).unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rendered_is_told_by_template() {
        let manifest = "---\n# Source: web/templates/a.yaml\na: 1\n---\n# Source: web/templates/b.yaml\nb: 1\n---\n# Source: web/templates/a.yaml\na: 2\n";
        let all = by_template(manifest);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["templates/a.yaml", "templates/b.yaml"]);
        assert_eq!(all["templates/a.yaml"], "---\n# Source: web/templates/a.yaml\na: 1\n---\n# Source: web/templates/a.yaml\na: 2\n");
    }
}
