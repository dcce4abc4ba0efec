//! Bytes as hexadecimal digits.

use std::fmt::Write;

/// Two small digits a byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(out, "{byte:02x}").expect("a string takes whatever is written to it");
    }
    out
}
