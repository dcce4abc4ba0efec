//! The store's key: made, wrapped in another passphrase, put in the place of another, and taken away. What is there already is
//! hidden or shown in the same transaction.

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
    cost: Cost,
    salt: Vec<u8>,
    wrapped: Vec<u8>,
}

impl Store {
    /// Whether sensitive values are hidden.
    pub fn is_encrypted(&self) -> Result<bool, StateError> {
        self.wrapped_key().map(|key| key.is_some())
    }

    /// Makes hidden values readable through this store, and what is written hidden; a store that is not encrypted needs none.
    ///
    /// # Errors
    /// The passphrase is another.
    pub fn unlock(&self, passphrase: &str) -> Result<(), StateError> {
        let Some(Wrapped { id, cost, salt, wrapped }) = self.wrapped_key()? else { return Ok(()) };
        let key = DataKey::unwrap(&id, &wrapped, passphrase, &salt, cost)?.ok_or(StateError::WrongPassphrase)?;
        self.unlock_with(key);
        Ok(())
    }

    /// Likewise, with a key that [`Store::unlock`] found for another handle of the same state.
    pub fn unlock_with(&self, key: DataKey) {
        self.shared().set_key(Some(key));
    }

    /// The key that this store was unlocked with.
    pub fn key(&self) -> Option<DataKey> {
        self.shared().key()
    }

    /// Encrypts: hides all that is sensitive, in the history and the journal too. [`Store::wipe`] takes away what is left of it.
    ///
    /// # Errors
    /// It is encrypted already, or cannot be written.
    pub fn encrypt(&self, guard: &LockGuard, passphrase: &str) -> Result<(), StateError> {
        if self.is_encrypted()? {
            return Err(StateError::Encrypted { encrypted: true });
        }
        self.change_key(guard, Some(passphrase))
    }

    /// Shows everything again, and forgets the key.
    ///
    /// # Errors
    /// It is not encrypted, it was not unlocked, or cannot be written.
    pub fn decrypt(&self, guard: &LockGuard) -> Result<(), StateError> {
        self.require_key()?;
        self.change_key(guard, None)
    }

    /// Hides everything anew with a new key in a passphrase, the same as before or another.
    ///
    /// # Errors
    /// It is not encrypted, it was not unlocked, or cannot be written.
    pub fn rotate_key(&self, guard: &LockGuard, passphrase: &str) -> Result<(), StateError> {
        self.require_key()?;
        self.change_key(guard, Some(passphrase))
    }

    /// Leaves nothing in the file and its log of what was written over, such as what is hidden now.
    ///
    /// # Errors
    /// There is no room for the file a second time, or somebody reads the log. What counts is written all the same.
    pub fn wipe(&self) -> Result<(), StateError> {
        self.shared().tidy_up()
    }

    fn require_key(&self) -> Result<(), StateError> {
        if !self.is_encrypted()? {
            return Err(StateError::Encrypted { encrypted: false });
        }
        self.key().map(drop).ok_or(StateError::KeyNeeded)
    }

    fn change_key(&self, guard: &LockGuard, passphrase: Option<&str>) -> Result<(), StateError> {
        self.check_guard(guard)?;
        let (old, id, salt) = (self.key(), Uuid::new_v4().to_string(), random::<SALT>()?);
        let new = passphrase.map(|passphrase| -> Result<_, StateError> {
            let key = DataKey::new()?;
            Ok((key.wrap(&id, passphrase, &salt, COST)?, key))
        });
        let new = new.transpose()?;
        self.shared().write("changing the key", |conn| {
            conn.execute_batch("PRAGMA secure_delete = ON")?;
            if let Some(key) = old {
                rewrite(conn, move |text| key.show(text))?;
            }
            conn.execute("DELETE FROM keys", [])?;
            if let Some((wrapped, key)) = &new {
                insert(conn, &id, &salt, wrapped)?;
                let key = key.clone();
                rewrite(conn, move |text| Ok(key.hide(text)))?;
            }
            Ok(Ok(()))
        })?;
        self.shared().set_key(new.map(|(_, key)| key));
        Ok(())
    }

    fn wrapped_key(&self) -> Result<Option<Wrapped>, StateError> {
        Ok(self.shared().read("reading the key", select)?.flatten())
    }
}

fn insert(conn: &Connection, id: &str, salt: &[u8], wrapped: &[u8]) -> rusqlite::Result<()> {
    let Cost { memory_kib, passes, lanes } = COST;
    let sql = "INSERT INTO keys (id, created_at, memory_kib, passes, lanes, salt, wrapped, seal) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, seal(?1, ?2, ?3, ?4, ?5, ?6, ?7))";
    conn.execute(sql, params![id, now_ms(), memory_kib, passes, lanes, salt, wrapped]).map(drop)
}

fn select(conn: &Connection) -> rusqlite::Result<Option<Wrapped>> {
    let sql = "SELECT id, created_at, memory_kib, passes, lanes, salt, wrapped, seal FROM keys ORDER BY created_at DESC LIMIT 1";
    let found = conn.query_row(sql, [], |row| {
        seal::verify(row, 0..7, "keys")?;
        let cost = Cost { memory_kib: row.get(2)?, passes: row.get(3)?, lanes: row.get(4)? };
        Ok(Wrapped { id: row.get(0)?, cost, salt: row.get(5)?, wrapped: row.get(6)? })
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
