//! How many steps may run at a time, as `-parallelism` says it.

/// Unless the user says otherwise. Limiters see to it that this is not too much for a service.
pub(crate) const DEFAULT: usize = 64;

/// Reads the flag's value. Zero is the default, as for Terraform; `Err` says what is wrong.
pub(crate) fn parse(text: &str) -> Result<usize, String> {
    match text.parse::<i64>() {
        Ok(0) => Ok(DEFAULT),
        Ok(n) => usize::try_from(n).map_err(|_| format!("The parallelism must be a positive value. Not {n}.")),
        Err(_) => Err("parse error".into()),
    }
}
