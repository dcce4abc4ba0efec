//! A data source that reads an object of a kind.

use crate::client::Kubernetes;
use crate::field::{self, Field};
use crate::kind::Kind;
use crate::metadata;
use crate::owned::Owned;
use crate::read::{Known, read};
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Schema;
use levee_sdk::{AnyDataSource, Ctx};
use std::sync::{Arc, OnceLock};

/// A data source of a kind.
pub(crate) struct ObjectData {
    name: &'static str,
    kind: &'static Kind,
    fields: Vec<Field>,
    /// Built when it is asked for.
    schema: OnceLock<Arc<Schema>>,
}

impl ObjectData {
    /// All data sources of a kind: they differ in nothing but their names.
    pub(crate) fn all(kind: &'static Kind) -> impl Iterator<Item = Arc<dyn AnyDataSource>> {
        let one = move |name: &&'static str| -> Arc<dyn AnyDataSource> {
            Arc::new(Self { name, kind, fields: kind.all_fields(), schema: OnceLock::new() })
        };
        kind.types.iter().map(one)
    }

    async fn look(&self, ctx: &Ctx<Kubernetes>, config: &Value) -> Result<Value> {
        let name = metadata::of(config, "name").ok_or_else(|| ProviderError::invalid("metadata has no name"))?;
        // The configuration of a data source comes without the schema's defaults.
        let namespace = metadata::of(config, "namespace").unwrap_or_else(|| "default".to_owned());
        let place = self.kind.place(Some(&namespace), &name);
        let missing = || ProviderError::new(ErrorKind::NotFound, format!("there is no {} {}", self.kind.kind, place.id()));
        let live = ctx.client.read(&place).await?.ok_or_else(missing)?;
        let value = read(&self.fields, &live, None, &Owned::default(), Known::Nothing);
        Ok(self.kind.rules.read(&live, Some(config), value).with("id", Value::string(place.id())))
    }
}

impl AnyDataSource for ObjectData {
    fn type_name(&self) -> &'static str {
        self.name
    }
    fn schema(&self) -> Arc<Schema> {
        let made = || Arc::new(Schema::new(0, field::block(&self.fields), self.kind.doc));
        self.schema.get_or_init(made).clone()
    }
    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }
    fn read(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { self.look(&ctx.of()?, &config.unmark_deep().0).await })
    }
}
