//! Prefix codes: frequent symbols get short ones.

use super::bits::Bits;
use std::cmp::Reverse;

/// For each symbol of an alphabet its bits; none for a symbol that does not occur.
#[derive(Debug)]
pub(super) struct Code {
    words: Vec<Word>,
}

/// The bits in the order they are written, and how many.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bits: u16,
    length: u8,
}

impl Code {
    /// The code that spends the fewest bits on these frequencies, with no word longer than `longest` (at most 15).
    pub(super) fn shortest(frequencies: &[u32], longest: usize) -> Self {
        Self::of_lengths(&lengths(frequencies, longest))
    }

    /// The one code that has these lengths: words are numbered by length, then by symbol (RFC 1951, 3.2.2).
    pub(super) fn of_lengths(lengths: &[u8]) -> Self {
        let mut words = vec![Word::default(); lengths.len()];
        let mut next = 0_u16;
        for length in 1..=15 {
            next <<= 1;
            for (word, _) in words.iter_mut().zip(lengths).filter(|(_, l)| **l == length) {
                // The first bit of a word is written first, which is the lowest one for `Bits`.
                *word = Word { bits: next.reverse_bits() >> (16 - length), length };
                next += 1;
            }
        }
        Self { words }
    }

    /// How long a symbol's word is, in bits; 0 for one without.
    pub(super) fn length(&self, symbol: usize) -> u8 {
        self.words[symbol].length
    }

    /// What it costs to write every symbol as often as said, in bits.
    pub(super) fn cost(&self, frequencies: &[u32]) -> u64 {
        frequencies.iter().zip(&self.words).map(|(f, w)| u64::from(*f) * u64::from(w.length)).sum()
    }

    /// Writes a symbol that has a word.
    pub(super) fn write(&self, out: &mut Bits, symbol: usize) {
        let word = self.words[symbol];
        out.push(word.bits.into(), word.length.into());
    }
}

/// How long each word is.
fn lengths(frequencies: &[u32], longest: usize) -> Vec<u8> {
    let mut used: Vec<(u32, usize)> = frequencies.iter().enumerate().filter(|(_, f)| **f > 0).map(|(s, f)| (*f, s)).collect();
    used.sort_unstable();
    let mut lengths = vec![0; frequencies.len()];
    if used.len() <= 2 {
        for (_, symbol) in used {
            lengths[symbol] = 1;
        }
        return lengths;
    }
    let weights: Vec<u32> = used.iter().map(|(f, _)| *f).collect();
    for rarest in rarest_with_a_bit(&weights, longest) {
        for (_, symbol) in &used[..rarest] {
            lengths[*symbol] += 1;
        }
    }
    lengths
}

/// An item of a row: a symbol by itself, or two items of the row below.
struct Item {
    weight: u32,
    is_symbol: bool,
}

/// The package-merge method of Larmore and Hirschberg: for each bit that a word may have, how many of the rarest symbols
/// have it. Weights ascend, and there are at least three.
fn rarest_with_a_bit(weights: &[u32], longest: usize) -> Vec<usize> {
    let depth = longest.min(weights.len() - 1);
    let mut rows = vec![merged(weights, &[])];
    for below in 0..depth - 1 {
        let pairs: Vec<u32> = rows[below].chunks_exact(2).map(|pair| pair[0].weight + pair[1].weight).collect();
        rows.push(merged(weights, &pairs));
    }
    let mut taken = 2 * weights.len() - 2;
    let mut counts = Vec::with_capacity(depth);
    for row in rows.iter().rev() {
        let symbols = row[..taken].iter().filter(|item| item.is_symbol).count();
        counts.push(symbols);
        taken = 2 * (taken - symbols);
    }
    debug_assert!(counts.is_sorted_by_key(|c| Reverse(*c)), "{counts:?}");
    counts
}

/// Symbols and pairs by weight. Of equals the pair comes first, as in Go: it decides between codes of the same cost.
fn merged(symbols: &[u32], pairs: &[u32]) -> Vec<Item> {
    let pairs = pairs.iter().map(|w| Item { weight: *w, is_symbol: false });
    let symbols = symbols.iter().map(|w| Item { weight: *w, is_symbol: true });
    let mut row: Vec<Item> = pairs.chain(symbols).collect();
    row.sort_by_key(|item| item.weight);
    row
}
