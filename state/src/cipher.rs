//! Values that must not be read by who only has the file: hidden with XChaCha20-Poly1305 under a data key, which itself is
//! kept wrapped: in a passphrase by Argon2id (RFC 9106), or by a service that others ask. Whoever looks at the file sees which rows are hidden, how long they are, and
//! whether two of them are equal, and nothing else.

use crate::error::StateError;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What every hidden text begins with. No JSON begins so.
const PREFIX: &str = "levee-hidden-1:";
const KEY: usize = 32;
const NONCE: usize = 24;
pub(crate) const SALT: usize = 16;
/// What Argon2id costs: 64 MiB, three passes, one lane; a tenth of a second or so. Kept with each key, so that it may change.
pub(crate) const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

/// What values are hidden with. It is wiped from memory with its last clone.
#[derive(Clone)]
pub struct DataKey(Arc<Zeroizing<[u8; KEY]>>);

/// How expensive it is to try a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

fn fault(detail: impl fmt::Display) -> StateError {
    StateError::Internal { doing: "hiding values", detail: detail.to_string() }
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StateError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// What wraps a data key.
fn wrapping_key(passphrase: &str, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; KEY]>, StateError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(KEY)).map_err(fault)?;
    let mut key = Zeroizing::new([0; KEY]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, &mut *key).map_err(fault)?;
    Ok(key)
}

fn seal(key: &[u8; KEY], nonce: [u8; NONCE], plain: &[u8], context: &[u8]) -> Result<Vec<u8>, StateError> {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context }).map_err(fault)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(key: &[u8; KEY], sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok().map(Zeroizing::new)
}

impl DataKey {
    /// A new one.
    ///
    /// # Errors
    /// The system yields no randomness.
    pub fn new() -> Result<Self, StateError> {
        Ok(Self(Arc::new(Zeroizing::new(random()?))))
    }

    /// The key as a service wraps it: 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The key that a service gave back; none if these bytes are no key of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(Arc::new(key)))
    }

    /// Wrapped in a passphrase. `id` names the key, and goes with it.
    pub(crate) fn wrap(&self, id: &str, passphrase: &str, salt: &[u8], cost: Cost) -> Result<Vec<u8>, StateError> {
        let wrapping = wrapping_key(passphrase, salt, cost)?;
        seal(&wrapping, random()?, &**self.0, id.as_bytes())
    }

    /// The key that was wrapped; none if the passphrase is another.
    pub(crate) fn unwrap(id: &str, wrapped: &[u8], passphrase: &str, salt: &[u8], cost: Cost) -> Result<Option<Self>, StateError> {
        let wrapping = wrapping_key(passphrase, salt, cost)?;
        Ok(open(&wrapping, wrapped, id.as_bytes()).and_then(|key| Self::from_bytes(&key)))
    }

    /// The nonce of a text is made of the text, so that equal texts are hidden equally: what has not changed is seen not to
    /// have changed. For other texts it is another, as surely as if it were drawn.
    fn nonce(&self, plain: &[u8]) -> [u8; NONCE] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()).expect("a key of any length will do");
        mac.update(b"levee nonce 1");
        mac.update(plain);
        let digest = mac.finalize().into_bytes();
        *digest.first_chunk().expect("a digest of 32 bytes")
    }

    /// A text, hidden. What is hidden already stays as it is.
    pub fn hide(&self, plain: &str) -> String {
        if is_hidden(plain) {
            return plain.to_owned();
        }
        let sealed = seal(&self.0, self.nonce(plain.as_bytes()), plain.as_bytes(), PREFIX.as_bytes());
        format!("{PREFIX}{}", BASE64.encode(sealed.expect("a text of less than 256 GiB")))
    }

    /// A hidden text as it was; any other as it is.
    pub fn show(&self, text: &str) -> Result<String, StateError> {
        let Some(coded) = text.strip_prefix(PREFIX) else { return Ok(text.to_owned()) };
        let plain = BASE64.decode(coded).ok().and_then(|sealed| open(&self.0, &sealed, PREFIX.as_bytes()));
        let plain = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
        plain.ok_or(StateError::OtherKey)
    }
}

/// Whether a text is hidden.
pub fn is_hidden(text: impl AsRef<[u8]>) -> bool {
    text.as_ref().starts_with(PREFIX.as_bytes())
}

/// Never shows the key.
impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn only_the_passphrase_unwraps_a_key_and_only_the_key_shows_a_text() {
        let (key, other) = (DataKey::new().expect("a key"), DataKey::new().expect("a key"));
        let wrapped = key.wrap("id", "right", &[7; SALT], CHEAP).expect("wraps");
        let unwrap = |id: &str, passphrase: &str, salt: u8| DataKey::unwrap(id, &wrapped, passphrase, &[salt; SALT], CHEAP).expect("tries");
        assert!(unwrap("id", "wrong", 7).is_none() && unwrap("other", "right", 7).is_none() && unwrap("id", "right", 8).is_none());
        let back = unwrap("id", "right", 7).expect("the key");
        let hidden = key.hide("{\"password\":\"s3cret\"}");
        assert!(!hidden.contains("s3cret") && is_hidden(&hidden));
        assert_eq!(back.show(&hidden).expect("shows"), "{\"password\":\"s3cret\"}");
        assert!(matches!(other.show(&hidden), Err(StateError::OtherKey)));
        assert_eq!(back.show("{}").expect("shows"), "{}", "what is not hidden is shown as it is");
        assert_eq!(key.hide("{\"password\":\"s3cret\"}"), hidden, "equal texts are hidden equally");
        assert_eq!(key.hide(&hidden), hidden, "once");
        assert_ne!(key.hide("{}"), key.hide("[]"));
    }

    #[test]
    fn a_hidden_text_that_was_changed_is_shown_by_nobody() {
        let key = DataKey::new().expect("a key");
        let hidden = key.hide("{}");
        for at in PREFIX.len()..hidden.len() {
            let mut changed = hidden.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("text");
            assert!(key.show(&changed).is_err(), "{at}");
        }
        assert!(!format!("{key:?}").contains(char::is_numeric));
    }
}
