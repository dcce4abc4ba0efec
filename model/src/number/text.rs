//! How numbers are written in decimal: the shortest digits that read back the same, or a fixed count of them.

use super::{Number, Repr};
use dashu_int::UBig;
use dashu_int::ops::BitTest;
use std::fmt;

/// `0.digits * 10^point`, without zeros at the end; no digits for zero.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn exact(mantissa: &UBig, exponent: i64) -> Self {
        let size = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        let (whole, scale) = if exponent >= 0 { (mantissa << size, 0) } else { (mantissa * UBig::from(5u8).pow(size), exponent) };
        if whole.is_zero() {
            return Self { digits: Vec::new(), point: 0 };
        }
        let digits = whole.to_string().into_bytes();
        let point = i64::try_from(digits.len()).unwrap_or(i64::MAX) + scale;
        let mut d = Self { digits, point };
        d.trim();
        d
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn at(&self, i: usize) -> u8 {
        self.digits.get(i).copied().unwrap_or(b'0')
    }

    fn round_down(&mut self, n: usize) {
        self.digits.truncate(n);
        self.trim();
    }

    fn round_up(&mut self, mut n: usize) {
        while n > 0 && self.digits[n - 1] == b'9' {
            n -= 1;
        }
        if n == 0 {
            self.digits = vec![b'1'];
            self.point += 1;
            return;
        }
        self.digits.truncate(n);
        self.digits[n - 1] += 1;
    }

    /// Rounds to `n` digits, half to even.
    fn round(&mut self, n: i64) {
        let Ok(n) = usize::try_from(n) else {
            return self.round_down(0);
        };
        if n >= self.digits.len() {
            return;
        }
        let up = if self.digits[n] == b'5' && n + 1 == self.digits.len() {
            n > 0 && self.digits[n - 1] % 2 == 1
        } else {
            self.digits[n] >= b'5'
        };
        if up { self.round_up(n) } else { self.round_down(n) }
    }

    /// Drops the digits that `precision` bits do not need: the first prefix that lies between the neighbours' midpoints.
    fn shorten(&mut self, mantissa: &UBig, exponent: i64, precision: u16) {
        if self.digits.is_empty() {
            return;
        }
        let want = usize::from(precision) + 1;
        let shift = want.saturating_sub(mantissa.bit_len());
        let (unit, exponent) = (mantissa << shift, exponent - i64::try_from(shift).unwrap_or(0));
        let lower = Self::exact(&(&unit - UBig::ONE), exponent);
        let upper = Self::exact(&(&unit + UBig::ONE), exponent);
        // The midpoints themselves round to even mantissas only; the last bit here is half a unit.
        let inclusive = !unit.bit(1);
        for i in 0..self.digits.len() {
            let (l, m, u) = (lower.at(i), self.digits[i], upper.at(i));
            let down = l != m || inclusive && i + 1 == lower.digits.len();
            let up = m != u && (inclusive || m + 1 < u || i + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return self.round(i64::try_from(i + 1).unwrap_or(i64::MAX)),
                (true, false) => return self.round_down(i + 1),
                (false, true) => return self.round_up(i + 1),
                (false, false) => {}
            }
        }
    }

    fn plain(&self, fraction: usize) -> String {
        let mut out = Vec::new();
        match usize::try_from(self.point) {
            Ok(point) if point > 0 => out.extend((0..point).map(|i| self.at(i))),
            _ => out.push(b'0'),
        }
        if fraction > 0 {
            out.push(b'.');
            out.extend((0..fraction).map(|i| {
                let place = self.point + i64::try_from(i).unwrap_or(i64::MAX);
                usize::try_from(place).map_or(b'0', |i| self.at(i))
            }));
        }
        String::from_utf8(out).unwrap_or_default()
    }

    fn scientific(&self, fraction: usize, letter: char) -> String {
        let digit = |i: usize| char::from(self.at(i));
        let mut out = String::from(digit(0));
        if fraction > 0 {
            out.push('.');
            out.extend((1..=fraction).map(digit));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        out + &format!("{letter}{sign}{:02}", exponent.unsigned_abs())
    }
}

/// How to write a number; see [`Number::to_text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `123.456`
    Plain,
    /// `1.23456e+02`, with the letter given
    Scientific(char),
    /// Scientific for large and small exponents (with the letter given), else plain.
    General(char),
}

impl Number {
    /// The number in decimal with so many digits (after the point; for `General`, in all), or with as few as read back
    /// the same at its precision.
    pub fn to_text(&self, notation: Notation, digits: Option<usize>) -> String {
        let Some((negative, mantissa, exponent)) = self.parts() else {
            return if self.is_negative() { "-Inf" } else { "+Inf" }.into();
        };
        let mut decimal = Decimal::exact(&mantissa, exponent);
        let as_i64 = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        match (digits, notation) {
            (None, _) => decimal.shorten(&mantissa, exponent, self.precision),
            (Some(n), Notation::Plain) => decimal.round(decimal.point + as_i64(n)),
            (Some(n), Notation::Scientific(_)) => decimal.round(as_i64(n) + 1),
            (Some(n), Notation::General(_)) => decimal.round(as_i64(n.max(1))),
        }
        let len = decimal.digits.len();
        let after_point = usize::try_from(as_i64(len) - decimal.point).unwrap_or(0);
        let text = match (notation, digits) {
            (Notation::Plain, n) => decimal.plain(n.unwrap_or(after_point)),
            (Notation::Scientific(letter), n) => decimal.scientific(n.unwrap_or(len.saturating_sub(1)), letter),
            (Notation::General(letter), n) => {
                let wanted = as_i64(n.map_or(len, |n| n.max(1)));
                let threshold = match n {
                    None => 6,
                    Some(_) if wanted > as_i64(len) && as_i64(len) >= decimal.point => as_i64(len),
                    Some(_) => wanted,
                };
                if decimal.point - 1 < -4 || decimal.point > threshold {
                    decimal.scientific(len.saturating_sub(1), letter)
                } else {
                    decimal.plain(after_point)
                }
            }
        };
        if negative { format!("-{text}") } else { text }
    }
}

/// Terraform's text of a number: the shortest decimal that reads back the same, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repr {
            Repr::Int(n) if self.precision >= super::COUNT_PRECISION => fmt::Display::fmt(&n, f),
            _ => f.pad(&self.to_text(Notation::Plain, None)),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
