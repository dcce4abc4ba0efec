//! `rsadecrypt`: reads what was encrypted for an RSA key, as cloud providers hand out first passwords (PKCS #1 v1.5).

use super::encoding::decode_base64;
use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use dashu_int::UBig;
use dashu_int::fast_div::ConstDivisor;
use levee_model::Value;
use levee_model::text::quote;

pub(super) const FUNCTIONS: &[Function] =
    &[Function::new("rsadecrypt", &[Param::string("ciphertext"), Param::string("privatekey")], a_string, rsadecrypt)];

/// Modulus and private exponent.
struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
}

fn rsadecrypt(_: &Context<'_>, args: &[Value]) -> Answer {
    let source = text(args, 0)?;
    let ciphertext = decode_base64(source)
        .ok_or_else(|| FunctionError::arg(0, format!("failed to decode input {}: cipher text must be base64-encoded", quote(source))))?;
    let key = read_key(text(args, 1)?).map_err(|why| FunctionError::arg(1, format!("invalid private key: {why}")))?;
    let plain = decrypt(&key, &ciphertext).ok_or_else(|| FunctionError::new("failed to decrypt: crypto/rsa: decryption error"))?;
    String::from_utf8(plain).map(|s| string(&s)).map_err(|_| FunctionError::new("the decrypted text is not valid UTF-8"))
}

/// The message is padded to the key's size: `00 02`, at least eight bytes other than 0, `00`, and itself.
fn decrypt(key: &PrivateKey, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let size = key.modulus.to_be_bytes().len();
    let number = UBig::from_be_bytes(ciphertext);
    if ciphertext.len() > size || number >= key.modulus {
        return None;
    }
    let ring = ConstDivisor::new(key.modulus.clone());
    let bytes = ring.reduce(number).pow(&key.exponent).residue().to_be_bytes();
    let mut padded = vec![0; size.checked_sub(bytes.len())?];
    padded.extend_from_slice(&bytes);
    let body = padded.strip_prefix(&[0, 2])?;
    let end = body.iter().position(|b| *b == 0).filter(|end| *end >= 8)?;
    Some(body[end + 1..].to_vec())
}

fn read_key(pem: &str) -> Result<PrivateKey, &'static str> {
    let begin = pem.find("-----BEGIN ").ok_or("ssh: no key found")?;
    let (label, rest) = pem[begin + 11..].split_once("-----").ok_or("ssh: no key found")?;
    let (body, _) = rest.split_once("-----END ").ok_or("ssh: no key found")?;
    if body.contains("ENCRYPTED") || label.starts_with("ENCRYPTED") {
        return Err("password protected keys are not supported. Please decrypt the key prior to use");
    }
    let joined: String = body.split_whitespace().collect();
    let der = decode_base64(&joined).ok_or("ssh: no key found")?;
    let key = match label {
        "RSA PRIVATE KEY" => pkcs1(&der),
        "PRIVATE KEY" => pkcs8(&der).and_then(pkcs1),
        _ => return Err("ssh: unsupported key type"),
    };
    key.ok_or("asn1: structure error")
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The content of the first element of a DER text, if it is of this tag, and what follows the element.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (len, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if count > 4 || count > rest.len() {
            return None;
        }
        let (digits, rest) = rest.split_at(count);
        (digits.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
    };
    (len <= rest.len()).then(|| rest.split_at(len))
}

/// Version, modulus, public exponent, private exponent, and more that is not needed.
fn pkcs1(der: &[u8]) -> Option<PrivateKey> {
    let (body, _) = element(der, SEQUENCE)?;
    let (_version, rest) = element(body, INTEGER)?;
    let (modulus, rest) = element(rest, INTEGER)?;
    let (_public, rest) = element(rest, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    Some(PrivateKey { modulus: UBig::from_be_bytes(modulus), exponent: UBig::from_be_bytes(exponent) })
        .filter(|key| key.modulus > UBig::ONE)
}

/// Version, algorithm, and the key as an octet string.
fn pkcs8(der: &[u8]) -> Option<&[u8]> {
    let (body, _) = element(der, SEQUENCE)?;
    let (_version, rest) = element(body, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    Some(element(rest, OCTETS)?.0)
}
