//! Powers of machine floats, computed in the steps that Terraform's are, so that the last bits agree.

/// `x` to the power of `y`.
#[expect(clippy::float_cmp, reason = "special cases of exactly these values")]
pub(super) fn power(x: f64, y: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() || x == 0.0 || y == 0.0 || x == 1.0 || y.abs() >= 2f64.powi(53) {
        return x.powf(y);
    }
    if y.abs() == 0.5 {
        return if y > 0.0 { x.sqrt() } else { 1.0 / x.sqrt() };
    }
    let mut whole = y.abs().trunc();
    let mut fraction = y.abs().fract();
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    let mut result = 1.0;
    let mut result_exponent = 0i64;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exponential(fraction * logarithm(x));
    }
    // Squaring and multiplying, with the exponent of two kept apart so that nothing overflows on the way.
    let (mut base, mut base_exponent) = split(x);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 0 to 2^53")]
    let mut left = whole as u64;
    while left != 0 {
        if base_exponent.abs() > 1 << 12 {
            result_exponent += base_exponent;
            break;
        }
        if left & 1 == 1 {
            result *= base;
            result_exponent += base_exponent;
        }
        base *= base;
        base_exponent *= 2;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        left >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    scale(result, result_exponent)
}

/// A factor of a size from 0.5 to 1, and the power of two it is to be multiplied by.
fn split(x: f64) -> (f64, i64) {
    let (x, subnormal) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(52), 52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent - subnormal)
}

fn scale(x: f64, exponent: i64) -> f64 {
    let (x, own) = split(x);
    let exponent = i32::try_from((exponent + own).clamp(-2000, 2000)).unwrap_or(0);
    // In two steps, since a factor of two alone may leave the range although the product does not.
    let first = exponent.clamp(-1000, 1000);
    x * 2f64.powi(first) * 2f64.powi(exponent - first)
}

/// The exponential function of a number of moderate size: the argument is brought near zero, where a short series is exact
/// enough, and the result squared four times. The method is Shibata's (2010).
fn exponential(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN_2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const SERIES: [f64; 8] = [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    if !(-700.0..700.0).contains(&x) {
        return x.exp();
    }
    let twos = (x * std::f64::consts::LOG2_E).round_ties_even();
    let near = (-twos).mul_add(LN_2_LOW, (-twos).mul_add(LN_2_HIGH, x)) / 16.0;
    let sum = SERIES[1..].iter().fold(SERIES[0], |sum, term| sum.mul_add(near, *term));
    // From here on it is what the result exceeds one by: (1 + r)^2 - 1 = r (r + 2).
    let excess = (0..3).fold(near * sum, |r, _| r * (r + 2.0));
    let result = excess.mul_add(excess + 2.0, 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most 1010")]
    let twos = twos as i64;
    scale(result, twos)
}

/// The natural logarithm of a positive number, by the series that the C library of the BSDs uses.
pub(super) fn logarithm(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const ODD: [f64; 4] =
        [1.479_819_860_511_658_591e-1, 1.818_357_216_161_805_012e-1, 2.857_142_874_366_239_149e-1, 6.666_666_666_666_735_130e-1];
    const EVEN: [f64; 3] = [1.531_383_769_920_937_332e-1, 2.222_219_843_214_978_396e-1, 3.999_999_999_940_941_908e-1];
    if x.is_nan() || x.is_infinite() || x < f64::MIN_POSITIVE {
        return x.ln();
    }
    let (mut factor, mut twos) = split(x);
    if factor < std::f64::consts::FRAC_1_SQRT_2 {
        factor *= 2.0;
        twos -= 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 1074")]
    let twos = twos as f64;
    let f = factor - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let series = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| sum * s4 + term);
    let rest = s2 * series(&ODD) + s4 * series(&EVEN);
    let half_square = 0.5 * f * f;
    twos * LN_2_HIGH - ((half_square - (s * (half_square + rest) + twos * LN_2_LOW)) - f)
}
