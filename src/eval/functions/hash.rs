//! Hashes of text and of files, and identifiers.

use super::filesystem::open;
use super::{Answer, Context, Function, FunctionError, Param, a_string, integer, string, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_model::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write;
use uuid::Uuid;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("md5", &[Param::string("str")], a_string, |_, a| Ok(hex::<Md5>(text(a, 0)?.as_bytes()))),
    Function::new("sha1", &[Param::string("str")], a_string, |_, a| Ok(hex::<Sha1>(text(a, 0)?.as_bytes()))),
    Function::new("sha256", &[Param::string("str")], a_string, |_, a| Ok(hex::<Sha256>(text(a, 0)?.as_bytes()))),
    Function::new("sha512", &[Param::string("str")], a_string, |_, a| Ok(hex::<Sha512>(text(a, 0)?.as_bytes()))),
    Function::new("base64sha256", &[Param::string("str")], a_string, |_, a| Ok(base64::<Sha256>(text(a, 0)?.as_bytes()))),
    Function::new("base64sha512", &[Param::string("str")], a_string, |_, a| Ok(base64::<Sha512>(text(a, 0)?.as_bytes()))),
    Function::new("filemd5", &[Param::string("path")], a_string, |ctx, a| Ok(hex::<Md5>(&open(ctx, text(a, 0)?)?))),
    Function::new("filesha1", &[Param::string("path")], a_string, |ctx, a| Ok(hex::<Sha1>(&open(ctx, text(a, 0)?)?))),
    Function::new("filesha256", &[Param::string("path")], a_string, |ctx, a| Ok(hex::<Sha256>(&open(ctx, text(a, 0)?)?))),
    Function::new("filesha512", &[Param::string("path")], a_string, |ctx, a| Ok(hex::<Sha512>(&open(ctx, text(a, 0)?)?))),
    Function::new("filebase64sha256", &[Param::string("path")], a_string, |ctx, a| Ok(base64::<Sha256>(&open(ctx, text(a, 0)?)?))),
    Function::new("filebase64sha512", &[Param::string("path")], a_string, |ctx, a| Ok(base64::<Sha512>(&open(ctx, text(a, 0)?)?))),
    Function::new("bcrypt", &[Param::string("str")], a_string, bcrypt).and_any_number_of(Param::number("cost")).fickle(),
    Function::new("uuid", &[], a_string, |_, _| Ok(string(&Uuid::new_v4().to_string()))).fickle(),
    Function::new("uuidv5", &[Param::string("namespace"), Param::string("name")], a_string, uuidv5),
];

fn hex<D: Digest>(bytes: &[u8]) -> Value {
    let mut out = String::new();
    for b in D::digest(bytes) {
        let written = write!(out, "{b:02x}");
        debug_assert!(written.is_ok(), "writing to a string");
    }
    string(&out)
}

fn base64<D: Digest>(bytes: &[u8]) -> Value {
    string(&STANDARD.encode(D::digest(bytes)))
}

const DEFAULT_COST: u32 = 10;

fn bcrypt(_: &Context<'_>, args: &[Value]) -> Answer {
    if args.len() > 2 {
        return Err(FunctionError::new("bcrypt() takes no more than two arguments"));
    }
    let cost = if args.len() == 2 { integer(args, 1)? } else { i64::from(DEFAULT_COST) };
    let cost = match u32::try_from(cost) {
        Ok(cost) if cost > 31 => {
            let message = format!("error occurred generating password crypto/bcrypt: cost {cost} is outside allowed range (4,31)");
            return Err(FunctionError::new(message));
        }
        Ok(cost) if cost >= 4 => cost,
        _ => DEFAULT_COST,
    };
    bcrypt::hash_with_result(text(args, 0)?, cost)
        .map(|parts| string(&parts.format_for_version(bcrypt::Version::TwoA)))
        .map_err(|e| FunctionError::new(format!("error occurred generating password {e}")))
}

fn uuidv5(_: &Context<'_>, args: &[Value]) -> Answer {
    let namespace = match text(args, 0)? {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            let why = match other.len() {
                32 | 36 | 38 | 45 => "invalid UUID format".into(),
                n => format!("invalid UUID length: {n}"),
            };
            FunctionError::new(format!("uuidv5() doesn't support namespace {other} ({why})"))
        })?,
    };
    Ok(string(&Uuid::new_v5(&namespace, text(args, 1)?.as_bytes()).to_string()))
}
