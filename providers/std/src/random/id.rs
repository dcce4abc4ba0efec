//! `random_id`: random bytes in several spellings.

use crate::constraints::at_least;
use crate::entropy;
use crate::hexadecimal::hexadecimal;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};

/// Random bytes, as text in several bases.
#[derive(Clone, Default, Shape)]
pub(crate) struct RandomId {
    /// How many random bytes, at least 1.
    #[attr(required, force_new)]
    byte_length: Option<i64>,
    /// Stands before each text but `id`.
    #[attr(optional, force_new)]
    prefix: Option<String>,
    /// A new one is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// In base 64.
    #[attr(computed)]
    b64_std: Option<String>,
    /// In base 64 for URLs, without padding.
    #[attr(computed)]
    b64_url: Option<String>,
    /// In decimal digits.
    #[attr(computed)]
    dec: Option<String>,
    /// In hexadecimal digits, two a byte.
    #[attr(computed)]
    hex: Option<String>,
    /// In base 64 for URLs, without padding and prefix.
    #[attr(computed)]
    id: Option<String>,
}

impl RandomId {
    /// Spells the bytes out.
    fn spelled(self, bytes: &[u8]) -> Self {
        let prefix = self.prefix.clone().unwrap_or_default();
        let with_prefix = |text: String| Some(format!("{prefix}{text}"));
        Self {
            b64_std: with_prefix(STANDARD.encode(bytes)),
            b64_url: with_prefix(URL_SAFE_NO_PAD.encode(bytes)),
            dec: with_prefix(decimal(bytes)),
            hex: with_prefix(hexadecimal(bytes)),
            id: Some(URL_SAFE_NO_PAD.encode(bytes)),
            ..self
        }
    }
}

/// Bytes, the most significant first, as one decimal number.
fn decimal(bytes: &[u8]) -> String {
    // Digits from the least significant on.
    let mut digits = vec![0_u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let sum = u32::from(*digit) * 256 + carry;
            *digit = (sum % 10) as u8;
            carry = sum / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

impl StateOnly for RandomId {
    const NAME: &'static str = "random_id";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        at_least(config, "byte_length", 1)
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let length = planned.byte_length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let mut bytes = vec![0; length];
        entropy::fill(&mut bytes)?;
        Ok(planned.spelled(&bytes))
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }

    /// From `B64_URL` or `PREFIX,B64_URL`.
    async fn import(id: &str) -> Result<Self> {
        let (prefix, text) = id.rsplit_once(',').map_or((None, id), |(prefix, text)| (Some(prefix.to_owned()), text));
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| {
            ProviderError::invalid("the import id is no base 64 text for URLs").hint("Import with B64_URL or PREFIX,B64_URL.")
        })?;
        let byte_length = i64::try_from(bytes.len()).ok();
        Ok(Self { byte_length, prefix, ..Self::default() }.spelled(&bytes))
    }
}

state_resource!(RandomId);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_number_in_every_spelling() {
        let id = <RandomId as StateOnly>::import("p-,AQD_").await.expect("base 64");
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!((of(&id.hex), of(&id.dec)), ("p-0100ff".into(), "p-65791".into()));
        assert_eq!((of(&id.b64_std), of(&id.b64_url)), ("p-AQD/".into(), "p-AQD_".into()));
        assert_eq!((of(&id.id), id.byte_length), ("AQD_".into(), Some(3)));
    }

    #[test]
    fn long_numbers_keep_every_digit() {
        assert_eq!(decimal(&[0, 0]), "0");
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
    }

    #[tokio::test]
    async fn as_many_bytes_as_asked_for() {
        let planned = RandomId { byte_length: Some(8), ..RandomId::default() };
        let made = <RandomId as StateOnly>::create(planned).await.expect("random numbers");
        assert_eq!(made.hex.map(|text| text.len()), Some(16));
    }
}
