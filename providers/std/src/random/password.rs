//! `random_password`: a random text that is sensitive.

use super::charset::{self, Class};
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::Triggers;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ErrorKind, ProviderError, Shape};

/// A random text that is never shown.
#[derive(Clone, Default, Shape)]
pub(crate) struct Password {
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
    /// The password.
    #[attr(computed, sensitive)]
    result: Option<String>,
    /// The password's bcrypt hash.
    #[attr(computed, sensitive)]
    bcrypt_hash: Option<String>,
    /// Always `none`.
    #[attr(computed)]
    id: Option<String>,
}

impl Password {
    fn classes(&self) -> [Class; 4] {
        [
            Class::upper(self.upper, self.min_upper),
            Class::lower(self.lower, self.min_lower),
            Class::numeric(self.numeric, self.min_numeric),
            Class::special(self.special, self.min_special, self.override_special.as_deref()),
        ]
    }
}

/// bcrypt looks at no more than this many bytes.
const BCRYPT_BYTES: usize = 72;

/// The bcrypt hash at the usual cost, worked out beside the executor since it takes long on purpose.
pub(crate) async fn bcrypt_hash(password: String) -> Result<String> {
    let hash = move || {
        let bytes = password.as_bytes();
        bcrypt::hash(&bytes[..bytes.len().min(BCRYPT_BYTES)], 10)
    };
    let bug = |what: String| ProviderError::new(ErrorKind::Bug, format!("no bcrypt hash: {what}"));
    tokio::task::spawn_blocking(hash).await.map_err(|e| bug(e.to_string()))?.map_err(|e| bug(e.to_string()))
}

impl StateOnly for Password {
    const NAME: &'static str = "random_password";
    const LAYOUT: u64 = 3;

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
        let hash = bcrypt_hash(result.clone()).await?;
        Ok(Self { result: Some(result), bcrypt_hash: Some(hash), id: Some("none".into()), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { result: prior.result, bcrypt_hash: prior.bcrypt_hash, id: prior.id, ..planned })
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
            bcrypt_hash: Some(bcrypt_hash(id.to_owned()).await?),
            id: Some("none".into()),
            ..Self::default()
        })
    }
}

state_resource!(Password);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_hash_is_the_passwords_and_neither_is_shown() {
        let planned = Password { length: Some(80), ..Password::default() };
        let made = <Password as StateOnly>::create(planned).await.expect("it fits");
        let (result, hash) = (made.result.clone().expect("made"), made.bcrypt_hash.clone().expect("made"));
        assert_eq!(result.chars().count(), 80);
        assert!(bcrypt::verify(&result.as_bytes()[..BCRYPT_BYTES], &hash).expect("a bcrypt hash"));
        let text = format!("{made:?}");
        assert!(!text.contains(&result) && !text.contains(&hash));
    }

    #[tokio::test]
    async fn an_imported_password_needs_no_change() {
        let made = <Password as StateOnly>::import("p4ss").await.expect("any text");
        assert_eq!((made.result.as_deref(), made.length), (Some("p4ss"), Some(4)));
        let value = made.to_value();
        let block = Password::block();
        for (name, attribute) in &block.attributes {
            if let Some(default) = &attribute.default {
                assert_eq!(value.get(name).as_ref(), Some(default), "{name}");
            }
        }
    }
}
