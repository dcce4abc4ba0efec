//! The arguments of `provider "sim"`.

use levee_sdk::Shape;

/// A cloud that is simulated in a file.
#[derive(Clone, Default, Shape)]
pub struct ProviderBlock {
    /// The file that holds the world: a line of JSON for whatever is asked of it and happens in it. It is made when it is not there.
    #[attr(required)]
    pub world: Option<String>,
    /// Decides everything that chance decides. 0 unless it is set.
    #[attr(optional)]
    pub seed: Option<i64>,
    /// How often a call is repeated when it was throttled. 20 times unless it is set.
    #[attr(optional)]
    pub retries: Option<i64>,
    /// For so many milliseconds after a change, who looks sees what was before.
    #[attr(optional)]
    pub lag_ms: Option<i64>,
    /// So many looks by the process that made a change see what was before it.
    #[attr(optional)]
    pub lag_reads: Option<i64>,
    /// How long calls take. The first block that fits a call counts; none means no time at all.
    #[block(list)]
    pub latency: Vec<Latency>,
    /// What goes wrong. The first block that fits a call, and whose chance has it, counts.
    #[block(list)]
    pub fault: Vec<Fault>,
    /// How many calls are let through.
    #[block(single)]
    pub throttle: Option<Throttle>,
}

/// How long calls take.
#[derive(Clone, Default, Shape)]
pub struct Latency {
    /// Only calls about this resource type.
    #[attr(optional, rename = "type")]
    pub type_name: Option<String>,
    /// Only this: `create`, `read`, `update` or `delete`.
    #[attr(optional)]
    pub action: Option<String>,
    /// `fixed` (unless it is set), `uniform` or `lognormal`.
    #[attr(optional)]
    pub distribution: Option<String>,
    /// The time in milliseconds: the fixed one, the least one, or the median.
    #[attr(required)]
    pub ms: Option<f64>,
    /// The longest time in milliseconds, of `uniform`.
    #[attr(optional)]
    pub up_to_ms: Option<f64>,
    /// The standard deviation of the time's logarithm, of `lognormal`. 0.5 unless it is set.
    #[attr(optional)]
    pub sigma: Option<f64>,
}

/// What goes wrong, and when.
#[derive(Clone, Default, Shape)]
pub struct Fault {
    /// `refused` (nothing was done, and trying again helps), `invalid` (nothing was done), `throttled` (nothing was done),
    /// `lost` (it was done, and the answer never came), `unheard` (nothing was done, and no answer came), or `half` (what was
    /// created never becomes ready).
    #[attr(required)]
    pub kind: Option<String>,
    /// Only calls about this resource type.
    #[attr(optional, rename = "type")]
    pub type_name: Option<String>,
    /// Only calls about the object of this name.
    #[attr(optional)]
    pub name: Option<String>,
    /// Only this: `create`, `read`, `update` or `delete`. Without it, everything but `read`.
    #[attr(optional)]
    pub action: Option<String>,
    /// Only the call of this number, from 1 on, that does this to an object of this type and name.
    #[attr(optional)]
    pub nth: Option<i64>,
    /// How likely it is, from 0 to 1. Without it, it is certain.
    #[attr(optional)]
    pub rate: Option<f64>,
}

/// A bucket of tokens, of which each call takes one.
#[derive(Clone, Default, Shape)]
pub struct Throttle {
    /// How many tokens come in a second.
    #[attr(required)]
    pub rate: Option<f64>,
    /// How many the bucket holds. 1 unless it is set.
    #[attr(optional)]
    pub burst: Option<i64>,
}
