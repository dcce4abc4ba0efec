//! Waiting for an address from outside: of services and ingresses.

use crate::client::gone;
use crate::kind::Settling;
use levee_sdk::error::Result;
use levee_sdk::wait::{Look, Pace, Wait};
use serde_json::Value as Json;
use std::time::Duration;

const PACE: Pace = Pace::millis(250, 10_000);
const LIMIT: Duration = Duration::from_mins(10);

/// Waits for the address, where there is to be one and `wait_for_load_balancer` says so.
pub(crate) async fn of(at: Settling<'_>) -> Result<()> {
    let is_wanted = at.planned.get("wait_for_load_balancer").and_then(|v| v.as_bool()) == Some(true);
    let is_to_have_one = at.live["kind"] != "Service" || at.live["spec"]["type"] == "LoadBalancer";
    if !is_wanted || !is_to_have_one {
        return Ok(());
    }
    let wait = Wait::new(format!("load balancer of {}", at.place.what()), PACE, LIMIT);
    let look = || async {
        let live = at.ctx.client.get(at.place).await?.ok_or_else(|| gone(at.place))?;
        let has_one = live.pointer("/status/loadBalancer/ingress").and_then(Json::as_array).is_some_and(|i| !i.is_empty());
        Ok(if has_one { Look::Ready(()) } else { Look::Pending("no address yet".to_owned()) })
    };
    wait.run(at.ctx, look).await
}
