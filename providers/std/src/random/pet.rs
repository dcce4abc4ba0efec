//! `random_pet`: a random name that people can say.

use super::pet_words::{ADJECTIVES, ADVERBS, ANIMALS};
use crate::entropy::Source;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};

/// A random name of a few words.
#[derive(Clone, Default, Shape)]
pub(crate) struct Pet {
    /// How many words.
    #[attr(optional, computed, force_new, default = 2)]
    length: Option<i64>,
    /// Stands before the words, with a separator.
    #[attr(optional, force_new)]
    prefix: Option<String>,
    /// Stands between the words.
    #[attr(optional, computed, force_new, default = "-")]
    separator: Option<String>,
    /// A new one is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// The name.
    #[attr(computed)]
    id: Option<String>,
}

impl StateOnly for Pet {
    const NAME: &'static str = "random_pet";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let mut source = Source::Os;
        let length = planned.length.unwrap_or(2);
        let mut words = Vec::new();
        words.extend(planned.prefix.as_deref());
        for left in (1..=length).rev() {
            let list = match left {
                1 => ANIMALS,
                2 => ADJECTIVES,
                _ => ADVERBS,
            };
            words.push(source.pick(list)?);
        }
        let id = words.join(planned.separator.as_deref().unwrap_or("-"));
        Ok(Self { id: Some(id), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }
}

state_resource!(Pet);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_animal_comes_last() {
        let planned = Pet { length: Some(4), prefix: Some("x".into()), separator: Some("_".into()), ..Pet::default() };
        let made = <Pet as StateOnly>::create(planned).await.ok().and_then(|pet| pet.id).expect("random numbers");
        let words: Vec<&str> = made.split('_').collect();
        assert_eq!((words.len(), words[0]), (5, "x"));
        assert!(ADVERBS.contains(&words[1]) && ADJECTIVES.contains(&words[3]) && ANIMALS.contains(&words[4]));
    }
}
