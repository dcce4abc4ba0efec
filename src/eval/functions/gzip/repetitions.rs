//! Finds what a text repeats: its bytes to literals and matches, in blocks.

/// How far back a match may lie.
const REACH: usize = 1 << 15;
/// The text that is looked at together; it moves on by half.
const WINDOW: usize = 2 * REACH;
const SHORTEST: usize = 4;
const LONGEST: usize = 258;
/// A match of so many bytes from further away than `NEAR` is worth less than its literals.
const NEAR: usize = 4096;
/// A match of so many bytes is taken without a look at what begins one byte later.
const GOOD: usize = 16;
/// A match of so many bytes ends the search for a longer one.
const EXCELLENT: usize = 128;
/// How many places are tried for one match.
const TRIES: usize = 128;
const SYMBOLS_IN_BLOCK: usize = 1 << 14;
const HASH_BITS: u32 = 17;

/// What a block is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A byte as it is.
    Literal(u8),
    /// What stands at a place before, again.
    Match(Match),
}

/// A repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// 4 to 258 bytes.
    pub(super) length: usize,
    /// How far before it stands, 1 to 32768 bytes.
    pub(super) distance: usize,
}

/// Cuts a text into blocks. `write` gets each one's symbols, and the bytes they stand for unless the window has moved on
/// from where the block began: then it cannot be stored as it is.
pub(super) fn each_block<'t>(text: &'t [u8], write: impl FnMut(&[Symbol], Option<&'t [u8]>)) {
    let mut blocks = Blocks { text, begin: 0, symbols: Vec::new(), write };
    let mut window = Window { begin: 0, end: text.len().min(WINDOW) };
    let mut places = Places::new(text);
    // What begins at the byte before; it waits for whether the one that begins here is longer.
    let mut waiting: Option<Match> = None;
    let mut byte_waits = false;
    let mut at = 0;
    while at < text.len() {
        window.follow(at, text.len());
        let before = places.enter(at);
        let found = match (waiting, before) {
            (Some(earlier), _) if earlier.length >= GOOD || text.len() - at <= earlier.length => None,
            (_, Some(place)) => places.longest(at, place, window.begin),
            (_, None) => None,
        };
        match waiting.take() {
            Some(earlier) if found.is_none_or(|f| f.length <= earlier.length) => {
                let end = at + earlier.length - 1;
                for place in at + 1..end {
                    places.enter(place);
                }
                at = end;
                byte_waits = false;
                blocks.push(Symbol::Match(earlier), at, window.begin);
            }
            _ => {
                if byte_waits {
                    blocks.push(Symbol::Literal(text[at - 1]), at, window.begin);
                }
                at += 1;
                byte_waits = true;
                waiting = found;
            }
        }
    }
    if byte_waits {
        blocks.symbols.push(Symbol::Literal(text[at - 1]));
    }
    blocks.end(at, window.begin);
}

/// The part of the text that is looked at: no match begins before it.
struct Window {
    begin: usize,
    end: usize,
}

impl Window {
    /// Moves on when what is left of it is too short for a match and there is more text.
    fn follow(&mut self, at: usize, text_end: usize) {
        if self.end < text_end && self.end - at < SHORTEST + LONGEST {
            self.begin += REACH;
            self.end = text_end.min(self.begin + WINDOW);
        }
    }
}

/// The block that is being filled.
struct Blocks<'t, W> {
    text: &'t [u8],
    begin: usize,
    symbols: Vec<Symbol>,
    write: W,
}

impl<'t, W: FnMut(&[Symbol], Option<&'t [u8]>)> Blocks<'t, W> {
    /// Adds the symbol whose bytes end at `at`.
    fn push(&mut self, symbol: Symbol, at: usize, window_begin: usize) {
        self.symbols.push(symbol);
        if self.symbols.len() == SYMBOLS_IN_BLOCK {
            self.end(at, window_begin);
        }
    }

    fn end(&mut self, at: usize, window_begin: usize) {
        if !self.symbols.is_empty() {
            let covered = (self.begin >= window_begin).then(|| &self.text[self.begin..at]);
            (self.write)(&self.symbols, covered);
            self.symbols.clear();
            self.begin = at;
        }
    }
}

/// Where groups of four bytes stand: for each hash the last place, and for each place within reach the one before it with
/// the same hash. Places are held plus one; 0 is none.
struct Places<'t> {
    text: &'t [u8],
    last: Vec<usize>,
    before: Vec<usize>,
}

impl<'t> Places<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, last: vec![0; 1 << HASH_BITS], before: vec![0; REACH] }
    }

    /// Enters a place; returns the one before it. The last three have no group of four.
    fn enter(&mut self, at: usize) -> Option<usize> {
        let group = self.text[at..].first_chunk()?;
        // Which groups share a hash decides which of them are tried, so the factor is Go's, too.
        let hash = u32::from_be_bytes(*group).wrapping_mul(0x1e35_a7bd) >> (u32::BITS - HASH_BITS);
        let last = &mut self.last[hash as usize];
        self.before[at % REACH] = *last;
        std::mem::replace(last, at + 1).checked_sub(1)
    }

    /// The longest match for what stands at `at`, beginning with the nearest place. Of equally long ones the nearest.
    fn longest(&self, at: usize, nearest: usize, window_begin: usize) -> Option<Match> {
        let ahead = &self.text[at..self.text.len().min(at + LONGEST)];
        let earliest = at.saturating_sub(REACH).max(window_begin);
        let enough = ahead.len().min(EXCELLENT);
        let mut best: Option<Match> = None;
        let mut place = nearest;
        for _ in 0..TRIES {
            if place < earliest {
                break;
            }
            let found = Match { length: common(&self.text[place..], ahead), distance: at - place };
            let worth = found.length > SHORTEST || found.length == SHORTEST && found.distance <= NEAR;
            if worth && best.is_none_or(|b| found.length > b.length) {
                best = Some(found);
                if found.length >= enough {
                    break;
                }
            }
            // A place at the end of the reach has its entry overwritten by `at`.
            match self.before[place % REACH].checked_sub(1) {
                Some(before) if found.distance < REACH => place = before,
                _ => break,
            }
        }
        best
    }
}

/// How many bytes two texts begin with alike.
fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
