//! A line of the world's file.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is looked at. No line is written for it.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

impl Action {
    /// As configuration and file have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A call came in.
    Asked,
    /// It was carried out, all at once and now.
    Done,
    /// It was not.
    Refused,
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1 on.
    pub seq: u64,
    /// When, in milliseconds of the world's clock, which begins as the Unix time and never goes back.
    pub at: u64,
    /// The number of the line with which the call came in.
    pub call: u64,
    /// What it tells.
    pub event: Event,
    /// What is, or was to be, done.
    pub action: Action,
    /// The type of the object.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The name of the object.
    pub name: String,
    /// Its id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The object, once it was made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// Why it was refused, or that the answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An object of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its name, which need not be unique.
    pub name: String,
    /// The op token of the call that made it.
    pub op: String,
    /// How often it was made or changed.
    pub generation: u64,
    /// From when on it is ready, in milliseconds of the world's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<u64>,
    /// Whether it never becomes ready.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broken: bool,
    /// What it is tied to.
    #[serde(flatten)]
    pub links: Links,
    /// Its arguments, by the type's schema.
    pub values: serde_json::Value,
}

/// What ties an object to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// Ids of objects that must be there when this one is made or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Ids of objects that must be there too, and that cannot be deleted while this one is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// What no second object of the type may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<String>,
    /// Whether it cannot be deleted while another one needs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
}
