//! Everything that is printed, and nothing else prints.
//!
//! In reading order: where it goes ([`console`], [`color`], [`log`]), what is wrong ([`diagnostics`] with [`excerpt`]), what is to
//! happen ([`plan`] with [`schemas`]), what happens ([`progress`]) and happened ([`timeline`], [`history`]), what there is ([`state_text`], [`value_text`]), how files are to change ([`difference`]), and
//! all of it for programs ([`json`]).

pub(crate) mod color;
pub(crate) mod console;
pub(crate) mod log;
pub(crate) mod excerpt;
pub(crate) mod diagnostics;
pub(crate) mod schemas;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod rollback;
pub(crate) mod timeline;
pub(crate) mod value_text;
pub(crate) mod type_text;
pub(crate) mod state_text;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod difference;
pub(crate) mod tree;
pub(crate) mod json;
