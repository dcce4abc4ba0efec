//! What happens to one world: configurations one after the other, each applied until it stands or is given up, with what
//! goes wrong meanwhile. The same seed tells the same story; only what runs at the same time may come in another order.

use crate::change::{Left, changed};
use crate::evidence::Evidence;
use crate::generate;
use crate::invariants::judge;
use crate::model::{Model, Origin};
use crate::partial::Choices;
use crate::place::Place;
use crate::trouble::{Deed, Trouble, lag};
use levee_sim::random::Random;

#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    /// How far looks lag behind changes, from beginning to end: nobody else waits until what was done is seen.
    pub(crate) lag: String,
    pub(crate) chapters: Vec<Chapter>,
}

/// One configuration to bring about.
#[derive(Clone, Debug)]
pub(crate) struct Chapter {
    /// What is done in the world first, behind our back.
    pub(crate) deeds: Vec<Deed>,
    /// Empty to destroy everything.
    pub(crate) model: Model,
    /// A part of it is brought about first.
    pub(crate) partial: Option<Choices>,
    pub(crate) trouble: Trouble,
    /// After so many attempts the next chapter begins, whether this one stands or not.
    pub(crate) given_up: Option<usize>,
}

/// What did not hold: the invariant, and what was found.
pub(crate) type Broken = (String, Vec<String>);

impl Story {
    /// The story of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::of(seed);
        // Where whoever looks may see what was before, nobody can know what to change next before all is settled.
        let lag = if random.percent(20) { lag(&mut random) } else { String::new() };
        let mut left = Left::default();
        let (mut chapters, mut before): (Vec<Chapter>, Vec<Model>) = (Vec::new(), Vec::new());
        let mut to_come = 2 + usize::from(random.percent(12));
        while to_come > 0 {
            to_come -= 1;
            let model = if before.is_empty() { generate::model(&mut random) } else { changed(&before, &mut left, &mut random) };
            let given_up = (lag.is_empty() && random.percent(15)).then(|| 1 + random.below(2));
            to_come += usize::from(given_up.is_some() && to_come == 0);
            chapters.push(chapter(&mut random, &before, model.clone(), given_up));
            if given_up.is_none() {
                before.clear();
            }
            before.push(model);
        }
        if random.percent(30) {
            chapters.push(chapter(&mut random, &before, Model::default(), None));
        }
        Self { seed, lag, chapters }
    }

    /// The same where nothing goes wrong.
    pub(crate) fn untroubled(mut self) -> Self {
        self.lag.clear();
        for chapter in &mut self.chapters {
            chapter.trouble = Trouble { parallelism: chapter.trouble.parallelism, ..Trouble::default() };
        }
        self
    }

    /// Lets it happen, and judges each chapter. What did not hold of the first one that went wrong.
    pub(crate) async fn tell(&self) -> Result<Vec<Evidence>, Broken> {
        self.told(false).await
    }

    /// The same; with `verbose`, what each attempt does is shown.
    pub(crate) async fn told(&self, verbose: bool) -> Result<Vec<Evidence>, Broken> {
        let mut place = Place::new(self.seed, &self.lag, verbose);
        let mut before = Vec::new();
        let mut all = Vec::new();
        for chapter in &self.chapters {
            let evidence = place.bring_about(&before, chapter).await.map_err(|(what, why)| (what.to_owned(), vec![why]))?;
            if let Some((name, found)) = judge(&evidence).into_iter().next() {
                return Err((name.to_owned(), found));
            }
            if evidence.stands {
                before.clear();
            }
            before.push(chapter.model.clone());
            all.push(evidence);
        }
        Ok(all)
    }
}

fn chapter(random: &mut Random, before: &[Model], model: Model, given_up: Option<usize>) -> Chapter {
    let mut deeds = Deed::random(random, before, &model);
    for import in &model.imports {
        let of = model.resource(import.of).map(|r| r.kind);
        if let (Origin::Stranger(n), Some(kind)) = (&import.origin, of) {
            deeds.push(Deed::Make { n: *n, kind, zone: import.zone });
        }
    }
    let partial = Choices::random(random, before, &model);
    Chapter { deeds, partial, trouble: Trouble::random(random), given_up, model }
}
