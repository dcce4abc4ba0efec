//! Classes of characters in regular expressions, named as RE2 names them.

use super::pattern::{Mistake, mistake};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

/// A set of characters, which may still be told to ignore case.
pub(super) type Chars = ClassUnicode;

/// The characters between two code points, both included. Surrogates, which no string holds, are left out.
pub(super) fn range(low: u32, high: u32) -> Chars {
    let low = char::from_u32(low).unwrap_or('\u{e000}');
    let high = char::from_u32(high).unwrap_or('\u{d7ff}');
    Chars::new((low <= high).then(|| ClassUnicodeRange::new(low, high)))
}

pub(super) fn ranges(all: &[(char, char)]) -> Chars {
    Chars::new(all.iter().map(|(low, high)| ClassUnicodeRange::new(*low, *high)))
}

/// Every character.
pub(super) fn any() -> Chars {
    range(0, 0x10_ffff)
}

/// The characters, in both cases if asked for, or all others.
pub(super) fn finished(mut chars: Chars, ignore_case: bool, negated: bool) -> Chars {
    if ignore_case && chars.try_case_fold_simple().is_err() {
        debug_assert!(false, "the tables of cases are compiled in");
    }
    if negated {
        chars.negate();
    }
    chars
}

/// `\d`, `\D`, `\w` and so on: all of them mean ASCII.
pub(super) fn of_perl(letter: char) -> Option<(Chars, bool)> {
    let chars: &[(char, char)] = match letter.to_ascii_lowercase() {
        'd' => &[('0', '9')],
        'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')],
        _ => return None,
    };
    Some((ranges(chars), letter.is_ascii_uppercase()))
}

/// `alnum` of `[:alnum:]`.
pub(super) fn of_posix(name: &str) -> Option<Chars> {
    let chars: &[(char, char)] = match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\u{7f}')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some(ranges(chars))
}

/// A class such as `\pL` or `\p{^Greek}` at the beginning of `rest`: its characters, whether all others are meant, and its
/// length.
pub(super) fn of_unicode(rest: &str) -> Result<(Chars, bool, usize), Mistake> {
    let inside = &rest[2..];
    let (name, length) = match inside.chars().next() {
        Some('{') => match inside.find('}') {
            Some(end) => (&inside[1..end], 3 + end),
            None => return mistake(WRONG_RANGE, rest),
        },
        Some(c) => (&inside[..c.len_utf8()], 2 + c.len_utf8()),
        None => ("", 2),
    };
    let (name, inverted) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    match named(name) {
        Some(chars) => Ok((chars, rest.starts_with("\\P") != inverted, length)),
        None => mistake(WRONG_RANGE, &rest[..length]),
    }
}

pub(super) const WRONG_RANGE: &str = "invalid character class range";

fn named(name: &str) -> Option<Chars> {
    match name {
        "Any" => Some(any()),
        // Terraform's tables count unassigned characters to no category.
        "C" => {
            let mut all = table("Cc")?;
            all.union(&table("Cf")?);
            all.union(&table("Co")?);
            Some(all)
        }
        // Surrogates.
        "Cs" => Some(Chars::empty()),
        _ if CATEGORIES.contains(&name) => table(name),
        _ if SCRIPTS.split_whitespace().any(|script| script == name) => table(&format!("sc={name}")),
        _ => None,
    }
}

/// The characters of a name that is known to exist.
fn table(name: &str) -> Option<Chars> {
    match regex_syntax::parse(&format!("\\p{{{name}}}")).ok()?.into_kind() {
        HirKind::Class(Class::Unicode(chars)) => Some(chars),
        _ => None,
    }
}

const CATEGORIES: [&str; 34] = [
    "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi",
    "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
];

/// The scripts of Unicode 15.0.
const SCRIPTS: &str = "
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi
Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform
Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic
Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew
Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi
Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive
Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu
Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian
Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician
Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo
Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan
Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square
";
