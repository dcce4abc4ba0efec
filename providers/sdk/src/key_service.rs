//! Key management services: what wraps the data key of an encrypted state in a key that never leaves the service.

use crate::error::Result;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What AWS's service is called, in states and where it is asked for.
pub const AWS_KMS: &str = "aws-kms";

/// Facts that a wrapped key is bound to: only with the same ones it opens. They are not secret; a service may record them.
pub type KeyContext = BTreeMap<String, String>;

/// A data key, wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The key that wrapped it, by a name that stays its own: an ARN, where it may have been asked for by an alias.
    pub key: String,
    /// The data key, unreadable.
    pub bytes: Vec<u8>,
}

/// A key management service. Calls block: they are made once in a process, before anything else can go on.
pub trait KeyService: Send + Sync {
    /// Wraps a data key. `key` names the wrapping key as an operator does.
    ///
    /// # Errors
    /// The service is out of reach or refuses, in its own words and with a hint at what is to be done.
    fn wrap(&self, key: &str, plain: &[u8], context: &KeyContext) -> Result<WrappedKey>;

    /// What was wrapped, under the same context.
    ///
    /// # Errors
    /// As for [`KeyService::wrap`]; or it is not what this key wrapped under this context.
    fn open(&self, wrapped: &WrappedKey, context: &KeyContext) -> Result<Zeroizing<Vec<u8>>>;
}
