//! Ephemeral `random_password`: a random text that nothing keeps.

use super::charset::{self, Class};
use crate::offline::NoClient;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, EphemeralResource, Shape};

/// A random text for the length of one run.
#[derive(Clone, Default, Shape)]
pub(crate) struct EphemeralPassword {
    /// Its length, at least 1 and at least the sum of the minimums.
    #[attr(required)]
    length: Option<i64>,
    /// Whether it may hold capital letters.
    #[attr(optional, computed)]
    upper: Option<bool>,
    /// Whether it may hold small letters.
    #[attr(optional, computed)]
    lower: Option<bool>,
    /// Whether it may hold digits.
    #[attr(optional, computed)]
    numeric: Option<bool>,
    /// Whether it may hold special characters.
    #[attr(optional, computed)]
    special: Option<bool>,
    /// Least number of capital letters.
    #[attr(optional, computed)]
    min_upper: Option<i64>,
    /// Least number of small letters.
    #[attr(optional, computed)]
    min_lower: Option<i64>,
    /// Least number of digits.
    #[attr(optional, computed)]
    min_numeric: Option<i64>,
    /// Least number of special characters.
    #[attr(optional, computed)]
    min_special: Option<i64>,
    /// The special characters to choose from, instead of the usual ones.
    #[attr(optional)]
    override_special: Option<String>,
    /// The password.
    #[attr(computed, sensitive)]
    result: Option<String>,
    /// The password's bcrypt hash.
    #[attr(computed, sensitive)]
    bcrypt_hash: Option<String>,
}

impl EphemeralResource for EphemeralPassword {
    type Client = NoClient;
    const TYPE: &'static str = "random_password";

    fn validate(config: &Value) -> Diagnostics {
        charset::validate(config)
    }

    async fn open(_: &Ctx<NoClient>, config: Self) -> Result<Self> {
        let classes = [
            Class::upper(config.upper, config.min_upper),
            Class::lower(config.lower, config.min_lower),
            Class::numeric(config.numeric, config.min_numeric),
            Class::special(config.special, config.min_special, config.override_special.as_deref()),
        ];
        let result = charset::generate(config.length, &classes)?;
        let hash = super::password::bcrypt_hash(result.clone()).await?;
        let (yes, zero) = (|v: Option<bool>| v.or(Some(true)), |v: Option<i64>| v.or(Some(0)));
        Ok(Self {
            upper: yes(config.upper),
            lower: yes(config.lower),
            numeric: yes(config.numeric),
            special: yes(config.special),
            min_upper: zero(config.min_upper),
            min_lower: zero(config.min_lower),
            min_numeric: zero(config.min_numeric),
            min_special: zero(config.min_special),
            result: Some(result),
            bcrypt_hash: Some(hash),
            ..config
        })
    }
}
