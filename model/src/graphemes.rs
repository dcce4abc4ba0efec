//! What counts as one character: a grapheme cluster.
//!
//! Terraform's rules are older than the one that keeps Indic conjuncts together, so that a consonant always begins anew.

use unicode_segmentation::UnicodeSegmentation;

/// The characters of a text as a reader would count them.
pub fn graphemes(s: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for cluster in s.graphemes(true) {
        let mut start = 0;
        if !cluster.is_ascii() {
            for (i, c) in cluster.char_indices().skip(1) {
                if is_indic_consonant(c) {
                    out.push(&cluster[start..i]);
                    start = i;
                }
            }
        }
        out.push(&cluster[start..]);
    }
    out
}

fn is_indic_consonant(c: char) -> bool {
    matches!(c,
        '\u{915}'..='\u{939}' | '\u{958}'..='\u{95f}' | '\u{978}'..='\u{97f}'
        | '\u{995}'..='\u{9b9}' | '\u{9dc}'..='\u{9df}' | '\u{9f0}'..='\u{9f1}'
        | '\u{a95}'..='\u{ab9}' | '\u{af9}'
        | '\u{b15}'..='\u{b39}' | '\u{b5c}'..='\u{b5f}' | '\u{b71}'
        | '\u{c15}'..='\u{c39}' | '\u{c58}'..='\u{c5a}'
        | '\u{d15}'..='\u{d3a}')
}
