//! Any bytes as a configuration in the JSON syntax: parsed, checked and evaluated.
#![no_main]

use levee_fuzz::validate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| validate("main.tf.json", data));
