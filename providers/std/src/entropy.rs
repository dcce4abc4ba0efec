//! Random numbers: from the operating system, or repeatable from a seed.

use levee_sdk::error::Result;
use levee_sdk::{ErrorKind, ProviderError};
use sha2::{Digest, Sha256};

/// Where random numbers come from.
pub(crate) enum Source {
    /// The operating system.
    Os,
    /// A seed: the same numbers each time. They are not those of Terraform's generator.
    Seeded { key: [u8; 32], drawn: u64 },
}

impl Source {
    /// From the seed if there is one.
    pub(crate) fn new(seed: Option<&str>) -> Self {
        seed.map_or(Self::Os, |seed| Self::Seeded { key: Sha256::digest(seed.as_bytes()).into(), drawn: 0 })
    }

    /// 64 random bits.
    pub(crate) fn next(&mut self) -> Result<u64> {
        let mut word = [0; 8];
        match self {
            Self::Os => fill(&mut word)?,
            Self::Seeded { key, drawn } => {
                let block = Sha256::new().chain_update(*key).chain_update(drawn.to_be_bytes()).finalize();
                *drawn += 1;
                word.copy_from_slice(&block[..8]);
            }
        }
        Ok(u64::from_be_bytes(word))
    }

    /// A number below `bound`, each as likely as the other. `bound` is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> Result<u64> {
        // The numbers at the end that do not make up a whole multiple of the bound would favour the small ones.
        let unfair = (u64::MAX % bound + 1) % bound;
        loop {
            let number = self.next()?;
            if number <= u64::MAX - unfair {
                return Ok(number % bound);
            }
        }
    }

    /// One of the items; there is at least one.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Result<&'a T> {
        let index = self.below(items.len() as u64)?;
        Ok(&items[usize::try_from(index).unwrap_or_default()])
    }

    /// Puts the items into a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) -> Result<()> {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1)?;
            items.swap(last, usize::try_from(other).unwrap_or_default());
        }
        Ok(())
    }
}

/// Random bytes from the operating system.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|e| ProviderError::new(ErrorKind::Bug, format!("the operating system gives no random numbers: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_reaches_every_number_and_no_other() {
        for mut source in [Source::Os, Source::new(Some("seed"))] {
            let mut seen = [0; 7];
            for _ in 0..2000 {
                seen[usize::try_from(source.below(7).expect("random numbers")).expect("small")] += 1;
            }
            // Far beyond ten standard deviations.
            assert!(seen.iter().all(|n| (120..450).contains(n)), "{seen:?}");
        }
        assert_eq!(Source::Os.below(1).ok(), Some(0));
    }

    #[test]
    fn a_seed_gives_the_same_order_each_time() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..50).collect();
            Source::new(Some(seed)).shuffle(&mut items).expect("random numbers");
            items
        };
        assert_eq!(shuffled("a"), shuffled("a"));
        assert_ne!(shuffled("a"), shuffled("b"));
        let mut sorted = shuffled("a");
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }
}
