//! Numbers compare by value: neither precision nor the sign of zero counts.

use super::{Number, Parts, Repr, as_exponent};
use dashu_int::ops::BitTest;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Binary(a), Repr::Binary(b)) => a == b,
            (Repr::Infinity { negative: a }, Repr::Infinity { negative: b }) => a == b,
            _ => self.is_zero() && other.is_zero(),
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.repr {
            Repr::Int(n) => n.hash(state),
            Repr::NegativeZero => 0i64.hash(state),
            Repr::Binary(b) => b.hash(state),
            Repr::Infinity { negative } => negative.hash(state),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr) {
            return a.cmp(b);
        }
        if self == other {
            return Ordering::Equal;
        }
        let sign = |n: &Self| {
            if n.is_zero() {
                0
            } else if n.is_negative() {
                -1
            } else {
                1
            }
        };
        let (a, b) = (sign(self), sign(other));
        if a != b {
            return a.cmp(&b);
        }
        let size = match (self.parts(), other.parts()) {
            (Some(x), Some(y)) => compare_sizes(x, y),
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, None) => Ordering::Equal,
        };
        if a < 0 { size.reverse() } else { size }
    }
}

fn compare_sizes(a: Parts, b: Parts) -> Ordering {
    let magnitude = |p: &Parts| p.2 + as_exponent(p.1.bit_len());
    magnitude(&a).cmp(&magnitude(&b)).then_with(|| {
        let exponent = a.2.min(b.2);
        let align = |p: Parts| p.1 << usize::try_from(p.2 - exponent).unwrap_or(0);
        align(a).cmp(&align(b))
    })
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
