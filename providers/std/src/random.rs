//! The random provider.

mod bytes;
mod charset;
mod id;
mod integer;
mod password;
mod password_ephemeral;
mod pet;
mod pet_words;
mod shuffle;
mod string;
mod uuid;

use crate::offline::Offline;

/// `hashicorp/random`
pub(crate) fn provider() -> Offline {
    Offline::new("random", "hashicorp/random", "3.7.2")
        .resource::<bytes::Bytes>()
        .resource::<id::RandomId>()
        .resource::<integer::Integer>()
        .resource::<password::Password>()
        .ephemeral::<password_ephemeral::EphemeralPassword>()
        .resource::<pet::Pet>()
        .resource::<shuffle::Shuffle>()
        .resource::<string::Text>()
        .resource::<uuid::RandomUuid>()
}
