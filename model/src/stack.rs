//! Deep recursion: as much stack as it needs.

/// So much must be left, or more is taken.
const LEFT: usize = 128 * 1024;
const MORE: usize = 2 * 1024 * 1024;

/// Calls `f`, which may call itself through this again, as deep as the text nests that it goes through.
pub fn deep<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEFT, MORE, f)
}

/// Enough for whatever nests a thousand deep, even without optimisation.
const PLENTY: usize = 64 * 1024 * 1024;

/// Calls `f`, which goes deep in code that is not ours. Memory that it does not come to touch costs nothing.
pub fn with_plenty<T>(f: impl FnOnce() -> T) -> T {
    stacker::grow(PLENTY, f)
}
