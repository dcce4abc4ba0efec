//! What undoes a run: from its journal, and from what the store remembers of the objects, to the images that a plan is made from.
//!
//! In reading order: [`target`] says which run is meant, [`history`] what there is to go by, [`image`] what a provider is asked for,
//! [`retention`] what stays as it is and why, [`moved`] and [`outputs`] what concerns the state alone, [`compensation`] puts
//! them together, and [`skeleton`] is the configuration that such a plan has in place of a written one.

pub mod target;
pub mod history;
pub mod image;
pub mod retention;
mod moved;
mod outputs;
pub mod compensation;
pub mod skeleton;
