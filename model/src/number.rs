//! Numbers as Terraform has them: binary floats that carry their own precision, with a fast path for small integers.
//!
//! Literals and arithmetic carry 512 bits, counts 64, and what comes from a machine float 53. The precision decides how
//! results round and how many digits are printed; it takes no part in comparison.

use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem};
use std::cmp::Ordering;
use std::sync::Arc;
use thiserror::Error;

mod order;
mod power;
mod text;
pub use text::Notation;

/// Bits that literals and arithmetic carry, as in Terraform.
pub const PRECISION: u16 = 512;
/// Bits of a number that came from a machine float.
pub const FLOAT_PRECISION: u16 = 53;
/// Bits of a number that came from a machine integer, such as a length.
pub const COUNT_PRECISION: u16 = 64;

/// Powers of ten beyond this are taken for infinity or zero.
const MAX_DECIMAL_EXPONENT: i64 = 200_000;

/// A number. The representation is canonical, so that equal numbers compare equal.
#[derive(Clone)]
pub struct Number {
    repr: Repr,
    precision: u16,
}

#[derive(Clone)]
enum Repr {
    Int(i64),
    NegativeZero,
    /// Whatever `Int` cannot hold.
    Binary(Arc<Binary>),
    Infinity {
        negative: bool,
    },
}

/// `mantissa * 2^exponent` with an odd mantissa.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Binary {
    negative: bool,
    mantissa: UBig,
    exponent: i64,
}

/// An operation without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberError {
    /// `∞ + -∞`
    #[error("can't compute sum of opposing infinities")]
    OpposingInfinities,
    /// `∞ - ∞`
    #[error("can't subtract infinity from itself")]
    InfinityMinusInfinity,
    /// `0 * ∞`
    #[error("can't multiply zero by infinity")]
    ZeroTimesInfinity,
    /// `0 / 0`, `∞ / ∞`
    #[error("can't divide zero by zero or infinity by infinity")]
    Indeterminate,
    /// `∞ % 0`
    #[error("can't use modulo with zero and infinity")]
    ModuloInfinity,
}

/// The parts of a finite number: whether it is negative, mantissa, exponent.
type Parts = (bool, UBig, i64);

/// Making.
impl Number {
    /// Zero.
    pub const ZERO: Self = Self { repr: Repr::Int(0), precision: PRECISION };
    /// One.
    pub const ONE: Self = Self { repr: Repr::Int(1), precision: PRECISION };

    /// Infinity of a sign.
    pub const fn infinity(negative: bool) -> Self {
        Self { repr: Repr::Infinity { negative }, precision: PRECISION }
    }

    /// A number that counts something: it carries 64 bits only, as lengths do in Terraform.
    pub fn count(n: usize) -> Self {
        Self::from(n).with_precision(COUNT_PRECISION)
    }

    /// A machine float, with its 53 bits; None for not-a-number.
    pub fn from_f64(f: f64) -> Option<Self> {
        if f.is_nan() {
            return None;
        }
        if f.is_infinite() {
            return Some(Self { precision: FLOAT_PRECISION, ..Self::infinity(f < 0.0) });
        }
        let bits = f.to_bits();
        let (field, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
        let exponent = i64::try_from(field.max(1)).expect("eleven bits") - 1075;
        let mantissa = if field == 0 { fraction } else { fraction | 1 << 52 };
        Some(Self::rounded(f.is_sign_negative(), UBig::from(mantissa), exponent, false, FLOAT_PRECISION))
    }

    /// Reads a decimal number as literals, JSON and strings have it, with an optional sign, fraction and exponent.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() <= 18 && !text.starts_with(['-', '+']) && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse::<i64>().ok().map(Self::from);
        }
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "Inf" || rest == "inf" {
            return Some(Self::infinity(negative));
        }
        let (digits, exponent) = match rest.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, parse_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mantissa = UBig::from_str_radix(&all, 10).ok()?;
        Some(Self::from_decimal(negative, mantissa, exponent.saturating_sub(i64::try_from(fraction.len()).ok()?)))
    }

    /// The integer with these digits in a base, exactly: it carries as many bits as it needs.
    pub fn from_digits(negative: bool, digits: &[u32], base: u32) -> Self {
        let mantissa = digits.iter().fold(UBig::ZERO, |n, &digit| n * base + digit);
        let bits = u16::try_from(mantissa.bit_len()).unwrap_or(u16::MAX).max(COUNT_PRECISION);
        Self::rounded(negative, mantissa, 0, false, bits).unsigned_zero()
    }

    /// The digits of a whole number's size in base 2, 8, 10 or 16; None for any other number.
    pub fn to_digits(&self, base: u32) -> Option<String> {
        let (_, mantissa, exponent) = self.parts().filter(|_| self.is_integer())?;
        let whole = mantissa << usize::try_from(exponent).ok()?;
        Some(match base {
            2 => format!("{whole:b}"),
            8 => format!("{whole:o}"),
            16 => format!("{whole:x}"),
            _ => whole.to_string(),
        })
    }

    /// The same number rounded to so many bits, which it carries from now on.
    #[must_use]
    pub fn with_precision(self, precision: u16) -> Self {
        match self.parts() {
            Some((negative, mantissa, exponent)) if mantissa.bit_len() > usize::from(precision) => {
                Self::rounded(negative, mantissa, exponent, false, precision)
            }
            _ => Self { repr: self.repr, precision },
        }
    }

    fn from_decimal(negative: bool, mantissa: UBig, exponent: i64) -> Self {
        if mantissa.is_zero() || exponent < -MAX_DECIMAL_EXPONENT {
            return Self::zero(negative, PRECISION);
        }
        if exponent > MAX_DECIMAL_EXPONENT {
            return Self::infinity(negative);
        }
        let power = UBig::from(5u8).pow(usize::try_from(exponent.unsigned_abs()).expect("bounded above"));
        if exponent >= 0 {
            return Self::rounded(negative, mantissa * power, exponent, false, PRECISION);
        }
        let (quotient, shift, rest) = long_division(&mantissa, &power, PRECISION);
        Self::rounded(negative, quotient, exponent - shift, rest, PRECISION)
    }

    fn zero(negative: bool, precision: u16) -> Self {
        Self { repr: if negative { Repr::NegativeZero } else { Repr::Int(0) }, precision }
    }

    fn int(n: i64, precision: u16) -> Self {
        Self { repr: Repr::Int(n), precision }
    }

    /// Rounds half to even. `sticky` says that something not zero follows the mantissa's last bit.
    fn rounded(negative: bool, mut mantissa: UBig, mut exponent: i64, sticky: bool, precision: u16) -> Self {
        let bits = mantissa.bit_len();
        let keep = usize::from(precision);
        if bits > keep {
            let drop = bits - keep;
            let half = mantissa.bit(drop - 1);
            let below = sticky || mantissa.trailing_zeros().is_some_and(|zeros| zeros < drop - 1);
            mantissa >>= drop;
            if half && (below || mantissa.bit(0)) {
                mantissa += 1u8;
            }
            exponent += as_exponent(drop);
        }
        let Some(zeros) = mantissa.trailing_zeros() else { return Self::zero(negative, precision) };
        mantissa >>= zeros;
        exponent += as_exponent(zeros);
        let repr = match small_integer(negative, &mantissa, exponent) {
            Some(n) => Repr::Int(n),
            None => Repr::Binary(Arc::new(Binary { negative, mantissa, exponent })),
        };
        Self { repr, precision }
    }
}

/// Questions.
impl Number {
    /// The bits it carries.
    pub fn precision(&self) -> u16 {
        self.precision
    }
    /// Whether it is infinite.
    pub fn is_infinite(&self) -> bool {
        matches!(self.repr, Repr::Infinity { .. })
    }
    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.repr, Repr::Int(0) | Repr::NegativeZero)
    }
    /// Whether it is less than zero, or the negative zero.
    pub fn is_negative(&self) -> bool {
        match &self.repr {
            Repr::Int(n) => *n < 0,
            Repr::NegativeZero => true,
            Repr::Binary(b) => b.negative,
            Repr::Infinity { negative } => *negative,
        }
    }
    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.repr {
            Repr::Int(_) | Repr::NegativeZero => true,
            Repr::Binary(b) => b.exponent >= 0,
            Repr::Infinity { .. } => false,
        }
    }
    /// The number, if it is whole and in range.
    pub fn as_i64(&self) -> Option<i64> {
        match self.repr {
            Repr::Int(n) => Some(n),
            Repr::NegativeZero => Some(0),
            _ => None,
        }
    }
    /// The number, if it is whole and in range.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.repr {
            Repr::Binary(b) if !b.negative && b.exponent >= 0 && b.exponent < 64 => {
                u64::try_from(&b.mantissa << usize::try_from(b.exponent).ok()?).ok()
            }
            _ => u64::try_from(self.as_i64()?).ok(),
        }
    }
    /// The number, if it is whole and in range.
    pub fn as_usize(&self) -> Option<usize> {
        usize::try_from(self.as_u64()?).ok()
    }
    /// The nearest machine float; infinite where it is too large.
    pub fn as_f64(&self) -> f64 {
        let (negative, mantissa, exponent) = match (&self.repr, self.parts()) {
            (Repr::NegativeZero, _) => return -0.0,
            (_, Some(parts)) => parts,
            (_, None) => return if self.is_negative() { f64::NEG_INFINITY } else { f64::INFINITY },
        };
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        if mantissa.bit_len() > usize::from(FLOAT_PRECISION)
            && let Some((_, m, e)) = Self::rounded(false, mantissa.clone(), exponent, false, FLOAT_PRECISION).parts()
        {
            (mantissa, exponent) = (m, e);
        }
        // The rounded mantissa and the steps of the scaling are exact unless the result is subnormal.
        let whole = mantissa.to_f64().value();
        let exponent = i32::try_from(exponent.clamp(-2200, 2200)).expect("clamped");
        let first = exponent.clamp(-1000, 1000);
        let second = (exponent - first).clamp(-1000, 1000);
        let third = exponent - first - second;
        let f = whole * 2f64.powi(first) * 2f64.powi(second) * 2f64.powi(third);
        if negative { -f } else { f }
    }

    fn parts(&self) -> Option<Parts> {
        match &self.repr {
            Repr::Int(n) => Some((*n < 0, UBig::from(n.unsigned_abs()), 0)),
            Repr::NegativeZero => Some((true, UBig::ZERO, 0)),
            Repr::Binary(b) => Some((b.negative, b.mantissa.clone(), b.exponent)),
            Repr::Infinity { .. } => None,
        }
    }

    /// Both integers and the precision of the result, where machine arithmetic gives what the general one would.
    fn small_pair(&self, other: &Self) -> Option<(i64, i64, u16)> {
        let precision = self.precision.max(other.precision);
        match (&self.repr, &other.repr) {
            (Repr::Int(a), Repr::Int(b)) if precision >= COUNT_PRECISION => Some((*a, *b, precision)),
            _ => None,
        }
    }
}

/// Arithmetic. The result carries the greater precision of the two.
impl Number {
    /// `self + other`
    pub fn add(&self, other: &Self) -> Result<Self, NumberError> {
        if let Some((a, b, precision)) = self.small_pair(other)
            && let Some(sum) = a.checked_add(b)
        {
            return Ok(Self::int(sum, precision));
        }
        let precision = self.precision.max(other.precision);
        match (self.parts(), other.parts()) {
            (Some(a), Some(b)) => Ok(Self::sum(a, b, precision)),
            (None, None) if self.is_negative() != other.is_negative() => Err(NumberError::OpposingInfinities),
            (None, _) => Ok(self.clone()),
            (_, None) => Ok(other.clone()),
        }
    }

    /// `self - other`
    pub fn sub(&self, other: &Self) -> Result<Self, NumberError> {
        if let Some((a, b, precision)) = self.small_pair(other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Ok(Self::int(difference, precision));
        }
        self.add(&other.neg()).map_err(|_| NumberError::InfinityMinusInfinity)
    }

    /// `self * other`
    pub fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        if let Some((a, b, precision)) = self.small_pair(other)
            && let Some(product) = a.checked_mul(b)
            && product != 0
        {
            return Ok(Self::int(product, precision));
        }
        let negative = self.is_negative() != other.is_negative();
        let precision = self.precision.max(other.precision);
        match (self.parts(), other.parts()) {
            (Some((_, a, e)), Some((_, b, f))) => {
                // The product keeps as many bits as it needs, up to the most that arithmetic carries.
                let product = Self::rounded(negative, a * b, e + f, false, PRECISION.max(precision));
                let needed = product.parts().map_or(0, |(_, m, _)| m.bit_len());
                Ok(Self { repr: product.repr, precision: precision.max(u16::try_from(needed).unwrap_or(PRECISION)) })
            }
            _ if self.is_zero() || other.is_zero() => Err(NumberError::ZeroTimesInfinity),
            _ => Ok(Self::infinity(negative)),
        }
    }

    /// `self / other`. Division of something by zero is infinite.
    pub fn div(&self, other: &Self) -> Result<Self, NumberError> {
        if let Some((a, b, precision)) = self.small_pair(other)
            && a != 0
            && a.checked_rem(b) == Some(0)
        {
            return Ok(Self::int(a / b, precision));
        }
        let negative = self.is_negative() != other.is_negative();
        let precision = self.precision.max(other.precision);
        match (self.parts(), other.parts()) {
            (None, None) => Err(NumberError::Indeterminate),
            (None, _) => Ok(Self::infinity(negative)),
            (_, None) => Ok(Self::zero(negative, precision)),
            (Some(_), Some((_, b, _))) if b.is_zero() => {
                if self.is_zero() {
                    Err(NumberError::Indeterminate)
                } else {
                    Ok(Self::infinity(negative))
                }
            }
            (Some((_, a, _)), _) if a.is_zero() => Ok(Self::zero(negative, precision)),
            (Some((_, a, e)), Some((_, b, f))) => {
                let (quotient, shift, rest) = long_division(&a, &b, precision);
                Ok(Self::rounded(negative, quotient, e - f - shift, rest, precision))
            }
        }
    }

    /// `self % other`: what is left after the quotient, rounded to carry, was truncated. `self` where `other` is zero.
    pub fn rem(&self, other: &Self) -> Result<Self, NumberError> {
        if let Some((a, b, precision)) = self.small_pair(other)
            && b != 0
        {
            return Ok(Self::int(a.checked_rem(b).unwrap_or(0), precision));
        }
        if self.is_infinite() || other.is_infinite() {
            return self.mul(other).map_err(|_| NumberError::ModuloInfinity);
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        let precision = self.precision;
        let whole = self.div(other)?.trunc().with_precision(precision);
        let product = whole.mul(other)?.with_precision(precision);
        Ok(self.sub(&product)?.with_precision(precision))
    }

    /// `-self`. The negative of zero is the negative zero, which prints with its sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        let repr = match &self.repr {
            Repr::Int(0) => Repr::NegativeZero,
            Repr::NegativeZero => Repr::Int(0),
            Repr::Int(n) => match n.checked_neg() {
                Some(n) => Repr::Int(n),
                None => return Self::rounded(false, UBig::from(n.unsigned_abs()), 0, false, self.precision),
            },
            Repr::Binary(b) => return Self::rounded(!b.negative, b.mantissa.clone(), b.exponent, false, self.precision),
            Repr::Infinity { negative } => Repr::Infinity { negative: !negative },
        };
        Self { repr, precision: self.precision }
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// The whole part.
    #[must_use]
    pub fn trunc(&self) -> Self {
        match &self.repr {
            Repr::Binary(b) if b.exponent < 0 => {
                let drop = usize::try_from(b.exponent.unsigned_abs()).unwrap_or(usize::MAX);
                Self::rounded(b.negative, &b.mantissa >> drop, 0, false, self.precision).unsigned_zero()
            }
            _ => self.clone(),
        }
    }

    /// The greatest whole number that is not greater.
    #[must_use]
    pub fn floor(&self) -> Self {
        let whole = self.trunc().unsigned_zero();
        if whole > *self { whole.add(&Self::int(-1, self.precision)).unwrap_or(whole) } else { whole }
    }

    /// The least whole number that is not less.
    #[must_use]
    pub fn ceil(&self) -> Self {
        let whole = self.trunc().unsigned_zero();
        if whole < *self { whole.add(&Self::int(1, self.precision)).unwrap_or(whole) } else { whole }
    }

    /// `self` to the power of `exponent`, as machine floats. None where the result is not a number.
    pub fn pow(&self, exponent: &Self) -> Option<Self> {
        Self::from_f64(power::power(self.as_f64(), exponent.as_f64()))
    }

    /// The logarithm in `base`, as machine floats. None where the result is not a number.
    pub fn log(&self, base: &Self) -> Option<Self> {
        Self::from_f64(power::logarithm(self.as_f64()) / power::logarithm(base.as_f64()))
    }

    fn unsigned_zero(self) -> Self {
        if matches!(self.repr, Repr::NegativeZero) { Self::zero(false, self.precision) } else { self }
    }

    fn sum(a: Parts, b: Parts, precision: u16) -> Self {
        let ((an, am, ae), (bn, bm, be)) = (a, b);
        if am.is_zero() || bm.is_zero() {
            let (negative, mantissa, exponent) = if am.is_zero() { (bn, bm, be) } else { (an, am, ae) };
            let negative = if mantissa.is_zero() { an && bn } else { negative };
            return Self::rounded(negative, mantissa, exponent, false, precision);
        }
        let exponent = ae.min(be);
        let align = |m: UBig, e: i64| m << usize::try_from(e - exponent).unwrap_or(0);
        let (am, bm) = (align(am, ae), align(bm, be));
        if an == bn {
            return Self::rounded(an, am + bm, exponent, false, precision);
        }
        match am.cmp(&bm) {
            Ordering::Equal => Self::zero(false, precision),
            Ordering::Greater => Self::rounded(an, am - bm, exponent, false, precision),
            Ordering::Less => Self::rounded(bn, bm - am, exponent, false, precision),
        }
    }
}

/// Quotient with at least two bits more than `precision`, the left shift it was made with, and whether something is left.
fn long_division(a: &UBig, b: &UBig, precision: u16) -> (UBig, i64, bool) {
    let shift = (usize::from(precision) + 2 + b.bit_len()).saturating_sub(a.bit_len());
    let (quotient, rest) = (a << shift).div_rem(b);
    (quotient, as_exponent(shift), !rest.is_zero())
}

fn as_exponent(bits: usize) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -size } else { size })
}

fn small_integer(negative: bool, mantissa: &UBig, exponent: i64) -> Option<i64> {
    if !(0..64).contains(&exponent) || mantissa.bit_len() > 64 {
        return None;
    }
    let size = i128::from(u64::try_from(mantissa).ok()?) << exponent;
    i64::try_from(if negative { -size } else { size }).ok()
}

macro_rules! from_small {
    ($($int:ty),*) => {$(
        impl From<$int> for Number {
            fn from(n: $int) -> Self {
                Self::int(n.into(), PRECISION)
            }
        }
    )*};
}
from_small!(i64, i32, u32, u16, u8);

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Self::rounded(false, UBig::from(n), 0, false, PRECISION)
    }
}

impl From<usize> for Number {
    fn from(n: usize) -> Self {
        Self::from(n as u64)
    }
}

/// See [`Number::from_f64`]; not-a-number, which Terraform lacks, becomes zero.
impl From<f64> for Number {
    fn from(f: f64) -> Self {
        Self::from_f64(f).unwrap_or(Self::ZERO)
    }
}

#[cfg(test)]
mod tests;
