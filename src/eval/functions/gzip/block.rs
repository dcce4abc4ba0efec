//! A block of a deflate stream: its symbols to bits, in whichever of the three forms takes the fewest.

use super::bits::Bits;
use super::code::Code;
use super::repetitions::{Match, Symbol};
use std::iter::repeat_n;
use std::sync::LazyLock;

/// The alphabet of literals, of the end of a block, and of lengths.
const LITERALS: usize = 286;
const END: usize = 256;
const DISTANCES: usize = 30;

const LENGTH_BASE: [usize; 29] =
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA: [u8; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE: [usize; DISTANCES] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
    24577,
];
const DISTANCE_EXTRA: [u8; DISTANCES] = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

/// The order in which the lengths of the code for lengths are written.
const LENGTHS_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The codes that everybody knows.
static FIXED: LazyLock<Codes> = LazyLock::new(|| {
    let literals = [repeat_n(8, 144), repeat_n(9, 112), repeat_n(7, 24), repeat_n(8, 8)];
    let literals: Vec<u8> = literals.into_iter().flatten().collect();
    Codes { literals: Code::of_lengths(&literals), distances: Code::of_lengths(&[5; DISTANCES]) }
});

/// Writes a block that is not the last one. `covered` is what the symbols stand for, if it may be stored.
pub(super) fn write(out: &mut Bits, symbols: &[Symbol], covered: Option<&[u8]>) {
    let frequencies = Frequencies::of(symbols);
    let own = OwnCodes::for_these(&frequencies);
    let extra = frequencies.extra_bits();
    let fixed_cost = 3 + FIXED.cost(&frequencies) + extra;
    let own_cost = 3 + own.header_cost() + own.codes.cost(&frequencies) + extra;
    let stored_cost = |bytes: &[u8]| 8 * (bytes.len() as u64 + 5);
    match covered {
        Some(bytes) if u16::try_from(bytes.len()).is_ok() && stored_cost(bytes) < fixed_cost.min(own_cost) => {
            write_stored(out, bytes, false);
        }
        _ if own_cost < fixed_cost => {
            out.push(0b100, 3);
            own.write_header(out);
            own.codes.write(out, symbols);
        }
        _ => {
            out.push(0b010, 3);
            FIXED.write(out, symbols);
        }
    }
}

/// Writes at most 65535 bytes as they are.
pub(super) fn write_stored(out: &mut Bits, bytes: &[u8], last: bool) {
    let length = u16::try_from(bytes.len()).expect("the caller has looked at the length");
    out.push(last.into(), 3);
    out.align();
    out.extend(&length.to_le_bytes());
    out.extend(&(!length).to_le_bytes());
    out.extend(bytes);
}

/// A value as a symbol and bits behind it.
struct Split {
    symbol: usize,
    extra: usize,
    extra_bits: u8,
}

/// The last symbol whose base is not larger; the rest goes into its extra bits.
fn split(value: usize, base: &[usize], extra_bits: &[u8]) -> Split {
    let symbol = base.partition_point(|b| *b <= value) - 1;
    Split { symbol, extra: value - base[symbol], extra_bits: extra_bits[symbol] }
}

fn split_length(found: &Match) -> Split {
    let split = split(found.length, &LENGTH_BASE, &LENGTH_EXTRA);
    Split { symbol: END + 1 + split.symbol, ..split }
}

fn split_distance(found: &Match) -> Split {
    split(found.distance, &DISTANCE_BASE, &DISTANCE_EXTRA)
}

/// How often each symbol of either alphabet occurs in a block.
struct Frequencies {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
}

impl Frequencies {
    fn of(symbols: &[Symbol]) -> Self {
        let mut of = Self { literals: [0; LITERALS], distances: [0; DISTANCES] };
        for symbol in symbols {
            match symbol {
                Symbol::Literal(byte) => of.literals[usize::from(*byte)] += 1,
                Symbol::Match(found) => {
                    of.literals[split_length(found).symbol] += 1;
                    of.distances[split_distance(found).symbol] += 1;
                }
            }
        }
        of.literals[END] = 1;
        if of.distances.iter().all(|f| *f == 0) {
            // A block's own code of distances cannot be empty. It counts for the costs, as in Go.
            of.distances[0] = 1;
        }
        of
    }

    /// What stands behind symbols costs the same whatever the code.
    fn extra_bits(&self) -> u64 {
        let sum = |f: &[u32], bits: &[u8]| -> u64 { f.iter().zip(bits).map(|(f, b)| u64::from(*f) * u64::from(*b)).sum() };
        sum(&self.literals[END + 1..], &LENGTH_EXTRA) + sum(&self.distances, &DISTANCE_EXTRA)
    }
}

/// How many symbols there are up to the last one that occurs.
fn used(frequencies: &[u32]) -> usize {
    frequencies.iter().rposition(|f| *f > 0).map_or(0, |last| last + 1)
}

/// A code for either alphabet.
struct Codes {
    literals: Code,
    distances: Code,
}

impl Codes {
    fn cost(&self, frequencies: &Frequencies) -> u64 {
        self.literals.cost(&frequencies.literals) + self.distances.cost(&frequencies.distances)
    }

    fn write(&self, out: &mut Bits, symbols: &[Symbol]) {
        for symbol in symbols {
            match symbol {
                Symbol::Literal(byte) => self.literals.write(out, usize::from(*byte)),
                Symbol::Match(found) => {
                    write_split(out, &self.literals, &split_length(found));
                    write_split(out, &self.distances, &split_distance(found));
                }
            }
        }
        self.literals.write(out, END);
    }
}

fn write_split(out: &mut Bits, code: &Code, split: &Split) {
    code.write(out, split.symbol);
    push(out, split.extra, split.extra_bits.into());
}

fn push(out: &mut Bits, value: usize, count: u32) {
    out.push(u32::try_from(value).expect("a few bits"), count);
}

/// Codes made for one block, and how they are told.
struct OwnCodes {
    codes: Codes,
    /// How many of either alphabet are told.
    literals: usize,
    distances: usize,
    lengths: Vec<Length>,
    /// The code in which they are told, how many of its own lengths are, and what all of it costs.
    code: Code,
    code_lengths: usize,
    cost: u64,
}

/// A symbol of the alphabet in which the lengths of codes are told: a length, or a repetition with its extra bits.
struct Length {
    symbol: usize,
    extra: usize,
}

/// The extra bits of the three repetitions.
fn extra_of_length(symbol: usize) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

impl OwnCodes {
    fn for_these(frequencies: &Frequencies) -> Self {
        let codes = Codes { literals: Code::shortest(&frequencies.literals, 15), distances: Code::shortest(&frequencies.distances, 15) };
        let (literals, distances) = (used(&frequencies.literals), used(&frequencies.distances));
        let told = (0..literals).map(|s| codes.literals.length(s)).chain((0..distances).map(|s| codes.distances.length(s)));
        let lengths = shortened(&told.collect::<Vec<_>>());
        let mut counts = [0; LENGTHS_ORDER.len()];
        lengths.iter().for_each(|l| counts[l.symbol] += 1);
        let code = Code::shortest(&counts, 7);
        let code_lengths = LENGTHS_ORDER.iter().rposition(|s| counts[*s] > 0).map_or(0, |last| last + 1).max(4);
        let extra: u64 = lengths.iter().map(|l| u64::from(extra_of_length(l.symbol))).sum();
        let cost = 5 + 5 + 4 + 3 * code_lengths as u64 + code.cost(&counts) + extra;
        Self { codes, literals, distances, lengths, code, code_lengths, cost }
    }

    fn header_cost(&self) -> u64 {
        self.cost
    }

    fn write_header(&self, out: &mut Bits) {
        push(out, self.literals - 257, 5);
        push(out, self.distances - 1, 5);
        push(out, self.code_lengths - 4, 4);
        for symbol in &LENGTHS_ORDER[..self.code_lengths] {
            out.push(self.code.length(*symbol).into(), 3);
        }
        for length in &self.lengths {
            self.code.write(out, length.symbol);
            push(out, length.extra, extra_of_length(length.symbol));
        }
    }
}

/// Lengths in a row with repetitions told as such (RFC 1951, 3.2.7), each as long as may be.
fn shortened(lengths: &[u8]) -> Vec<Length> {
    let mut told = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let itself = || Length { symbol: run[0].into(), extra: 0 };
        let mut left = run.len();
        if run[0] == 0 {
            while left >= 11 {
                let n = left.min(138);
                told.push(Length { symbol: 18, extra: n - 11 });
                left -= n;
            }
            if left >= 3 {
                told.push(Length { symbol: 17, extra: left - 3 });
                left = 0;
            }
        } else {
            told.push(itself());
            left -= 1;
            while left >= 3 {
                let n = left.min(6);
                told.push(Length { symbol: 16, extra: n - 3 });
                left -= n;
            }
        }
        told.extend((0..left).map(|_| itself()));
    }
    told
}
