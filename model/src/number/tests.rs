use super::*;

fn n(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

#[test]
fn prints_as_terraform_does() {
    for (text, want) in [
        ("0", "0"),
        ("007", "7"),
        ("-0", "-0"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("1e-3", "0.001"),
        ("-2.5E2", "-250"),
        ("0.1", "0.1"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"),
        (".5", "0.5"),
        ("5.", "5"),
    ] {
        assert_eq!(n(text).to_string(), want, "{text}");
    }
    for bad in ["", "-", "e", "1e", "a", "1_000", "0x10", ".", "1 "] {
        assert!(Number::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_third_prints_155_digits() {
    let third = Number::ONE.div(&n("3")).expect("finite").to_string();
    assert_eq!(third.len(), 157);
    assert!(third.starts_with("0.333") && third.ends_with("3335"), "{third}");
    assert_eq!(n("0.1").add(&n("0.2")).expect("finite"), n("0.3"));
}

#[test]
fn remainders() {
    for (a, b, want) in [
        ("7", "3", "1"),
        ("-7", "3", "-1"),
        ("7", "-3", "1"),
        ("7.5", "2", "1.5"),
        ("0.3", "0.1", "0"),
        ("1", "0", "1"),
        ("1e21", "7", "6"),
    ] {
        assert_eq!(n(a).rem(&n(b)).expect("finite").to_string(), want, "{a} % {b}");
    }
    let text = n("100").rem(&n("7.3")).expect("finite").to_string();
    assert!(text.starts_with("5.09999") && text.ends_with("98") && text.len() == 155, "{text}");
}

#[test]
fn machine_floats_carry_53_bits() {
    for (a, b, want) in [("2", "100", "1267650600228229400000000000000"), ("2", "64", "18446744073709550000"), ("2", "-1", "0.5")] {
        assert_eq!(n(a).pow(&n(b)).expect("finite").to_string(), want);
    }
    assert_eq!(n("50").log(&n("10")).expect("finite").to_string(), "1.6989700043360185");
    assert_eq!(n("1000").log(&n("10")).expect("finite").to_string(), "2.9999999999999996");
    assert!(n("-1").log(&n("10")).is_none());
    for f in [0.1, -2.5, 1e300, 5e-324, 0.0, 123_456_789.123] {
        assert_eq!(Number::from(f).as_f64().to_bits(), f.to_bits(), "{f}");
    }
}

#[test]
fn infinities_and_zero() {
    let inf = Number::ONE.div(&Number::ZERO).expect("infinite");
    assert!(inf.is_infinite() && inf > n("1e300") && inf.neg() < n("-1e300"));
    assert_eq!(Number::ZERO.div(&Number::ZERO), Err(NumberError::Indeterminate));
    assert_eq!(inf.mul(&Number::ZERO), Err(NumberError::ZeroTimesInfinity));
    assert_eq!(inf.sub(&inf), Err(NumberError::InfinityMinusInfinity));
    assert_eq!(n("-0"), n("0"));
    assert_eq!(n("0").mul(&n("-5")).expect("finite").to_string(), "-0");
}

#[test]
fn rounds_to_whole_numbers() {
    for (text, floor, ceil) in [
        ("1.5", "1", "2"),
        ("-1.5", "-2", "-1"),
        ("3", "3", "3"),
        ("-0.4", "-1", "0"),
        ("1e30", "1000000000000000000000000000000", "1000000000000000000000000000000"),
    ] {
        assert_eq!(n(text).floor().to_string(), floor, "floor {text}");
        assert_eq!(n(text).ceil().to_string(), ceil, "ceil {text}");
    }
}

#[test]
fn fixed_digits() {
    for (text, notation, digits, want) in [
        ("3.14159", Notation::Plain, Some(2), "3.14"),
        ("2.5", Notation::Plain, Some(0), "2"),
        ("0", Notation::Plain, Some(2), "0.00"),
        ("1234.5", Notation::Scientific('e'), Some(6), "1.234500e+03"),
        ("1234567.0", Notation::General('e'), Some(3), "1.23e+06"),
        ("100", Notation::General('e'), Some(10), "100"),
        ("12345678901", Notation::General('e'), Some(10), "1.23456789e+10"),
        ("0.00001", Notation::General('e'), Some(10), "1e-05"),
    ] {
        assert_eq!(n(text).to_text(notation, digits), want, "{text} {notation:?} {digits:?}");
    }
}

#[test]
fn orders_by_value() {
    let sorted = ["-1e30", "-2", "-1.5", "0", "1e-9", "1", "1.5", "9223372036854775807", "9223372036854775808", "1e30"];
    for pair in sorted.windows(2) {
        assert!(n(pair[0]) < n(pair[1]), "{pair:?}");
    }
}
