//! The smallest story that still goes wrong in the same way.

use crate::story::{Broken, Story, Trouble};

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
    // First what costs time.
    for (i, chapter) in story.chapters.iter().enumerate() {
        if !chapter.trouble.is_none() || !chapter.trouble.cloud.is_empty() {
            let mut less = story.clone();
            less.chapters[i].trouble = Trouble { parallelism: chapter.trouble.parallelism, ..Trouble::default() };
            out.push(less);
        }
    }
    for i in 0..story.chapters.len() {
        let mut less = story.clone();
        less.chapters.remove(i);
        if less.chapters.first().is_some_and(|c| !c.model.resources.is_empty()) {
            out.push(less);
        }
    }
    let mut keys: Vec<_> = story.chapters.iter().flat_map(|c| c.model.resources.iter().map(|r| r.key)).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let mut less = story.clone();
        less.chapters.iter_mut().for_each(|c| c.model.remove(key));
        if less.chapters[0].model.resources.is_empty() {
            continue;
        }
        out.push(less);
    }
    out
}
