//! `random_integer`: a random whole number of a range.

use crate::constraints::whole;
use crate::entropy::Source;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostic, Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};

/// A random whole number.
#[derive(Clone, Default, Shape)]
pub(crate) struct Integer {
    /// The least it may be.
    #[attr(required, force_new)]
    min: Option<i64>,
    /// The greatest it may be.
    #[attr(required, force_new)]
    max: Option<i64>,
    /// Makes it the same each time; another number than Terraform's generator gives for the seed.
    #[attr(optional, force_new)]
    seed: Option<String>,
    /// A new one is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// The number.
    #[attr(computed)]
    result: Option<i64>,
    /// The number as text.
    #[attr(computed)]
    id: Option<String>,
}

impl StateOnly for Integer {
    const NAME: &'static str = "random_integer";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        match whole(config, "min").zip(whole(config, "max")) {
            Some((min, max)) if min > max => {
                Diagnostic::error("Empty range", format!("min ({min}) must not be greater than max ({max}).")).into()
            }
            _ => Diagnostics::new(),
        }
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let (min, max) = planned.min.zip(planned.max).unwrap_or_default();
        if min > max {
            return Err(ProviderError::invalid(format!("min ({min}) must not be greater than max ({max})")));
        }
        let mut source = Source::new(planned.seed.as_deref());
        let offset = match max.abs_diff(min).checked_add(1) {
            Some(count) => source.below(count)?,
            None => source.next()?,
        };
        let result = min.wrapping_add_unsigned(offset);
        Ok(Self { result: Some(result), id: Some(result.to_string()), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }

    /// From `RESULT,MIN,MAX` or `RESULT,MIN,MAX,SEED`.
    async fn import(id: &str) -> Result<Self> {
        let bad = || ProviderError::invalid("the import id is not RESULT,MIN,MAX or RESULT,MIN,MAX,SEED");
        let mut parts = id.splitn(4, ',');
        let mut number = || parts.next().and_then(|part| part.trim().parse::<i64>().ok()).ok_or_else(bad);
        let (result, min, max) = (number()?, number()?, number()?);
        Ok(Self {
            min: Some(min),
            max: Some(max),
            seed: parts.next().map(str::to_owned),
            keepers: None,
            result: Some(result),
            id: Some(result.to_string()),
        })
    }
}

state_resource!(Integer);

#[cfg(test)]
mod tests {
    use super::*;

    async fn drawn(min: i64, max: i64, seed: Option<&str>) -> Option<i64> {
        let planned = Integer { min: Some(min), max: Some(max), seed: seed.map(str::to_owned), ..Integer::default() };
        <Integer as StateOnly>::create(planned).await.ok()?.result
    }

    #[tokio::test]
    async fn stays_in_its_range() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            seen.extend(drawn(-1, 1, None).await);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1]);
        assert!(drawn(i64::MIN, i64::MAX, None).await.is_some());
        assert_eq!(drawn(2, 1, None).await, None);
        assert_eq!(drawn(0, 1_000_000, Some("a")).await, drawn(0, 1_000_000, Some("a")).await);
    }

    #[tokio::test]
    async fn imports_with_its_range() {
        let made = <Integer as StateOnly>::import("5,1,10,x").await.expect("well formed");
        assert_eq!((made.result, made.min, made.max, made.seed.as_deref()), (Some(5), Some(1), Some(10), Some("x")));
        assert!(<Integer as StateOnly>::import("5,1").await.is_err());
    }
}
