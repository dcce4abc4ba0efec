//! `random_string`: a random text that may be shown.

use super::charset::{self, Class};
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::Triggers;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};

/// A random text that is no secret.
#[derive(Clone, Default, Shape)]
pub(crate) struct Text {
    /// Its length, at least 1 and at least the sum of the minimums.
    #[attr(required, force_new)]
    length: Option<i64>,
    /// Whether it may hold capital letters.
    #[attr(optional, computed, force_new, default = true)]
    upper: Option<bool>,
    /// Whether it may hold small letters.
    #[attr(optional, computed, force_new, default = true)]
    lower: Option<bool>,
    /// Whether it may hold digits; true when it is not set.
    #[attr(optional, computed, force_new)]
    numeric: Option<bool>,
    /// Old name of `numeric`.
    #[attr(optional, computed, force_new, deprecated = "Use numeric instead.")]
    number: Option<bool>,
    /// Whether it may hold special characters.
    #[attr(optional, computed, force_new, default = true)]
    special: Option<bool>,
    /// Least number of capital letters.
    #[attr(optional, computed, force_new, default = 0)]
    min_upper: Option<i64>,
    /// Least number of small letters.
    #[attr(optional, computed, force_new, default = 0)]
    min_lower: Option<i64>,
    /// Least number of digits.
    #[attr(optional, computed, force_new, default = 0)]
    min_numeric: Option<i64>,
    /// Least number of special characters.
    #[attr(optional, computed, force_new, default = 0)]
    min_special: Option<i64>,
    /// The special characters to choose from, instead of the usual ones.
    #[attr(optional, force_new)]
    override_special: Option<String>,
    /// A new one is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// The text.
    #[attr(computed)]
    result: Option<String>,
    /// The text again.
    #[attr(computed)]
    id: Option<String>,
}

impl Text {
    fn classes(&self) -> [Class; 4] {
        [
            Class::upper(self.upper, self.min_upper),
            Class::lower(self.lower, self.min_lower),
            Class::numeric(self.numeric, self.min_numeric),
            Class::special(self.special, self.min_special, self.override_special.as_deref()),
        ]
    }
}

impl StateOnly for Text {
    const NAME: &'static str = "random_string";
    const LAYOUT: u64 = 2;

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        charset::validate(config)
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        charset::plan(draft);
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let result = charset::generate(planned.length, &planned.classes())?;
        Ok(Self { id: Some(result.clone()), result: Some(result), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { result: prior.result, id: prior.id, ..planned })
    }

    async fn import(id: &str) -> Result<Self> {
        Ok(Self {
            length: Some(i64::try_from(id.chars().count()).unwrap_or(i64::MAX)),
            upper: Some(true),
            lower: Some(true),
            numeric: Some(true),
            number: Some(true),
            special: Some(true),
            min_upper: Some(0),
            min_lower: Some(0),
            min_numeric: Some(0),
            min_special: Some(0),
            result: Some(id.to_owned()),
            id: Some(id.to_owned()),
            ..Self::default()
        })
    }
}

state_resource!(Text);
