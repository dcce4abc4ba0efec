//! Amounts as Kubernetes writes them: `500m`, `1Gi`, `2e3`.

/// An amount: a whole number times a power of ten times a power of two.
#[derive(Clone, Copy, Debug)]
struct Amount {
    digits: i128,
    ten: i32,
    two: u32,
}

/// Whether two texts are the same amount. Texts that are no amounts are the same when they are equal.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || matches!((parse(a), parse(b)), (Some(a), Some(b)) if equal(a, b))
}

fn equal(a: Amount, b: Amount) -> bool {
    let ten = a.ten.min(b.ten);
    let whole = |x: Amount| {
        let tens = 10_i128.checked_pow(u32::try_from(x.ten - ten).ok()?)?;
        x.digits.checked_mul(tens)?.checked_mul(1_i128.checked_shl(x.two)?)
    };
    matches!((whole(a), whole(b)), (Some(a), Some(b)) if a == b)
}

fn parse(text: &str) -> Option<Amount> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (ten, two) = match unit {
        "" => (0, 0),
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        power => (power.strip_prefix(['e', 'E'])?.parse().ok()?, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}").parse().ok()?;
    Some(Amount { digits, ten: ten - i32::try_from(part.len()).ok()?, two })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_by_what_they_are() {
        for (a, b) in [("1000m", "1"), ("1", "1.0"), ("1024Mi", "1Gi"), ("0.5", "500m"), ("1e3", "1k"), ("1.5Gi", "1536Mi"), ("x", "x")] {
            assert!(same(a, b) && same(b, a), "{a} {b}");
        }
        for (a, b) in [("1", "1m"), ("1G", "1Gi"), ("1", "x"), ("", "0"), ("1E", "1")] {
            assert!(!same(a, b) && !same(b, a), "{a} {b}");
        }
    }
}
