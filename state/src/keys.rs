//! The store's key: what it is wrapped in, how it is put in the place of another, and taken away. What is there already is hidden
//! or shown in the same transaction.

use crate::cipher::{COST, Cost, DataKey, SALT, random};
use crate::error::StateError;
use crate::lock::LockGuard;
use crate::rows::now_ms;
use crate::seal;
use crate::store::Store;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// A data key as the file holds it.
struct Wrapped {
    id: String,
    how: How,
    bytes: Vec<u8>,
}

/// What it is wrapped in.
enum How {
    Passphrase { cost: Cost, salt: Vec<u8> },
    Service { service: String, key: String, lineage: String },
}

/// What a state's data key is wrapped in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// A passphrase, by Argon2id.
    Passphrase,
    /// A key that a key management service keeps.
    Service(ServiceWrapping),
}

/// A data key that a key management service wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceWrapping {
    /// Which service.
    pub service: String,
    /// The wrapping key's name there.
    pub key: String,
    /// The lineage that the state had then, which the wrapping is bound to.
    pub lineage: String,
    /// The data key, unreadable.
    pub wrapped: Vec<u8>,
}

/// A data key for a state to be hidden with, wrapped.
pub struct NewKey {
    key: DataKey,
    wrapped: Wrapped,
}

impl NewKey {
    /// A new one in a passphrase.
    ///
    /// # Errors
    /// The system yields no randomness, or no memory for Argon2id.
    pub fn in_passphrase(passphrase: &str) -> Result<Self, StateError> {
        let (key, id, salt) = (DataKey::new()?, new_id(), random::<SALT>()?);
        let bytes = key.wrap(&id, passphrase, &salt, COST)?;
        Ok(Self { key, wrapped: Wrapped { id, how: How::Passphrase { cost: COST, salt: salt.to_vec() }, bytes } })
    }

    /// One that a service has wrapped.
    pub fn by_service(key: DataKey, wrapping: ServiceWrapping) -> Self {
        let ServiceWrapping { service, key: name, lineage, wrapped: bytes } = wrapping;
        Self { key, wrapped: Wrapped { id: new_id(), how: How::Service { service, key: name, lineage }, bytes } }
    }
}

fn new_id() -> String {
    Uuid::new_v4().to_string()
}

impl Store {
    /// Whether sensitive values are hidden.
    pub fn is_encrypted(&self) -> Result<bool, StateError> {
        self.wrapped_key().map(|key| key.is_some())
    }

    /// What the data key is wrapped in; none if nothing is hidden.
    pub fn wrapping(&self) -> Result<Option<Wrapping>, StateError> {
        Ok(self.wrapped_key()?.map(|Wrapped { how, bytes, .. }| match how {
            How::Passphrase { .. } => Wrapping::Passphrase,
            How::Service { service, key, lineage } => Wrapping::Service(ServiceWrapping { service, key, lineage, wrapped: bytes }),
        }))
    }

    /// Makes hidden values readable through this store, and what is written hidden; a store whose key is not wrapped in a
    /// passphrase needs none.
    ///
    /// # Errors
    /// The passphrase is another.
    pub fn unlock(&self, passphrase: &str) -> Result<(), StateError> {
        let Some(Wrapped { id, how: How::Passphrase { cost, salt }, bytes }) = self.wrapped_key()? else { return Ok(()) };
        let key = DataKey::unwrap(&id, &bytes, passphrase, &salt, cost)?.ok_or(StateError::WrongPassphrase)?;
        self.unlock_with(key);
        Ok(())
    }

    /// Likewise, with a key that [`Store::unlock`] found for another handle of the same state, or that a service gave back.
    pub fn unlock_with(&self, key: DataKey) {
        self.shared().set_key(Ok(key));
    }

    /// Remembers why nobody could unlock this store: whoever comes to a hidden value is told.
    pub fn stay_locked(&self, why: StateError) {
        self.shared().set_key(Err(Some(why)));
    }

    /// The key that this store was unlocked with.
    pub fn key(&self) -> Option<DataKey> {
        self.shared().key().ok()
    }

    /// The key to hide with, if this state is encrypted.
    ///
    /// # Errors
    /// It is, and was not unlocked.
    pub fn key_for_hiding(&self) -> Result<Option<DataKey>, StateError> {
        if self.is_encrypted()? { self.shared().key().map(Some) } else { Ok(None) }
    }

    /// Encrypts: hides all that is sensitive, in the history and the journal too. [`Store::wipe`] takes away what is left of it.
    ///
    /// # Errors
    /// It is encrypted already, or cannot be written.
    pub fn encrypt(&self, guard: &LockGuard, new: &NewKey) -> Result<(), StateError> {
        if self.is_encrypted()? {
            return Err(StateError::Encrypted { encrypted: true });
        }
        self.change_key(guard, Some(new))
    }

    /// Shows everything again, and forgets the key.
    ///
    /// # Errors
    /// It is not encrypted, it was not unlocked, or cannot be written.
    pub fn decrypt(&self, guard: &LockGuard) -> Result<(), StateError> {
        self.require_key()?;
        self.change_key(guard, None)
    }

    /// Hides everything anew with a new key, whatever the one before was wrapped in.
    ///
    /// # Errors
    /// It is not encrypted, it was not unlocked, or cannot be written.
    pub fn rotate_key(&self, guard: &LockGuard, new: &NewKey) -> Result<(), StateError> {
        self.require_key()?;
        self.change_key(guard, Some(new))
    }

    /// Leaves nothing in the file and its log of what was written over, such as what is hidden now.
    ///
    /// # Errors
    /// There is no room for the file a second time, or somebody reads the log. What counts is written all the same.
    pub fn wipe(&self) -> Result<(), StateError> {
        self.shared().tidy_up()
    }

    /// The key that this store was unlocked with.
    ///
    /// # Errors
    /// It is not encrypted, or was not unlocked.
    pub fn require_key(&self) -> Result<DataKey, StateError> {
        self.key_for_hiding()?.ok_or(StateError::Encrypted { encrypted: false })
    }

    fn change_key(&self, guard: &LockGuard, new: Option<&NewKey>) -> Result<(), StateError> {
        self.check_guard(guard)?;
        let old = self.key();
        self.shared().write("changing the key", |conn| {
            conn.execute_batch("PRAGMA secure_delete = ON")?;
            if let Some(key) = old {
                rewrite(conn, move |text| key.show(text))?;
            }
            conn.execute("DELETE FROM keys", [])?;
            if let Some(NewKey { key, wrapped }) = new {
                insert(conn, wrapped)?;
                let key = key.clone();
                rewrite(conn, move |text| Ok(key.hide(text)))?;
            }
            Ok(Ok(()))
        })?;
        self.shared().set_key(new.map(|new| new.key.clone()).ok_or(None));
        Ok(())
    }

    fn wrapped_key(&self) -> Result<Option<Wrapped>, StateError> {
        Ok(self.shared().read("reading the key", select)?.flatten())
    }
}

fn insert(conn: &Connection, Wrapped { id, how, bytes }: &Wrapped) -> rusqlite::Result<()> {
    let (cost, salt, service) = match how {
        How::Passphrase { cost, salt } => (Some(cost), Some(salt), None),
        How::Service { service, key, lineage } => (None, None, Some((service, key, lineage))),
    };
    let sql = "INSERT INTO keys (id, created_at, memory_kib, passes, lanes, salt, service, service_key, lineage, wrapped, seal) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))";
    let (memory_kib, passes, lanes) = (cost.map(|c| c.memory_kib), cost.map(|c| c.passes), cost.map(|c| c.lanes));
    let (name, key, lineage) = (service.map(|s| s.0), service.map(|s| s.1), service.map(|s| s.2));
    conn.execute(sql, params![id, now_ms(), memory_kib, passes, lanes, salt, name, key, lineage, bytes]).map(drop)
}

fn select(conn: &Connection) -> rusqlite::Result<Option<Wrapped>> {
    let sql = "SELECT id, created_at, memory_kib, passes, lanes, salt, service, service_key, lineage, wrapped, seal \
               FROM keys ORDER BY created_at DESC LIMIT 1";
    let found = conn.query_row(sql, [], |row| {
        seal::verify(row, 0..10, "keys")?;
        let how = match row.get(6)? {
            Some(service) => How::Service { service, key: row.get(7)?, lineage: row.get(8)? },
            None => {
                let cost = Cost { memory_kib: row.get(2)?, passes: row.get(3)?, lanes: row.get(4)? };
                How::Passphrase { cost, salt: row.get(5)? }
            }
        };
        Ok(Wrapped { id: row.get(0)?, how, bytes: row.get(9)? })
    });
    found.optional()
}

/// Where sensitive texts are, and the seals over them.
const REWRITES: &[&str] = &[
    "UPDATE instances SET attributes = change(attributes) WHERE sensitive_paths NOT IN ('', '[]')",
    "UPDATE instances SET seal = seal(0, addr, deposed, run, provider, provider_source, schema_version, status, object_id, \
     create_before_destroy, dependencies, sensitive_paths, attributes, private)",
    "UPDATE versions SET attributes = change(attributes) WHERE attributes IS NOT NULL AND sensitive_paths NOT IN ('', '[]')",
    "UPDATE versions SET seal = seal(removed, addr, deposed, run, provider, provider_source, schema_version, status, object_id, \
     create_before_destroy, dependencies, sensitive_paths, attributes, private)",
    "UPDATE journal SET prior = change(prior) WHERE prior IS NOT NULL AND coalesce(prior_sensitive, '') NOT IN ('', '[]')",
    "UPDATE journal SET planned = change(planned) WHERE planned IS NOT NULL AND coalesce(planned_sensitive, '') NOT IN ('', '[]')",
    "UPDATE journal SET partial = change(partial) WHERE partial IS NOT NULL",
    "UPDATE journal SET seal = seal(run, seq, addr, deposed, action, op_token, provider, provider_source, schema_version, \
     create_before_destroy, intent_at, dependencies, prior, prior_sensitive, planned, planned_sensitive), \
     end_seal = seal(run, seq, addr, deposed, action, intent_at, object_id, partial, checkpoint_at, outcome, message, outcome_at, \
     duration_us, ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats)",
    "UPDATE outputs SET value = change(value) WHERE sensitive",
    "UPDATE outputs SET seal = seal(name, value, type, sensitive)",
    "UPDATE output_versions SET value = change(value) WHERE value IS NOT NULL AND sensitive",
    "UPDATE output_versions SET seal = seal(name, run, removed, value, type, sensitive)",
];

/// Changes every sensitive text of the store.
fn rewrite(conn: &Connection, change: impl Fn(&str) -> Result<String, StateError> + Send + 'static) -> rusqlite::Result<()> {
    conn.create_scalar_function("change", 1, FunctionFlags::SQLITE_UTF8, move |context| {
        let text = context.get_raw(0).as_str()?;
        change(text).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    })?;
    let changed = REWRITES.iter().try_for_each(|sql| conn.execute(sql, []).map(drop));
    conn.remove_function("change", 1)?;
    changed
}
