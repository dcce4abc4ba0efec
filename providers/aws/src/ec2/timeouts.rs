//! The `timeouts` blocks of EC2's types. The engine reads them; the operations are given what applies.

use levee_sdk::Shape;

/// How long creating and deleting may take.
#[derive(Clone, Default, Shape)]
pub struct CreateDelete {
    /// For a creation: `10m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For a deletion.
    #[attr(optional)]
    pub delete: Option<String>,
}

/// How long creating, changing and deleting may take.
#[derive(Clone, Default, Shape)]
pub struct CreateUpdateDelete {
    /// For a creation: `10m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For a deletion.
    #[attr(optional)]
    pub delete: Option<String>,
    /// For a change in place.
    #[attr(optional)]
    pub update: Option<String>,
}

/// How long creating and changing may take.
#[derive(Clone, Default, Shape)]
pub struct CreateUpdate {
    /// For a creation: `10m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For a change in place.
    #[attr(optional)]
    pub update: Option<String>,
}

/// How long reading, changing and deleting may take.
#[derive(Clone, Default, Shape)]
pub struct DeleteReadUpdate {
    /// For a deletion: `3m`.
    #[attr(optional)]
    pub delete: Option<String>,
    /// For a read.
    #[attr(optional)]
    pub read: Option<String>,
    /// For a change in place.
    #[attr(optional)]
    pub update: Option<String>,
}

/// How long a lookup may take.
#[derive(Clone, Default, Shape)]
pub struct Read {
    /// For the lookup: `20m`.
    #[attr(optional)]
    pub read: Option<String>,
}
