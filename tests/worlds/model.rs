//! A configuration as data: what is random is made and changed here, and what must come of it can be told beforehand.

use std::collections::{BTreeMap, BTreeSet};

/// A root module and the modules that it calls. Resources stand in an order in which each refers to earlier ones only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) calls: Vec<Call>,
    pub(crate) resources: Vec<Resource>,
}

/// A call of a module from the root module.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) repeat: Repeat,
}

/// How many there are of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    One,
    Count(usize),
    Each(BTreeSet<char>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Network,
    Cluster,
    Rule,
}

impl Kind {
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Object => "sim_object",
            Self::Network => "sim_network",
            Self::Cluster => "sim_cluster",
            Self::Rule => "sim_rule",
        }
    }
}

/// Identifies a resource whatever it is called.
pub(crate) type Key = u32;

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own that may be written or not")]
pub(crate) struct Resource {
    pub(crate) key: Key,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The call of the module that it is in; none in the root module.
    pub(crate) call: Option<usize>,
    pub(crate) repeat: Repeat,
    pub(crate) size: usize,
    /// Its change replaces.
    pub(crate) zone: usize,
    /// `create_before_destroy`
    pub(crate) outlives: bool,
    /// Its objects cannot be deleted while others name them. Only what outlives can be so, from beginning to end.
    pub(crate) guarded: bool,
    /// Its objects have names that no others have.
    pub(crate) unique: bool,
    /// `ignore_changes = [tags]`
    pub(crate) ignores: bool,
    pub(crate) refs: Vec<Ref>,
    /// References whose change replaces, and which hold what they name.
    pub(crate) attached: Vec<Ref>,
    /// A data source looks it up, and what that says is written here.
    pub(crate) looks_at: Option<Key>,
    /// `depends_on`
    pub(crate) after: Vec<Key>,
    /// `replace_triggered_by`
    pub(crate) triggered_by: Option<Key>,
    /// Where it was called something else, and is by a `moved` block: call and name.
    pub(crate) was: Option<(Option<usize>, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ref {
    pub(crate) to: Key,
    pub(crate) which: Which,
}

/// Which objects of a resource are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    First,
    /// The one with the same index or key, where there is one.
    Same,
}

/// What a reference comes to for one object.
pub(crate) enum Picked {
    All,
    /// The one of this key.
    One(String),
    /// There is none.
    None,
}

impl Repeat {
    /// The keys as they follow on an address.
    pub(crate) fn keys(&self) -> Vec<String> {
        match self {
            Self::One => vec![String::new()],
            Self::Count(n) => (0..*n).map(|i| format!("[{i}]")).collect(),
            Self::Each(keys) => keys.iter().map(|k| format!("[\"{k}\"]")).collect(),
        }
    }
}

impl Resource {
    /// Everything that it names, and how far.
    pub(crate) fn names(&self) -> impl Iterator<Item = Key> {
        let refs = self.refs.iter().chain(&self.attached).map(|r| r.to);
        refs.chain(self.looks_at).chain(self.after.iter().copied()).chain(self.triggered_by)
    }

    /// Which objects of `target`, in the same module, an instance of this one names.
    pub(crate) fn picked(&self, target: &Self, which: Which, own: &str) -> Picked {
        let keys = target.repeat.keys();
        let same_shape = self.call == target.call
            && match (&self.repeat, &target.repeat) {
                (Repeat::Count(a), Repeat::Count(b)) => a <= b,
                (Repeat::Each(a), Repeat::Each(b)) => a.is_subset(b),
                _ => false,
            };
        match which {
            Which::All => Picked::All,
            Which::Same if same_shape => Picked::One(own.to_owned()),
            Which::Same | Which::First => keys.first().map_or(Picked::None, |key| Picked::One(key.clone())),
        }
    }
}

impl Model {
    pub(crate) fn resource(&self, key: Key) -> Option<&Resource> {
        self.resources.iter().find(|r| r.key == key)
    }

    /// What stands before the addresses of a module's objects, for each of its instances.
    pub(crate) fn prefixes(&self, call: Option<usize>) -> Vec<String> {
        let Some(call) = call.map(|i| &self.calls[i]) else { return vec![String::new()] };
        call.repeat.keys().into_iter().map(|key| format!("module.{}{key}.", call.name)).collect()
    }

    fn local_name(r: &Resource) -> String {
        format!("{}.{}", r.kind.type_name(), r.name)
    }

    /// The addresses of a resource's objects in one instance of its module.
    fn within(prefix: &str, r: &Resource) -> Vec<String> {
        r.repeat.keys().into_iter().map(|key| format!("{prefix}{}{key}", Self::local_name(r))).collect()
    }

    /// The addresses of all objects of a resource.
    pub(crate) fn all(&self, r: &Resource) -> Vec<String> {
        self.prefixes(r.call).iter().flat_map(|prefix| Self::within(prefix, r)).collect()
    }

    /// Every object: its address, its resource, and the addresses of what it must come after.
    pub(crate) fn objects(&self) -> BTreeMap<String, (&Resource, BTreeSet<String>)> {
        let mut out = BTreeMap::new();
        for r in &self.resources {
            for prefix in self.prefixes(r.call) {
                for own in r.repeat.keys() {
                    out.insert(format!("{prefix}{}{own}", Self::local_name(r)), (r, self.before(r, &prefix, &own)));
                }
            }
        }
        out
    }

    fn before(&self, r: &Resource, prefix: &str, own: &str) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for reference in r.refs.iter().chain(&r.attached) {
            let Some(target) = self.resource(reference.to) else { continue };
            if target.call != r.call {
                out.extend(self.all(target));
                continue;
            }
            match r.picked(target, reference.which, own) {
                Picked::All => out.extend(Self::within(prefix, target)),
                Picked::One(key) => drop(out.insert(format!("{prefix}{}{key}", Self::local_name(target)))),
                Picked::None => {}
            }
        }
        // These are only ever in the same module.
        let whole = r.looks_at.into_iter().chain(r.after.iter().copied()).chain(r.triggered_by);
        out.extend(whole.filter_map(|key| self.resource(key)).flat_map(|target| Self::within(prefix, target)));
        out
    }

    /// Whether a resource is made anew before it is deleted: because it says so, or because something that depends on it does.
    pub(crate) fn outliving(&self) -> BTreeSet<Key> {
        let mut out: BTreeSet<Key> = BTreeSet::new();
        for r in self.resources.iter().rev() {
            if r.outlives || out.contains(&r.key) {
                out.insert(r.key);
                out.extend(r.names());
            }
        }
        out
    }

    /// Takes a resource out, and with it all that names it.
    pub(crate) fn remove(&mut self, key: Key) {
        self.resources.retain(|r| r.key != key);
        for r in &mut self.resources {
            r.refs.retain(|x| x.to != key);
            r.attached.retain(|x| x.to != key);
            r.after.retain(|x| *x != key);
            r.looks_at = r.looks_at.filter(|x| *x != key);
            r.triggered_by = r.triggered_by.filter(|x| *x != key);
        }
        // A rule is on something.
        let orphans: Vec<Key> = self.resources.iter().filter(|r| r.kind == Kind::Rule && r.attached.is_empty()).map(|r| r.key).collect();
        for key in orphans {
            self.remove(key);
        }
    }
}
