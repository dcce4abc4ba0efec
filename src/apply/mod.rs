//! Carries a compiled plan out. It adds no step, and chooses no action but where the plan said that it would: the steps and their
//! order are the plan's, and only values that were unknown are filled in.
//!
//! In reading order: who starts when ([`scheduler`]; `places` says how many at a time, `clock` and `outlook` how late it is and how long it will be), what beginning means ([`starts`]) and what a step is about to do
//! ([`prepare`]; `in_full` plans what could not be planned before its provider was configured), the step itself between intent and outcome ([`step`]), provisioners in
//! between (`provision`, [`local_exec`]), what it brings back ([`accepting`]), the way back from a provider while it works ([`sink`]), and what to do about steps that an earlier
//! run left open ([`recovery`]).

mod accepting;
pub mod prepare;
pub mod recovery;
pub mod clock;
mod places;
mod outlook;
pub mod scheduler;
pub mod sink;
mod starts;
mod in_full;
mod ephemeral;
mod provision;
pub mod local_exec;
pub mod step;

pub use scheduler::{Outcome, Undone, carry_out};
