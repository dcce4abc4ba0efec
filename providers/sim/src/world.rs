//! What is there: the objects of the simulated cloud, and what it allows.

use crate::record::{Action, Event, Line, Links, Object};
use levee_sdk::{ErrorKind, ProviderError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All objects, as the lines so far have made them.
#[derive(Debug, Default)]
pub struct World {
    objects: BTreeMap<String, Object>,
    /// By id: what was there before the last change, when that was, and how often it was looked at since.
    changed: HashMap<String, Changed>,
    /// Which objects name this one, by its id.
    users: HashMap<String, BTreeSet<String>>,
    /// The id of the object that has what is unique of a type.
    unique: HashMap<(String, String), String>,
    /// The id of the object that was made under an op token.
    made: HashMap<String, String>,
    /// How often something was done to objects of a type and name.
    calls: HashMap<(String, String, Action), u64>,
    seq: u64,
    at: u64,
}

#[derive(Debug)]
struct Changed {
    before: Option<Object>,
    at: u64,
    looks: u64,
}

/// How far looks lag behind changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lag {
    /// In milliseconds of the world's clock.
    pub ms: u64,
    /// In looks at the object by the process that changed it; another one does not know how often it was looked at.
    pub reads: u64,
}

impl Lag {
    fn is_none(self) -> bool {
        self.ms == 0 && self.reads == 0
    }
}

impl World {
    /// Takes a line in.
    pub fn apply(&mut self, line: Line) {
        self.seq = line.seq;
        self.at = self.at.max(line.at);
        if line.event == Event::Asked {
            self.count(&line.type_name, &line.name, line.action);
            return;
        }
        let Some(id) = line.id.filter(|_| line.event == Event::Done) else { return };
        let before = self.objects.remove(&id);
        if let Some(before) = &before {
            self.untie(before);
        }
        if let Some(object) = line.object {
            self.tie(&object);
            self.objects.insert(id.clone(), object);
        }
        self.changed.insert(id, Changed { before, at: line.at, looks: 0 });
    }

    fn tie(&mut self, object: &Object) {
        for other in named(&object.links) {
            self.users.entry(other.clone()).or_default().insert(object.id.clone());
        }
        if let Some(unique) = &object.links.unique {
            self.unique.insert((object.type_name.clone(), unique.clone()), object.id.clone());
        }
        self.made.insert(object.op.clone(), object.id.clone());
    }

    fn untie(&mut self, object: &Object) {
        for other in named(&object.links) {
            if let Some(users) = self.users.get_mut(other) {
                users.remove(&object.id);
            }
        }
        if let Some(unique) = &object.links.unique {
            self.unique.remove(&(object.type_name.clone(), unique.clone()));
        }
        self.made.remove(&object.op);
    }

    /// Takes all that was changed so far for seen often enough.
    pub fn settle(&mut self) {
        self.changed.values_mut().for_each(|changed| changed.looks = u64::MAX);
    }

    /// The number of the last line.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When the last line was written, by the world's clock.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// All objects, by id.
    pub fn objects(&self) -> &BTreeMap<String, Object> {
        &self.objects
    }

    /// How often this was done to objects of a type and name.
    pub fn nth(&self, type_name: &str, name: &str, action: Action) -> u64 {
        self.calls.get(&(type_name.to_owned(), name.to_owned(), action)).copied().unwrap_or_default()
    }

    /// Counts that this is done once more, where no line tells it.
    pub fn count(&mut self, type_name: &str, name: &str, action: Action) -> u64 {
        let calls = self.calls.entry((type_name.to_owned(), name.to_owned(), action)).or_default();
        *calls += 1;
        *calls
    }

    /// The object as whoever looks now sees it.
    pub fn look(&mut self, id: &str, now: u64, lag: Lag) -> Option<Object> {
        let is_settled = |changed: &Changed| changed.looks > lag.reads && now >= changed.at + lag.ms;
        if let Some(changed) = self.changed.get_mut(id).filter(|_| !lag.is_none()) {
            changed.looks = changed.looks.saturating_add(1);
            if !is_settled(changed) {
                return changed.before.clone();
            }
        }
        self.objects.get(id).cloned()
    }

    /// Whether whoever looks next sees the last change; the look counts.
    pub fn is_visible(&mut self, id: &str, now: u64, lag: Lag) -> bool {
        let is = self.objects.get(id).cloned();
        self.look(id, now, lag) == is
    }

    /// The object that was made under an op token.
    pub fn made_by(&self, op: &str) -> Option<&Object> {
        self.objects.get(self.made.get(op)?)
    }

    /// The object of a type that has something unique.
    pub fn owner(&self, type_name: &str, unique: &str) -> Option<&Object> {
        self.objects.get(self.unique.get(&(type_name.to_owned(), unique.to_owned()))?)
    }

    /// Whether an object may be as it is to be.
    pub fn may_be(&self, object: &Object) -> Result<(), ProviderError> {
        if let Some(absent) = named(&object.links).find(|id| !self.objects.contains_key(*id)) {
            return Err(refusal(ErrorKind::Invalid, "ReferenceNotFound", format!("{} names {absent}, which does not exist", object.name)));
        }
        let unique = object.links.unique.as_deref();
        // What its connections identify has the same id however often it is made: the token tells whether it is another one.
        let is_other = |other: &&Object| other.id != object.id || other.op != object.op;
        match unique.and_then(|unique| self.owner(&object.type_name, unique)).filter(is_other) {
            Some(other) => Err(refusal(ErrorKind::AlreadyExists, "AlreadyExists", format!("{:?} belongs to {} already", unique, other.id))),
            None => Ok(()),
        }
    }

    /// Whether an object may go.
    pub fn may_go(&self, object: &Object) -> Result<(), ProviderError> {
        let users = self.users.get(&object.id).into_iter().flatten().filter_map(|id| self.objects.get(id));
        let mut holders = users.filter(|user| user.id != object.id && (object.links.guarded || user.links.holds.contains(&object.id)));
        match holders.next() {
            Some(user) => Err(refusal(ErrorKind::Conflict, "InUse", format!("{} is in use by {} ({})", object.id, user.id, user.name))),
            None => Ok(()),
        }
    }
}

fn named(links: &Links) -> impl Iterator<Item = &String> {
    links.needs.iter().chain(&links.holds)
}

fn refusal(kind: ErrorKind, code: &str, message: String) -> ProviderError {
    ProviderError { code: Some(code.to_owned()), ..ProviderError::new(kind, message) }
}
