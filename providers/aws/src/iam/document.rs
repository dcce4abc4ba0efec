//! Policy documents as IAM shows them: percent-encoded, and sometimes in other words than they were sent.

use levee_sdk::equality::policies_equal;

/// A document as IAM's answers hold it, decoded.
pub(super) fn decoded(document: &str) -> String {
    let bytes = document.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped = (bytes[i] == b'%').then(|| document.get(i + 1..i + 3)).flatten();
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| document.to_owned())
}

/// The known text if the seen one means the same, so that references do not change with IAM's wording.
pub(super) fn same_or_seen(known: Option<&String>, seen: String) -> String {
    known.filter(|k| policies_equal(k, &seen)).cloned().unwrap_or(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_all_else_stays() {
        assert_eq!(decoded("%7B%22a%22%3A%22%C3%BC%22%7D"), r#"{"a":"ü"}"#);
        for plain in [r#"{"a": "100%"}"#, "%zz", "%", "a+b", "%f", "%€"] {
            assert_eq!(decoded(plain), plain);
        }
    }

    #[test]
    fn the_known_words_are_kept_as_long_as_they_mean_the_same() {
        let known = r#"{ "Statement": [{"Action": "a:b"}] }"#.to_owned();
        assert_eq!(same_or_seen(Some(&known), r#"{"Statement":{"Action":["a:b"]}}"#.into()), known);
        assert_eq!(same_or_seen(Some(&known), "{}".into()), "{}");
    }
}
