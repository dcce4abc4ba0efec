//! A whole estate.
