//! `null_data_source`: repeats its inputs.

use crate::entropy::Source;
use crate::offline::NoClient;
use crate::triggers::Triggers;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, Shape};

/// Repeats its inputs; local values do the same.
#[derive(Clone, Default, Shape)]
pub(crate) struct NullData {
    /// Any texts.
    #[attr(optional)]
    inputs: Option<Triggers>,
    /// The inputs.
    #[attr(computed)]
    outputs: Option<Triggers>,
    /// A random number.
    #[attr(computed)]
    random: Option<String>,
    /// Any text; `default` when it is not set.
    #[attr(optional, computed)]
    has_computed_default: Option<String>,
    /// Always `static`.
    #[attr(computed, deprecated = "It is always the same.")]
    id: Option<String>,
}

impl DataSource for NullData {
    type Client = NoClient;
    const TYPE: &'static str = "null_data_source";

    async fn read(_: &Ctx<NoClient>, config: Self) -> Result<Self> {
        Ok(Self {
            outputs: config.inputs.clone(),
            random: Some((Source::Os.next()? >> 1).to_string()),
            has_computed_default: config.has_computed_default.or_else(|| Some("default".into())),
            id: Some("static".into()),
            inputs: config.inputs,
        })
    }
}
