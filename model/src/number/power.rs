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
        result = (fraction * x.ln()).exp();
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
