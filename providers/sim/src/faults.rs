//! What goes wrong with a call.

use crate::provider_block::Fault;
use crate::random::Random;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Nothing was done; trying again helps.
    Refused,
    /// Nothing was done; the arguments are to blame.
    Invalid,
    /// Nothing was done; it was asked too often.
    Throttled,
    /// It was done, and the answer never came.
    Lost,
    /// Nothing was done, and no answer came.
    Unheard,
    /// What was created never becomes ready.
    Half,
}

/// What a `fault` block may say, and what it means.
pub(crate) const KINDS: &[(&str, Wrong)] = &[
    ("refused", Wrong::Refused),
    ("invalid", Wrong::Invalid),
    ("throttled", Wrong::Throttled),
    ("lost", Wrong::Lost),
    ("unheard", Wrong::Unheard),
    ("half", Wrong::Half),
];

/// What goes wrong with the `nth` call that does this to an object of this type and name.
pub(crate) fn of(blocks: &[Fault], seed: u64, key: [&str; 3], nth: u64) -> Option<Wrong> {
    let [type_name, name, action] = key;
    let wanted = |filter: &Option<String>, is: &str| filter.as_deref().is_none_or(|wanted| wanted == is);
    let fits = |block: &Fault| {
        wanted(&block.type_name, type_name)
            && wanted(&block.name, name)
            && block.action.as_deref().map_or(action != "read", |wanted| wanted == action)
            && block.nth.is_none_or(|wanted| u64::try_from(wanted) == Ok(nth))
    };
    let strikes = |i: usize, block: &Fault| {
        let chance = || Random::keyed(seed, &["fault", &i.to_string(), type_name, name, action, &nth.to_string()]).share();
        block.rate.is_none_or(|rate| chance() < rate)
    };
    let (_, block) = blocks.iter().enumerate().find(|(i, block)| fits(block) && strikes(*i, block))?;
    KINDS.iter().find(|(kind, _)| Some(*kind) == block.kind.as_deref()).map(|(_, wrong)| *wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_what_it_names_as_often_as_it_says() {
        let lost = Fault { kind: Some("lost".into()), name: Some("a".into()), nth: Some(2), ..Fault::default() };
        let some = Fault { kind: Some("refused".into()), action: Some("delete".into()), rate: Some(0.25), ..Fault::default() };
        let blocks = [lost, some];
        assert_eq!(of(&blocks, 1, ["t", "a", "create"], 1), None);
        assert_eq!(of(&blocks, 1, ["t", "a", "create"], 2), Some(Wrong::Lost));
        assert_eq!(of(&blocks, 1, ["t", "a", "read"], 2), None, "reading is spared unless it is named");
        let struck = (0..1000).filter(|n| of(&blocks, 1, ["t", "b", "delete"], *n).is_some()).count();
        assert!((200..300).contains(&struck), "{struck} of 1000");
    }
}
