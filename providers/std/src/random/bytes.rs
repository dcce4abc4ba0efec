//! `random_bytes`: random bytes that are sensitive.

use crate::constraints::at_least;
use crate::entropy;
use crate::hexadecimal::hexadecimal;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};

/// Random bytes that are never shown.
#[derive(Clone, Default, Shape)]
pub(crate) struct Bytes {
    /// How many, at least 1.
    #[attr(required, force_new)]
    length: Option<i64>,
    /// New ones are made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// In base 64.
    #[attr(computed, sensitive)]
    base64: Option<String>,
    /// In hexadecimal digits, two a byte.
    #[attr(computed, sensitive)]
    hex: Option<String>,
}

impl Bytes {
    fn spelled(self, bytes: &[u8]) -> Self {
        Self { base64: Some(STANDARD.encode(bytes)), hex: Some(hexadecimal(bytes)), ..self }
    }
}

impl StateOnly for Bytes {
    const NAME: &'static str = "random_bytes";

    fn id(&self) -> Option<&str> {
        // It has no attribute `id`, and nothing in it that may be shown.
        Some("none")
    }

    fn validate(config: &Value) -> Diagnostics {
        at_least(config, "length", 1)
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let mut bytes = vec![0; planned.length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0)];
        entropy::fill(&mut bytes)?;
        Ok(planned.spelled(&bytes))
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }

    /// From the bytes in base 64.
    async fn import(id: &str) -> Result<Self> {
        let bytes = STANDARD.decode(id).map_err(|_| ProviderError::invalid("the import id is no base 64 text"))?;
        Ok(Self { length: i64::try_from(bytes.len()).ok(), ..Self::default() }.spelled(&bytes))
    }
}

state_resource!(Bytes);
