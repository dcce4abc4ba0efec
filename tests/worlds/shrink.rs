//! The smallest story that still goes wrong in the same way.

use crate::story::{Broken, Chapter, Story};
use crate::trouble::{Deed, Trouble};
use std::collections::BTreeSet;

/// So many stories are told at most to find it.
const PATIENCE: usize = 120;
/// A story goes wrong not each time it is told: what runs at the same time may come in another order.
const TRIES: usize = 2;

/// Leaves out what can be left out.
pub(crate) async fn smallest(story: Story, broken: Broken) -> (Story, Broken) {
    let (mut best, mut why) = (story, broken);
    let mut told = 0;
    loop {
        let mut found = None;
        for candidate in smaller(&best) {
            if told > PATIENCE {
                return (best, why);
            }
            told += TRIES;
            if let Some(same) = goes_wrong(&candidate, &why.0).await {
                found = Some((candidate, same));
                break;
            }
        }
        match found {
            Some((story, broken)) => (best, why) = (story, broken),
            None => return (best, why),
        }
    }
}

async fn goes_wrong(story: &Story, name: &str) -> Option<Broken> {
    for _ in 0..TRIES {
        if let Err(broken) = story.tell().await
            && broken.0 == name
        {
            return Some(broken);
        }
    }
    None
}

fn smaller(story: &Story) -> Vec<Story> {
    let mut out = Vec::new();
    if !story.lag.is_empty() {
        out.push(Story { lag: String::new(), ..story.clone() });
    }
    let mut without = |i: usize, less: &dyn Fn(&mut Chapter)| {
        let mut smaller = story.clone();
        less(&mut smaller.chapters[i]);
        out.push(smaller);
    };
    // First what costs time.
    for (i, chapter) in story.chapters.iter().enumerate() {
        let trouble = &chapter.trouble;
        if !trouble.is_none() || !trouble.cloud.is_empty() {
            without(i, &|c| c.trouble = Trouble { parallelism: c.trouble.parallelism, ..Trouble::default() });
        }
        if chapter.partial.is_some() {
            without(i, &|c| c.partial = None);
        }
        if chapter.given_up.is_some() && i + 1 < story.chapters.len() {
            without(i, &|c| c.given_up = None);
        }
        for n in (0..chapter.deeds.len()).filter(|n| !chapter.deeds[*n].is_needed()) {
            without(i, &|c| drop(c.deeds.remove(n)));
        }
        for n in 0..chapter.model.imports.len() {
            without(i, &|c| drop(c.model.imports.remove(n)));
        }
        if !chapter.model.shown.is_empty() {
            without(i, &|c| c.model.shown.clear());
        }
    }
    out.extend((0..story.chapters.len()).filter_map(|i| without_chapter(story, i)));
    let keys: BTreeSet<_> = story.chapters.iter().flat_map(|c| c.model.resources.iter().map(|r| r.key)).collect();
    for key in keys {
        let mut less = story.clone();
        less.chapters.iter_mut().for_each(|c| c.model.remove(key));
        out.push(less);
    }
    let calls: BTreeSet<_> = story.chapters.iter().flat_map(|c| c.model.calls.iter().map(|c| c.key)).collect();
    for key in calls {
        let mut less = story.clone();
        less.chapters.iter_mut().for_each(|c| c.model.remove_call(key));
        out.push(less);
    }
    // The first configuration has something in it, or there is no story.
    out.retain(|less| less.chapters.first().is_some_and(|c| !c.model.resources.is_empty()));
    out
}

/// Without a chapter; what it made behind our back, the next one makes.
fn without_chapter(story: &Story, i: usize) -> Option<Story> {
    let mut less = story.clone();
    let mut deeds = less.chapters.remove(i).deeds;
    deeds.retain(Deed::is_needed);
    let next = less.chapters.get_mut(i)?;
    deeds.append(&mut next.deeds);
    next.deeds = deeds;
    Some(less)
}
