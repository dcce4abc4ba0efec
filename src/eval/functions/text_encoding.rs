//! Text in other character sets than Unicode's own, as Base64.

use super::encoding::decode_base64;
use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;
use levee_model::Value;
use levee_model::text::quote;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("textdecodebase64", &[Param::string("source"), Param::string("encoding")], a_string, decode),
    Function::new("textencodebase64", &[Param::string("string"), Param::string("encoding")], a_string, encode),
];

/// How a character set's bytes are made.
enum Charset {
    Utf16 {
        big_endian: bool,
    },
    /// The first so many characters of Unicode, a byte each.
    Direct(u32),
    Table(&'static Encoding),
}

/// The character set of an IANA name, and its canonical name.
fn find(name: &str) -> Option<(Charset, String)> {
    let lower = name.to_ascii_lowercase();
    let named = |charset, canonical: &str| Some((charset, canonical.to_string()));
    match lower.as_str() {
        "utf-16le" | "csutf16le" => named(Charset::Utf16 { big_endian: false }, "UTF-16LE"),
        "utf-16be" | "csutf16be" | "utf-16" | "csutf16" => named(Charset::Utf16 { big_endian: true }, "UTF-16BE"),
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso-ir-6" | "iso646-us" | "us" | "ibm367" | "cp367" | "csascii" | "iso_646.irv:1991"
        | "ansi_x3.4-1986" => named(Charset::Direct(0x80), "US-ASCII"),
        "iso-8859-1" | "latin1" | "l1" | "iso_8859-1" | "iso_8859-1:1987" | "iso-ir-100" | "ibm819" | "cp819" | "csisolatin1" => {
            named(Charset::Direct(0x100), "ISO_8859-1:1987")
        }
        // Labels of the web that IANA does not know.
        _ if lower.starts_with("cp1") || lower.starts_with("x-") || lower == "utf8" || lower.is_empty() => None,
        _ => {
            let table = Encoding::for_label_no_replacement(lower.as_bytes())?;
            Some((Charset::Table(table), if lower.starts_with("windows-") { lower } else { table.name().to_string() }))
        }
    }
}

fn charset(args: &[Value]) -> Result<(Charset, String), FunctionError> {
    let name = text(args, 1)?;
    find(name).ok_or_else(|| {
        let message = format!("{} is not a supported IANA encoding name or alias in this Terraform version", quote(name));
        FunctionError::arg(1, message)
    })
}

fn encode(_: &Context<'_>, args: &[Value]) -> Answer {
    let s = text(args, 0)?;
    let (charset, name) = charset(args)?;
    let bytes = match charset {
        Charset::Utf16 { big_endian } => {
            Some(s.encode_utf16().flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() }).collect())
        }
        Charset::Direct(limit) => s.chars().map(|c| u8::try_from(u32::from(c)).ok().filter(|b| u32::from(*b) < limit)).collect(),
        Charset::Table(table) => {
            let (bytes, _, lossy) = table.encode(s);
            (!lossy).then(|| bytes.into_owned())
        }
    };
    bytes
        .map(|bytes: Vec<u8>| string(&STANDARD.encode(bytes)))
        .ok_or_else(|| FunctionError::arg(0, format!("the given string contains characters that cannot be represented in {name}")))
}

fn decode(_: &Context<'_>, args: &[Value]) -> Answer {
    let source = text(args, 0)?;
    let (charset, name) = charset(args)?;
    let bytes = decode_base64(source).ok_or_else(|| {
        let offset = source.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')));
        let offset = offset.unwrap_or(source.len());
        FunctionError::arg(0, format!("the given value is has an invalid base64 symbol at offset {offset}"))
    })?;
    let decoded = match charset {
        Charset::Utf16 { big_endian } => {
            let unit = |pair: &[u8]| {
                let pair = [pair[0], *pair.get(1).unwrap_or(&0)];
                if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
            };
            String::from_utf16(&bytes.chunks(2).map(unit).collect::<Vec<_>>()).ok()
        }
        Charset::Direct(limit) => bytes.iter().map(|b| Some(char::from(*b)).filter(|c| u32::from(*c) < limit)).collect(),
        Charset::Table(table) => table
            .decode_without_bom_handling_and_without_replacement(&bytes)
            .map(std::borrow::Cow::into_owned)
            // The web's tables map the holes of the Windows sets to control characters.
            .filter(|s| !name.starts_with("windows-") || !s.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c))),
    };
    decoded
        .map(|s| string(&s))
        .ok_or_else(|| FunctionError::arg(0, format!("the given string contains symbols that are not defined for {name}")))
}
