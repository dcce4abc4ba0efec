//! What Terraform 1.11.4 made of these texts.

use super::gzip;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::Read;

fn packed(text: &str) -> String {
    let file = gzip(text.as_bytes());
    let mut back = String::new();
    flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut back).expect("a gzip file");
    assert_eq!(back, text);
    STANDARD.encode(file)
}

#[test]
fn short_texts_are_packed_as_terraform_packs_them() {
    let script = "#!/bin/bash\nset -euo pipefail\napt-get update\napt-get install -y nginx\nsystemctl enable --now nginx\n";
    for (text, expected) in [
        ("", "H4sIAAAAAAAA/wAAAP//AQAA//8AAAAAAAAAAA=="),
        ("a", "H4sIAAAAAAAA/0oEAAAA//8BAAD//0O+t+gBAAAA"),
        ("hello, world", "H4sIAAAAAAAA/8pIzcnJ11Eozy/KSQEAAAD//wEAAP//OnKr/wwAAAA="),
        (
            script,
            "H4sIAAAAAAAA/zzJMQ4CMAgF0L2nwDiTnonqt5IgJYFGe3sX4/jyrpc+1PuQfLZEEWMvCg08RK1JFE8U7bhL4U/1LDEjPuRT/dPyZOF1KyO4DAMx+3r/8gsAAP\
             //AQAA///ytvuoYwAAAA==",
        ),
        // More bytes packed than unpacked: they are stored.
        (
            "Größe: 10 µm, Ærø, žluťoučký kůň, 日本語, 🚀",
            "H4sIAAAAAAAA/wA8AMP/R3LDtsOfZTogMTAgwrVtLCDDhnLDuCwgxb5sdcWlb3XEjWvDvSBrxa/FiCwg5pel5pys6KqeLCDwn5qAAAAA//8BAAD//+UwMa08AAAA",
        ),
        (
            "日月火水木金土春夏秋冬東西南北上下左右大小中天地人山川",
            "H4sIAAAAAAAA/wTAMQ6DIBQG4LN3aZvShnTC4REXEI2aQDSBsHiZ9z/0Fn5ivNC7PWaJu9B4vf6gXjoPp1tQeC5i0+kP/Ay+hsuHi0IeoDe4gKi5rHATKHKtSAnZ\
             3gAAAP//AQAA//8Yu8gqUQAAAA==",
        ),
    ] {
        assert_eq!(packed(text), expected, "{text:?}");
    }
}

/// Squares behind one another, as a stand-in for what repeats irregularly.
fn squares(numbers: std::ops::Range<u64>, factor: u64) -> String {
    numbers.map(|n| (n * n * factor % 104_729).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn long_texts_are_packed_as_terraform_packs_them() {
    let blocks: String = (0..60).map(|n| squares(n * 1024..(n + 1) * 1024, 1)).collect();
    for (text, expected) in [
        ("abcdefghij".repeat(20_000), "66162cb16ec094601376c31b0a19c7349268a19f02e78d6468918f4a7008d870"),
        (squares(0..1024, 7919), "08e405e9848fb2c92d9f6f9aecee854606a32b9f0396adbf01c0a895edb571f6"),
        // 350 KB: several blocks, and a window that moves.
        (blocks, "9be131c1e444600333f15a8b34af228a4b954464c7ec7b1018f4c912465467a9"),
    ] {
        let digest = Sha256::digest(packed(&text));
        let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, expected, "{} bytes", text.len());
    }
}
