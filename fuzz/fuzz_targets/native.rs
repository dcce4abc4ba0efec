//! Any bytes as a configuration in the native syntax: parsed, printed, laid out, checked and evaluated.
#![no_main]

use levee_fuzz::{laws, validate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        laws::of_a_body(text);
    }
    validate("main.tf", data);
});
