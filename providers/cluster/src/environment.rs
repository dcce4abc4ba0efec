//! The one place where this crate reads the environment.

/// A variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// Whether we run inside of a cluster, whose service account is at hand.
pub(crate) fn is_inside_a_cluster() -> bool {
    variable("KUBERNETES_SERVICE_HOST").is_some() && variable("KUBERNETES_SERVICE_PORT").is_some()
}
