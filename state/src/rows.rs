//! What is stored of an object and of an output, and the ways to change it. Stored types are not live types: values are
//! JSON text, parsed by whoever needs them. `Debug` shows sizes instead of values.

use levee_model::address::{DeposedKey, InstanceAddr, ResourceAddr};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Which state something was made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// The state's identity; nil before there is any.
    pub lineage: Uuid,
    /// How often it has changed: once per run that changed something.
    pub serial: u64,
}

impl Base {
    /// Whether something made from `self` still holds for a state at `now`. What was made before there was any state
    /// holds for a state that never changed.
    pub fn holds_at(self, now: Self) -> bool {
        self == now || (self.lineage.is_nil() && self.serial == 0 && now.serial == 0)
    }
}

/// Whether an object can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectStatus {
    /// It is.
    Ready,
    /// Its creation failed half way: it is to be replaced.
    Tainted,
}

/// One remote object as the state knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// Its instance.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is not the current one.
    pub deposed: Option<DeposedKey>,
    /// The provider configuration that manages it, as text.
    pub provider: Arc<str>,
    /// Where that provider comes from: `hashicorp/aws`.
    pub provider_source: Arc<str>,
    /// Version of the resource type's schema that `values` follows.
    pub schema_version: u64,
    /// Whether it can be trusted.
    pub status: ObjectStatus,
    /// The provider's id of it, if it has one.
    pub id: Option<String>,
    /// All attributes: a JSON object.
    pub values: String,
    /// Which of them are sensitive: a JSON array of paths in Terraform's format.
    pub sensitive_paths: String,
    /// The resources it directly depends on.
    pub dependencies: Vec<ResourceAddr>,
    /// Whether it is created anew before it is deleted.
    pub create_before_destroy: bool,
    /// What the provider wants kept beside it.
    pub private: Option<Vec<u8>>,
}

/// One output value of the root module.
#[derive(Clone, PartialEq, Eq)]
pub struct OutputRow {
    /// JSON.
    pub value: String,
    /// Its type: JSON in Terraform's format.
    pub type_json: String,
    /// Whether it is hidden from people.
    pub sensitive: bool,
}

/// An object's attributes at one moment, for the journal.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// All attributes: a JSON object.
    pub values: String,
    /// Which of them are sensitive, or for a planned image also unknown, as the caller encodes it: JSON.
    pub sensitive_paths: String,
}

/// One change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateEdit {
    /// An object is written, whole.
    Put(Box<ObjectRow>),
    /// An object is gone.
    Remove {
        /// Its instance.
        addr: InstanceAddr,
        /// Which deposed one, if it is.
        deposed: Option<DeposedKey>,
    },
    /// The current object becomes a deposed one.
    Depose {
        /// Its instance.
        addr: InstanceAddr,
        /// Under which key.
        key: DeposedKey,
    },
    /// A deposed object becomes the current one again.
    Restore {
        /// Its instance, which has no current object.
        addr: InstanceAddr,
        /// Which one.
        key: DeposedKey,
    },
    /// An instance has a new address; its deposed objects go along.
    Move {
        /// The old one.
        from: InstanceAddr,
        /// The new one, which has no objects.
        to: InstanceAddr,
    },
}

impl fmt::Debug for ObjectRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectRow")
            .field("addr", &format_args!("{}", self.addr))
            .field("deposed", &self.deposed)
            .field("provider", &self.provider)
            .field("status", &self.status)
            .field("values", &format_args!("({} bytes)", self.values.len()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for OutputRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputRow({} bytes, sensitive: {})", self.value.len(), self.sensitive)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} bytes)", self.values.len())
    }
}

impl StateEdit {
    /// Roughly how much memory it keeps while it waits to be written, in bytes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Put(row) => 256 + row.values.len() + row.sensitive_paths.len() + row.private.as_ref().map_or(0, Vec::len),
            _ => 128,
        }
    }
}

impl Image {
    pub(crate) fn weight(image: Option<&Self>) -> usize {
        image.map_or(0, |i| i.values.len() + i.sensitive_paths.len())
    }
}

impl ObjectStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Tainted => "tainted",
        }
    }
}

/// How a deposed key stands in its column: the current object has the empty one, so that it takes part in uniqueness.
pub(crate) fn deposed_text(key: Option<&DeposedKey>) -> &str {
    key.map_or("", |k| &k.0)
}

/// `SQLite`'s integers are signed; none of ours come near the limit.
pub(crate) fn sql_int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The time now, as stored: milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A stored time.
pub(crate) fn time_of(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
