//! `random_shuffle`: a list in random order.

use crate::constraints::at_least;
use crate::entropy::Source;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};

/// A list in random order.
#[derive(Clone, Default, Shape)]
pub(crate) struct Shuffle {
    /// The list.
    #[attr(required, force_new)]
    input: Option<Vec<String>>,
    /// How many elements to yield; as many as there are when it is not set. More than there are repeat.
    #[attr(optional, force_new)]
    result_count: Option<i64>,
    /// Makes the order the same each time; another order than Terraform's generator gives for the seed.
    #[attr(optional, force_new)]
    seed: Option<String>,
    /// A new order is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// The list in random order.
    #[attr(computed)]
    result: Option<Vec<String>>,
    /// Always `-`.
    #[attr(computed)]
    id: Option<String>,
}

impl StateOnly for Shuffle {
    const NAME: &'static str = "random_shuffle";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        at_least(config, "result_count", 0)
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let input = planned.input.clone().unwrap_or_default();
        // 0 has always meant the same as not set.
        let count = planned.result_count.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(input.len());
        let mut source = Source::new(planned.seed.as_deref());
        let mut result = Vec::with_capacity(count);
        while result.len() < count && !input.is_empty() {
            let mut round = input.clone();
            source.shuffle(&mut round)?;
            round.truncate(count - result.len());
            result.extend(round);
        }
        Ok(Self { result: Some(result), id: Some("-".into()), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }
}

state_resource!(Shuffle);

#[cfg(test)]
mod tests {
    use super::*;

    async fn shuffled(count: Option<i64>, input: &[&str]) -> Vec<String> {
        let input = input.iter().map(|s| (*s).to_owned()).collect();
        let planned = Shuffle { input: Some(input), result_count: count, ..Shuffle::default() };
        <Shuffle as StateOnly>::create(planned).await.ok().and_then(|made| made.result).expect("random numbers")
    }

    #[tokio::test]
    async fn yields_as_many_as_asked_for() {
        assert_eq!(shuffled(Some(2), &["a", "b", "c"]).await.len(), 2);
        let mut whole = shuffled(None, &["a", "b", "c"]).await;
        whole.sort();
        assert_eq!(whole, ["a", "b", "c"]);
        let mut repeated = shuffled(Some(7), &["a", "b", "c"]).await;
        repeated[..6].sort();
        assert_eq!(repeated[..6], ["a", "a", "b", "b", "c", "c"]);
        assert_eq!(shuffled(Some(7), &[]).await, Vec::<String>::new());
    }
}
