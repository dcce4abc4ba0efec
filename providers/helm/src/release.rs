//! `helm_release`: what is said about a release, and what is known of it.

use crate::chart::Source;
use crate::record::Record;
use crate::records::Place;
use crate::run::without;
use crate::values::{Assignment, Said};
use levee_sdk::Shape;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A chart that is installed in a cluster under a name.
#[derive(Clone, Default, Shape)]
pub(crate) struct Release {
    /// Whether what fails is taken back. Implies `wait`.
    #[attr(optional, computed, default = false)]
    pub(crate) atomic: Option<bool>,
    /// The chart: its name in the repository, a path, or a URL.
    #[attr(required)]
    pub(crate) chart: Option<String>,
    /// Whether new objects of an upgrade that fails are deleted.
    #[attr(optional, computed, default = false)]
    pub(crate) cleanup_on_fail: Option<bool>,
    /// Whether the namespace is made if it is missing.
    #[attr(optional, computed, default = false)]
    pub(crate) create_namespace: Option<bool>,
    /// Whether missing charts that it depends on are fetched.
    #[attr(optional, computed, default = false)]
    pub(crate) dependency_update: Option<bool>,
    /// What is written into the record.
    #[attr(optional, computed, default = "")]
    pub(crate) description: Option<String>,
    /// Whether versions in development count, where none is named.
    #[attr(optional)]
    pub(crate) devel: Option<bool>,
    /// Had a meaning for Helm 2.
    #[attr(optional, computed, default = false)]
    pub(crate) disable_crd_hooks: Option<bool>,
    /// Whether objects are not checked against what the cluster knows of their kinds.
    #[attr(optional, computed, default = false)]
    pub(crate) disable_openapi_validation: Option<bool>,
    /// Whether hooks are left out.
    #[attr(optional, computed, default = false)]
    pub(crate) disable_webhooks: Option<bool>,
    /// Whether objects are replaced instead of changed.
    #[attr(optional, computed, default = false)]
    pub(crate) force_update: Option<bool>,
    /// The release's name.
    #[attr(computed)]
    pub(crate) id: Option<String>,
    /// The file with keys that charts are verified by.
    #[attr(optional)]
    pub(crate) keyring: Option<String>,
    /// Whether the chart is examined when it is planned.
    #[attr(optional, computed, default = false)]
    pub(crate) lint: Option<bool>,
    /// What was rendered, as JSON, with the experiment `manifest`.
    #[attr(computed)]
    pub(crate) manifest: Option<String>,
    /// How many revisions are kept; 0 is all.
    #[attr(optional, computed, default = 0)]
    pub(crate) max_history: Option<i64>,
    /// What the record says.
    #[attr(computed, nested)]
    pub(crate) metadata: Option<Metadata>,
    /// The release's name.
    #[attr(required, force_new)]
    pub(crate) name: Option<String>,
    /// Where it is installed.
    #[attr(optional, computed, force_new, default = "default")]
    pub(crate) namespace: Option<String>,
    /// Whether the login goes to other hosts than the repository's too.
    #[attr(optional, computed, default = false)]
    pub(crate) pass_credentials: Option<bool>,
    /// A program that changes what was rendered.
    #[attr(optional, nested)]
    pub(crate) postrender: Option<PostRender>,
    /// Whether pods are made anew.
    #[attr(optional, computed, default = false)]
    pub(crate) recreate_pods: Option<bool>,
    /// Whether notes of charts that it depends on are told.
    #[attr(optional, computed, default = true)]
    pub(crate) render_subchart_notes: Option<bool>,
    /// Whether a name that was uninstalled with its history is taken.
    #[attr(optional, computed, default = false)]
    pub(crate) replace: Option<bool>,
    /// Where charts are: a URL, `oci://...`, a folder, or a name.
    #[attr(optional)]
    pub(crate) repository: Option<String>,
    /// The file with the certificate of the authority that the repository's is of.
    #[attr(optional)]
    pub(crate) repository_ca_file: Option<String>,
    /// The file with our certificate for the repository.
    #[attr(optional)]
    pub(crate) repository_cert_file: Option<String>,
    /// The file with its key.
    #[attr(optional)]
    pub(crate) repository_key_file: Option<String>,
    /// For the repository.
    #[attr(optional, sensitive)]
    pub(crate) repository_password: Option<String>,
    /// For the repository.
    #[attr(optional)]
    pub(crate) repository_username: Option<String>,
    /// Whether earlier values are forgotten, which they are unless they are reused.
    #[attr(optional, computed, default = false)]
    pub(crate) reset_values: Option<bool>,
    /// The objects that were rendered, as JSON, with the experiment `manifest`.
    #[attr(computed)]
    pub(crate) resources: Option<BTreeMap<String, String>>,
    /// Whether the values are laid over those of the revision before.
    #[attr(optional, computed, default = false)]
    pub(crate) reuse_values: Option<bool>,
    /// Values by their paths.
    #[attr(optional, nested)]
    pub(crate) set: Option<Vec<Set>>,
    /// Lists by their paths.
    #[attr(optional, nested)]
    pub(crate) set_list: Option<Vec<SetList>>,
    /// Values by their paths, which are not shown.
    #[attr(optional, nested)]
    pub(crate) set_sensitive: Option<Vec<SetSensitive>>,
    /// Values by their paths, which are neither shown nor kept.
    #[attr(optional, write_only, nested)]
    pub(crate) set_wo: Option<Vec<SetWriteOnly>>,
    /// Another number says that `set_wo` has changed.
    #[attr(optional)]
    pub(crate) set_wo_revision: Option<i64>,
    /// Whether kinds that the chart brings are left out.
    #[attr(optional, computed, default = false)]
    pub(crate) skip_crds: Option<bool>,
    /// As Helm has it.
    #[attr(computed)]
    pub(crate) status: Option<String>,
    /// Whether objects that are there already are taken over.
    #[attr(optional, computed, default = false)]
    pub(crate) take_ownership: Option<bool>,
    /// How many seconds Helm waits for any one thing.
    #[attr(optional, computed, default = 300)]
    pub(crate) timeout: Option<i64>,
    /// How long operations may take.
    #[attr(optional, nested)]
    pub(crate) timeouts: Option<Timeouts>,
    /// Whether a release of that name is upgraded when there is one.
    #[attr(optional, computed, default = false)]
    pub(crate) upgrade_install: Option<bool>,
    /// YAML documents; later ones are laid over earlier ones.
    #[attr(optional)]
    pub(crate) values: Option<Vec<Option<String>>>,
    /// Whether the package's signature is checked.
    #[attr(optional, computed, default = false)]
    pub(crate) verify: Option<bool>,
    /// The chart's version.
    #[attr(optional, computed)]
    pub(crate) version: Option<String>,
    /// Whether objects are waited for until they are ready.
    #[attr(optional, computed, default = true)]
    pub(crate) wait: Option<bool>,
    /// With `wait`: whether jobs are waited for too.
    #[attr(optional, computed, default = false)]
    pub(crate) wait_for_jobs: Option<bool>,
}

/// What the record says.
#[derive(Clone, Default, Shape)]
pub(crate) struct Metadata {
    /// The version of what the chart installs.
    #[attr(computed)]
    pub(crate) app_version: Option<String>,
    /// The chart's name.
    #[attr(computed)]
    pub(crate) chart: Option<String>,
    /// Seconds since 1970.
    #[attr(computed)]
    pub(crate) first_deployed: Option<i64>,
    /// Seconds since 1970.
    #[attr(computed)]
    pub(crate) last_deployed: Option<i64>,
    /// The release's name.
    #[attr(computed)]
    pub(crate) name: Option<String>,
    /// Where it is installed.
    #[attr(computed)]
    pub(crate) namespace: Option<String>,
    /// What the chart says to who has installed it.
    #[attr(computed)]
    pub(crate) notes: Option<String>,
    /// How often it was installed, upgraded or rolled back.
    #[attr(computed)]
    pub(crate) revision: Option<i64>,
    /// The values, as JSON. What the configuration gives may be secret, whether it says so or not.
    #[attr(computed, sensitive)]
    pub(crate) values: Option<String>,
    /// The chart's version.
    #[attr(computed)]
    pub(crate) version: Option<String>,
}

/// A program that changes what was rendered.
#[derive(Clone, Default, Shape)]
pub(crate) struct PostRender {
    /// Its arguments.
    #[attr(optional)]
    pub(crate) args: Option<Vec<String>>,
    /// The program.
    #[attr(required)]
    pub(crate) binary_path: Option<String>,
}

/// A value by its path.
#[derive(Clone, Default, Shape)]
pub(crate) struct Set {
    /// Its path.
    #[attr(required)]
    pub(crate) name: Option<String>,
    /// `auto`, `string` or `literal`.
    #[attr(optional, computed)]
    pub(crate) r#type: Option<String>,
    /// Its text.
    #[attr(optional)]
    pub(crate) value: Option<String>,
}

/// A list by its path.
#[derive(Clone, Default, Shape)]
pub(crate) struct SetList {
    /// Its path.
    #[attr(required)]
    pub(crate) name: Option<String>,
    /// Its elements.
    #[attr(required)]
    pub(crate) value: Option<Vec<Option<String>>>,
}

/// A value by its path, which is not shown.
#[derive(Clone, Default, Shape)]
pub(crate) struct SetSensitive {
    /// Its path.
    #[attr(required)]
    pub(crate) name: Option<String>,
    /// `auto`, `string` or `literal`.
    #[attr(optional)]
    pub(crate) r#type: Option<String>,
    /// Its text.
    #[attr(required, sensitive)]
    pub(crate) value: Option<String>,
}

/// A value by its path, which is neither shown nor kept.
#[derive(Clone, Default, Shape)]
pub(crate) struct SetWriteOnly {
    /// Its path.
    #[attr(required, write_only)]
    pub(crate) name: Option<String>,
    /// `auto` or `string`.
    #[attr(optional, write_only)]
    pub(crate) r#type: Option<String>,
    /// Its text.
    #[attr(required, write_only)]
    pub(crate) value: Option<String>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
pub(crate) struct Timeouts {
    /// To install it.
    #[attr(optional)]
    pub(crate) create: Option<String>,
    /// To uninstall it.
    #[attr(optional)]
    pub(crate) delete: Option<String>,
    /// To read it.
    #[attr(optional)]
    pub(crate) read: Option<String>,
    /// To upgrade it.
    #[attr(optional)]
    pub(crate) update: Option<String>,
}

impl PostRender {
    /// As helm is told of it.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut out = vec!["--post-renderer".to_owned(), self.binary_path.clone().unwrap_or_default()];
        out.extend(self.args.iter().flatten().flat_map(|a| ["--post-renderer-args".to_owned(), a.clone()]));
        out
    }
}

/// An assignment of any of the lists.
pub(crate) fn assignment(name: Option<&String>, value: Option<&String>, kind: Option<&String>) -> Assignment {
    Assignment { name: name.cloned().unwrap_or_default(), value: value.cloned().unwrap_or_default(), kind: kind.cloned() }
}

impl Release {
    pub(crate) fn place(&self) -> Place {
        let namespace = self.namespace.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| "default".to_owned());
        Place { namespace, name: self.name.clone().unwrap_or_default() }
    }

    /// What is said about the chart.
    pub(crate) fn source(&self) -> Source {
        Source {
            chart: self.chart.clone().unwrap_or_default(),
            repository: self.repository.clone(),
            version: self.version.clone().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()),
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

    /// What is said about the values.
    pub(crate) fn said(&self) -> Said {
        let set = |s: &Set| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref());
        let sensitive = |s: &SetSensitive| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref());
        let write_only = |s: &SetWriteOnly| assignment(s.name.as_ref(), s.value.as_ref(), s.r#type.as_ref());
        let list = |l: &SetList| (l.name.clone().unwrap_or_default(), l.value.iter().flatten().flatten().cloned().collect());
        Said {
            documents: self.values.iter().flatten().flatten().cloned().collect(),
            set: self.set.iter().flatten().map(set).collect(),
            lists: self.set_list.iter().flatten().map(list).collect(),
            sensitive: self.set_sensitive.iter().flatten().map(sensitive).collect(),
            write_only: self.set_wo.iter().flatten().map(write_only).collect(),
        }
    }

    /// How long Helm waits for any one thing.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout.and_then(|s| u64::try_from(s).ok()).unwrap_or(300))
    }

    /// With what a record says of it.
    pub(crate) fn seen(mut self, record: &Record, keeps_manifest: bool) -> Self {
        self.id = Some(record.name.clone());
        self.name = Some(record.name.clone());
        self.namespace = Some(record.namespace.clone());
        self.status = Some(record.status.clone());
        let said = self.version.as_deref().unwrap_or_default();
        if said.trim_start_matches('v') != record.version.trim_start_matches('v') {
            self.version = Some(record.version.clone());
        }
        self.metadata = Some(Metadata {
            app_version: Some(record.app_version.clone()),
            chart: Some(record.chart.clone()),
            first_deployed: Some(record.first_deployed),
            last_deployed: Some(record.last_deployed),
            name: Some(record.name.clone()),
            namespace: Some(record.namespace.clone()),
            notes: Some(without(&record.notes, &self.said().secrets())),
            revision: Some(record.revision),
            values: Some(self.shown_values(&record.values)),
            version: Some(record.version.clone()),
        });
        (self.manifest, self.resources) = (None, None);
        if keeps_manifest {
            let objects = crate::manifest::shown(&record.manifest, &self.said().secrets());
            self.resources = Some(objects.iter().map(|(key, object)| (key.clone(), object.to_string())).collect());
            self.manifest = Some(Json::Object(objects).to_string());
        }
        self
    }

    /// Values as JSON. What only passes through is not kept, so nothing is told of values that it may be among.
    pub(crate) fn shown_values(&self, values: &Json) -> String {
        if self.set_wo_revision.unwrap_or_default() > 0 {
            return "{}".to_owned();
        }
        let said = self.said();
        let wanted = said.merged().ok().filter(|_| self.reuse_values != Some(true));
        said.masked_beside(values, wanted.map(Json::Object).as_ref()).to_string()
    }

    /// The values that the record is to hold, with those of the revision before where they are reused.
    pub(crate) fn wanted_values(&self, before: Option<&Record>) -> levee_sdk::error::Result<Map<String, Json>> {
        let mut out = before.filter(|_| self.reuse_values == Some(true)).map(Record::values).unwrap_or_default();
        crate::values::lay(&mut out, self.said().merged()?);
        Ok(out)
    }
}

impl Release {
    /// What an import knows of a release: the record, and what is so unless somebody says otherwise.
    pub(crate) fn imported(record: &Record) -> Self {
        let block = Self::block();
        let defaults = block.attributes.iter().map(|(name, a)| {
            let value = a.default.clone().unwrap_or_else(|| levee_sdk::model::Value::null(a.ty.clone()));
            (name.clone(), value)
        });
        let object = levee_sdk::model::Value::object(defaults.collect::<Vec<_>>().into());
        let bare = Self::from_value(&object).unwrap_or_default();
        Self { chart: Some(record.chart.clone()), version: Some(record.version.clone()), ..bare }
    }

    /// Whether nothing is said about the values, as where it was imported.
    pub(crate) fn said_nothing(&self) -> bool {
        self.values.is_none() && self.set.is_none() && self.set_list.is_none() && self.set_sensitive.is_none()
    }
}
