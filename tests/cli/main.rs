//! The command line as its users meet it: the program itself, run in directories of its own, without any network.
//!
//! [`test_env`] is what every test stands on; then the verbs in the order in which one meets them, and at last what happens
//! when something is wrong.

mod test_env;
mod background;

mod cycle;
mod saved_plan;
mod values;
mod workspaces;
mod repetition;
mod replacement;
mod late_providers;
mod order;
mod encryption;
mod files;
mod json_syntax;
mod formatting;
mod foreign_types;
mod installs;
mod secrets;
mod modules;
mod selections;
mod state_commands;
mod state_store;
mod streams;
mod documents;
mod schema;
mod language_mistakes;
mod place_mistakes;
mod provisioners;
mod cloud_mistakes;
mod two_at_once;
mod interrupts;
mod asking;
mod timeline;
mod rollback;
mod crash;
mod resume;
mod terminal;
mod recover;
mod provocations;
mod thousand_kills;
