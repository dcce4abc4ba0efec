//! The store through its public interface, on real files. The crash tests run this binary again and kill it.

mod fixture;

mod crash;
mod damage;
mod encryption;
mod history;
mod keeping;
mod layouts;
mod locking;
mod recording;
mod refusal;
