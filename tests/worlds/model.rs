//! A configuration as data: what is random is made and changed here, and what must come of it can be told beforehand.

use std::collections::{BTreeMap, BTreeSet};

/// A root module and the modules that it calls. Resources stand in an order in which each refers to earlier ones only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// Each after the call of the module that it stands in.
    pub(crate) calls: Vec<Call>,
    pub(crate) resources: Vec<Resource>,
    /// Resources that outputs of the root module tell of.
    pub(crate) shown: BTreeSet<Key>,
    pub(crate) removed: Vec<Removed>,
    pub(crate) imports: Vec<Import>,
}

/// Identifies a call of a module whatever it is called.
pub(crate) type CallKey = u32;

/// A call of a module.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) key: CallKey,
    pub(crate) name: String,
    /// The call of the module that it stands in; none in the root module.
    pub(crate) parent: Option<CallKey>,
    pub(crate) repeat: Repeat,
    /// `depends_on`: resources beside it.
    pub(crate) after: Vec<Key>,
    /// Whether the provider is handed down in so many words.
    pub(crate) hands_down: bool,
    /// Its name before, by a `moved` block.
    pub(crate) was: Option<String>,
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
    pub(crate) call: Option<CallKey>,
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
    /// What a data source looks up, which is written here.
    pub(crate) looks_at: Option<Sight>,
    /// `depends_on`: resources of the same module.
    pub(crate) after: Vec<Key>,
    /// `depends_on`: calls beside it.
    pub(crate) after_calls: Vec<CallKey>,
    /// `replace_triggered_by`
    pub(crate) triggered_by: Option<Key>,
    /// Where it was called something else, and is by a `moved` block: call and name.
    pub(crate) was: Option<(Option<CallKey>, String)>,
}

/// What a data source looks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The object of a resource beside it; it may say `depends_on` besides.
    Resource(Key, bool),
    /// An object that no configuration ever has.
    Landmark(u32),
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

/// A `removed` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removed {
    /// The call of the module that it was in.
    pub(crate) home: Option<CallKey>,
    /// `sim_object.r1`, `module.m1`
    pub(crate) name: String,
    /// Whether its objects are deleted, and not only forgotten.
    pub(crate) destroy: bool,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) of: Key,
    /// Its object's address.
    pub(crate) to: String,
    pub(crate) origin: Origin,
    /// What the object must be like, so that it is not replaced at once: nobody could import it again.
    pub(crate) zone: usize,
}

/// Where an object comes from that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was made behind our back.
    Stranger(u32),
    /// It had this address, and was forgotten.
    Forgotten(String),
}

/// An instance of a module: the calls on the way to it, with their keys.
pub(crate) type Instance = Vec<(CallKey, String)>;

/// Every object by its address: its resource, and the addresses of what it must come after.
pub(crate) type Objects<'a> = BTreeMap<String, (&'a Resource, BTreeSet<String>)>;

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
    /// Every resource that it names itself, and how far.
    pub(crate) fn names(&self) -> impl Iterator<Item = Key> {
        let refs = self.refs.iter().chain(&self.attached).map(|r| r.to);
        refs.chain(self.looked_at()).chain(self.after.iter().copied()).chain(self.triggered_by)
    }

    /// The resource whose object is looked up.
    pub(crate) fn looked_at(&self) -> Option<Key> {
        match self.looks_at {
            Some(Sight::Resource(key, _)) => Some(key),
            Some(Sight::Landmark(_)) | None => None,
        }
    }

    /// `sim_object.r1`
    pub(crate) fn local_name(&self) -> String {
        format!("{}.{}", self.kind.type_name(), self.name)
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

    pub(crate) fn call(&self, key: CallKey) -> Option<&Call> {
        self.calls.iter().find(|c| c.key == key)
    }

    /// The calls on the way from the root module to what a call calls.
    pub(crate) fn chain(&self, call: Option<CallKey>) -> Vec<CallKey> {
        let mut chain: Vec<CallKey> = std::iter::successors(call, |key| self.call(*key).and_then(|c| c.parent)).collect();
        chain.reverse();
        chain
    }

    /// Whether something is in what a call calls, however deep.
    pub(crate) fn is_inside(&self, home: Option<CallKey>, call: CallKey) -> bool {
        self.chain(home).contains(&call)
    }

    /// What stands before a name in a module, without keys.
    pub(crate) fn path(&self, call: Option<CallKey>) -> String {
        self.chain(call).iter().filter_map(|key| self.call(*key)).map(|c| format!("module.{}.", c.name)).collect()
    }

    /// The instances of a module.
    pub(crate) fn instances(&self, call: Option<CallKey>) -> Vec<Instance> {
        self.chain(call).iter().filter_map(|key| self.call(*key)).fold(vec![Vec::new()], |outer, call| {
            let step = |at: &Instance, key: String| at.iter().cloned().chain([(call.key, key)]).collect();
            outer.iter().flat_map(|at| call.repeat.keys().into_iter().map(|key| step(at, key)).collect::<Vec<_>>()).collect()
        })
    }

    /// What stands before the addresses of what is in an instance of a module.
    pub(crate) fn prefix(&self, at: &[(CallKey, String)]) -> String {
        at.iter().filter_map(|(call, key)| Some(format!("module.{}{key}.", self.call(*call)?.name))).collect()
    }

    /// The addresses of a resource's objects in one instance of its module.
    fn within(prefix: &str, r: &Resource) -> Vec<String> {
        r.repeat.keys().into_iter().map(|key| format!("{prefix}{}{key}", r.local_name())).collect()
    }

    /// The addresses of a resource's objects as far as a module instance, which is not in its own, knows them.
    fn seen_from(&self, at: &Instance, r: &Resource) -> Vec<String> {
        // Two instances know of each other what lies below the innermost module that has both.
        let common = |other: &Instance| {
            let shared = self.chain(r.call).iter().zip(at).take_while(|(a, (b, _))| *a == b).count();
            other[..shared] == at[..shared]
        };
        self.instances(r.call).iter().filter(|other| common(other)).flat_map(|other| Self::within(&self.prefix(other), r)).collect()
    }

    /// The addresses of all objects of a resource.
    pub(crate) fn all(&self, r: &Resource) -> Vec<String> {
        self.instances(r.call).iter().flat_map(|at| Self::within(&self.prefix(at), r)).collect()
    }

    pub(crate) fn objects(&self) -> Objects<'_> {
        let mut out = BTreeMap::new();
        for r in &self.resources {
            for at in self.instances(r.call) {
                for own in r.repeat.keys() {
                    out.insert(format!("{}{}{own}", self.prefix(&at), r.local_name()), (r, self.before(r, &at, &own)));
                }
            }
        }
        out
    }

    fn before(&self, r: &Resource, at: &Instance, own: &str) -> BTreeSet<String> {
        let prefix = self.prefix(at);
        let mut out = BTreeSet::new();
        for reference in r.refs.iter().chain(&r.attached) {
            let Some(target) = self.resource(reference.to) else { continue };
            if target.call != r.call {
                out.extend(self.seen_from(at, target));
                continue;
            }
            match r.picked(target, reference.which, own) {
                Picked::All => out.extend(Self::within(&prefix, target)),
                Picked::One(key) => drop(out.insert(format!("{prefix}{}{key}", target.local_name()))),
                Picked::None => {}
            }
        }
        // These are only ever in the same module, or in one above.
        let whole = r.looked_at().into_iter().chain(r.after.iter().copied()).chain(r.triggered_by).chain(self.named_by_calls(r));
        out.extend(whole.filter_map(|key| self.resource(key)).flat_map(|target| self.seen_from(at, target)));
        let in_calls = self.resources.iter().filter(|other| r.after_calls.iter().any(|call| self.is_inside(other.call, *call)));
        out.extend(in_calls.flat_map(|target| self.seen_from(at, target)));
        out
    }

    /// What the calls on the way to a resource depend on.
    fn named_by_calls(&self, r: &Resource) -> Vec<Key> {
        self.chain(r.call).iter().filter_map(|key| self.call(*key)).flat_map(|c| c.after.iter().copied()).collect()
    }

    /// Every resource that one depends on directly, in whatever way.
    pub(crate) fn needs(&self, r: &Resource) -> BTreeSet<Key> {
        let in_calls = self.resources.iter().filter(|other| r.after_calls.iter().any(|call| self.is_inside(other.call, *call)));
        r.names().chain(in_calls.map(|other| other.key)).chain(self.named_by_calls(r)).collect()
    }

    /// Whether a resource is made anew before it is deleted: because it says so, or because something that depends on it does.
    pub(crate) fn outliving(&self) -> BTreeSet<Key> {
        let mut out: BTreeSet<Key> = BTreeSet::new();
        for r in self.resources.iter().rev() {
            if r.outlives || out.contains(&r.key) {
                out.insert(r.key);
                out.extend(self.needs(r));
            }
        }
        out
    }

    /// Takes a resource out, and with it all that names it.
    pub(crate) fn remove(&mut self, key: Key) {
        self.resources.retain(|r| r.key != key);
        self.shown.remove(&key);
        self.imports.retain(|i| i.of != key);
        self.calls.iter_mut().for_each(|c| c.after.retain(|x| *x != key));
        for r in &mut self.resources {
            r.refs.retain(|x| x.to != key);
            r.attached.retain(|x| x.to != key);
            r.after.retain(|x| *x != key);
            r.looks_at = r.looks_at.filter(|_| r.looked_at() != Some(key));
            r.triggered_by = r.triggered_by.filter(|x| *x != key);
        }
        // A rule is on something.
        let orphans: Vec<Key> = self.resources.iter().filter(|r| r.kind == Kind::Rule && r.attached.is_empty()).map(|r| r.key).collect();
        for key in orphans {
            self.remove(key);
        }
    }

    /// Takes a call out, and with it all that is in what it calls.
    pub(crate) fn remove_call(&mut self, call: CallKey) {
        let inside: Vec<Key> = self.resources.iter().filter(|r| self.is_inside(r.call, call)).map(|r| r.key).collect();
        inside.into_iter().for_each(|key| self.remove(key));
        let calls: Vec<CallKey> = self.calls.iter().filter(|c| self.is_inside(Some(c.key), call)).map(|c| c.key).collect();
        self.calls.retain(|c| !calls.contains(&c.key));
        self.resources.iter_mut().for_each(|r| r.after_calls.retain(|c| !calls.contains(c)));
    }

    /// Whether an address, with keys or without, is of something that is only to be forgotten.
    pub(crate) fn forgets(&self, address: &str) -> bool {
        let address = format!("{}.", without_keys(address));
        self.removed.iter().filter(|r| !r.destroy).any(|r| address.starts_with(&format!("{}{}.", self.path(r.home), r.name)))
    }
}

/// An address of a resource rather than of one of its objects.
pub(crate) fn without_keys(address: &str) -> String {
    let mut depth = 0;
    let outside = |c: &char| {
        depth += i32::from(*c == '[');
        let is = depth == 0;
        depth -= i32::from(*c == ']');
        is
    };
    address.chars().filter(outside).collect()
}
