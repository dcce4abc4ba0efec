//! What is to happen: the plan, and how it is found.
//!
//! In reading order: [`refresh`] reads what is there, [`walk`] evaluates the configuration in dependency order and
//! compares ([`propose`], [`diff`]), [`steps`] turns changes into the finished step graph, [`durations`] says how long each may take and
//! [`schedule`] which goes first, [`relevant`] tells what a document
//! about it is asked for, [`file`] saves it, [`approval`] is what a run keeps of it.

mod small_map;
pub mod values;
pub mod scope;
mod references;
pub mod propose;
pub mod diff;
mod own_types;
pub mod objects;
pub mod moves;
pub mod checks;
pub mod evaluate;
pub mod conditions;
pub mod pool;
pub mod refresh;
mod drift;
pub mod edits;
pub mod walk;
pub mod removed;
pub mod orphans;
pub mod data;
pub mod imports;
pub mod ephemeral;
pub mod managed;
pub mod images;
pub mod restore;
mod foreign;
pub mod provisioners;
mod triggers;
pub mod durations;
pub mod schedule;
pub mod steps;
pub mod expectation;
pub mod logins;
mod preview;
pub mod dependencies;
pub mod compile;
pub mod relevant;
pub mod generate;
pub mod file;
pub mod approval;
mod plan_type;

pub use crate::graph::choice::Choice;
pub use crate::graph::target::LeftOut;
pub use plan_type::{Mode, OutputChange, Plan, PlanOptions};
pub use relevant::RelevantAttribute;
