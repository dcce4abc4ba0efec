//! The calls: what they take, what goes wrong with them, and what they do to the world.

use crate::faults::{self, Wrong};
use crate::latency;
use crate::provider_block::ProviderBlock;
use crate::random::mixed;
use crate::record::{Action, Event, Line, Object};
use crate::throttle::Bucket;
use crate::world::{Lag, World};
use crate::world_file::WorldFile;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::limiter::{Limiter, Limits};
use levee_sdk::{Ctx, StepSink, wait};
use std::future::Future;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// How often a call is repeated when it was throttled, unless the provider block says something else.
const RETRIES: i64 = 20;

/// The simulated cloud as one provider configuration sees it.
pub(crate) struct Sim {
    world: WorldFile,
    block: ProviderBlock,
    seed: u64,
    pub(crate) lag: Lag,
    bucket: Option<(Bucket, Limiter)>,
}

/// What a call is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) action: Action,
    pub(crate) type_name: &'static str,
    pub(crate) name: &'a str,
    pub(crate) id: Option<&'a str>,
}

impl<'a> About<'a> {
    fn key(&self) -> [&'a str; 3] {
        [self.type_name, self.name, self.action.name()]
    }

    fn line(&self, world: &World, at: u64, event: Event) -> Line {
        let seq = world.seq() + 1;
        let (type_name, name) = (self.type_name.to_owned(), self.name.to_owned());
        let id = self.id.map(str::to_owned);
        Line { seq, at, call: seq, event, action: self.action, type_name, name, id, object: None, note: None }
    }
}

/// What a call leads to, once it is let through: the object's id, and the object if it is there then.
pub(crate) type Effect = (String, Option<Object>);

/// How the world is asked to let a change through.
pub(crate) struct Moment<'a> {
    pub(crate) world: &'a mut World,
    /// By the world's clock.
    pub(crate) now: u64,
    /// An id that no other object has.
    pub(crate) new_id: String,
    /// Whether what is made never becomes ready.
    pub(crate) broken: bool,
}

impl Sim {
    pub(crate) fn new(block: ProviderBlock) -> Result<Self> {
        let path = block.world.clone().unwrap_or_default();
        let broken = |e: io::Error| ProviderError::new(ErrorKind::Configuration, format!("the world in {path} cannot be used: {e}"));
        let world = WorldFile::open(Path::new(&path)).map_err(broken)?;
        let seed = block.seed.unwrap_or_default().cast_unsigned();
        let number = |n: Option<i64>| u64::try_from(n.unwrap_or_default()).unwrap_or_default();
        let lag = Lag { ms: number(block.lag_ms), reads: number(block.lag_reads) };
        let bucket = block.throttle.as_ref().map(|t| {
            let rate = 2.0 * t.rate.unwrap_or(1.0).max(0.1);
            (Bucket::new(t), Limiter::new(Limits::new(1000, rate)))
        });
        Ok(Self { world, block, seed, lag, bucket })
    }

    fn locked<T>(&self, act: impl FnOnce(&mut World, u64) -> (T, Vec<Line>)) -> Result<T> {
        // What cannot be written was not done, as far as the world goes.
        self.world.locked(act).map_err(|e| ProviderError::new(ErrorKind::Failed, format!("the world's file cannot be used: {e}")))
    }

    /// Looks at the world. Nothing is written.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut World, u64) -> T) -> Result<T> {
        self.locked(|world, now| (look(world, now), Vec::new()))
    }

    /// How long something takes that is no call: a cluster's way to being ready.
    pub(crate) fn building(&self, type_name: &str, name: &str) -> Duration {
        latency::of(&self.block.latency, self.seed, [type_name, name, "build"], 1)
    }

    /// Makes a call when the limiter lets it, if there is a token for it.
    async fn paced<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        match &self.bucket {
            Some((bucket, limiter)) => limiter.run(async { if bucket.take() { call.await } else { Err(refusal(Wrong::Throttled)) } }).await,
            None => call.await,
        }
    }

    /// Makes a call that looks, again as long as it is throttled and there is patience.
    pub(crate) async fn read<T>(&self, about: About<'_>, look: impl Fn(&mut World, u64) -> T) -> Result<T> {
        let mut patience = self.patience();
        loop {
            match self.paced(self.read_once(about, &look)).await {
                Err(error) if patience.has_it_for(&error, self.bucket.as_ref().map(|(_, limiter)| limiter)).await => {}
                answer => return answer,
            }
        }
    }

    async fn read_once<T>(&self, about: About<'_>, look: impl Fn(&mut World, u64) -> T) -> Result<T> {
        let key = about.key();
        let nth = self.look(|world, _| world.count(about.type_name, about.name, Action::Read))?;
        let time = latency::of(&self.block.latency, self.seed, key, nth);
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        match faults::of(&self.block.fault, self.seed, key, nth) {
            Some(wrong) => Err(refusal(wrong)),
            None => self.look(&look),
        }
    }

    /// Makes a call that changes something, again as long as it is throttled and there is patience.
    pub(crate) async fn change(
        &self,
        sink: &dyn StepSink,
        about: About<'_>,
        effect: impl Fn(Moment<'_>) -> Result<Effect>,
    ) -> Result<Option<Object>> {
        let mut patience = self.patience();
        loop {
            match self.paced(self.change_once(sink, about, &effect)).await {
                Err(error) if patience.has_it_for(&error, self.bucket.as_ref().map(|(_, limiter)| limiter)).await => {}
                answer => return answer,
            }
        }
    }

    /// Half of the time passes before it is carried out, half after.
    async fn change_once(
        &self,
        sink: &dyn StepSink,
        about: About<'_>,
        effect: &impl Fn(Moment<'_>) -> Result<Effect>,
    ) -> Result<Option<Object>> {
        let (call, nth) = self.locked(|world, now| {
            let line = about.line(world, now, Event::Asked);
            ((line.seq, world.nth(about.type_name, about.name, about.action) + 1), vec![line])
        })?;
        let wrong = faults::of(&self.block.fault, self.seed, about.key(), nth);
        let half = latency::of(&self.block.latency, self.seed, about.key(), nth) / 2;
        rest(sink, half).await?;
        let answer = match wrong {
            Some(wrong) if !matches!(wrong, Wrong::Lost | Wrong::Half) => self.refuse(about, call, refusal(wrong))?,
            _ => self.carry_out(about, call, wrong, effect)?,
        };
        rest(sink, half).await?;
        match answer {
            Ok(_) if wrong == Some(Wrong::Lost) => Err(refusal(Wrong::Lost)),
            answer => answer,
        }
    }

    fn patience(&self) -> Patience {
        Patience { left: self.block.retries.unwrap_or(RETRIES), pause: Duration::from_millis(20) }
    }

    fn refuse<T>(&self, about: About<'_>, call: u64, error: ProviderError) -> Result<Result<T>> {
        self.locked(|world, now| {
            let note = Some(error.to_string());
            let line = Line { call, note, ..about.line(world, now, Event::Refused) };
            (Err(error), vec![line])
        })
    }

    fn carry_out(
        &self,
        about: About<'_>,
        call: u64,
        wrong: Option<Wrong>,
        effect: &impl Fn(Moment<'_>) -> Result<Effect>,
    ) -> Result<Result<Option<Object>>> {
        self.locked(|world, now| {
            let new_id = format!("{:016x}", mixed(self.seed.rotate_left(32) ^ (world.seq() + 1)));
            let answer = effect(Moment { world: &mut *world, now, new_id, broken: wrong == Some(Wrong::Half) });
            let note = (wrong == Some(Wrong::Lost)).then(|| "the answer was lost".to_owned());
            match answer {
                Ok((id, object)) => {
                    let line = about.line(world, now, Event::Done);
                    (Ok(object.clone()), vec![Line { call, id: Some(id), object, note, ..line }])
                }
                Err(error) => {
                    let line = about.line(world, now, Event::Refused);
                    let note = Some(error.to_string());
                    (Err(error), vec![Line { call, note, ..line }])
                }
            }
        })
    }

    /// Whether looks lag behind changes.
    pub(crate) fn lags(&self) -> bool {
        self.lag.ms > 0 || self.lag.reads > 0
    }

    /// Waits until an object is ready, or is known never to be.
    pub(crate) async fn until_ready(&self, ctx: &Ctx<Self>, object: &Object) -> Result<()> {
        let Some(ready_at) = object.ready_at else { return Ok(()) };
        let wait = wait::Wait::new(format!("creation of {}", object.name), wait::Pace::millis(2, 1000), Duration::from_hours(1));
        wait.run(ctx, async || {
            let now = self.look(|_, now| now)?;
            match (now >= ready_at, object.broken) {
                (true, true) => Err(refusal(Wrong::Half)),
                (true, false) => Ok(wait::Look::Ready(())),
                (false, _) => Ok(wait::Look::Pending("CREATING".to_owned())),
            }
        })
        .await
    }

    /// Waits until whoever looks sees what was done to an object.
    pub(crate) async fn until_visible(&self, ctx: &Ctx<Self>, id: &str) -> Result<()> {
        if !self.lags() {
            return Ok(());
        }
        let wait = wait::Wait::new(format!("change of {id} to be seen"), wait::Pace::millis(2, 200), Duration::from_mins(5));
        wait.run(ctx, async || {
            let seen = self.look(|world, now| world.is_visible(id, now, self.lag))?;
            Ok(if seen { wait::Look::Ready(()) } else { wait::Look::Pending("not seen yet".to_owned()) })
        })
        .await
    }
}

async fn rest(sink: &dyn StepSink, time: Duration) -> Result<()> {
    if time.is_zero() { Ok(()) } else { wait::sleep_until(sink, Instant::now() + time, "answer").await }
}

/// How often a call is still repeated, and after what pause.
struct Patience {
    left: i64,
    pause: Duration,
}

impl Patience {
    /// Whether the call that failed so is worth repeating; if so, the pause is over when this returns.
    async fn has_it_for(&mut self, error: &ProviderError, limiter: Option<&Limiter>) -> bool {
        if error.kind != ErrorKind::Throttled || self.left <= 0 {
            return false;
        }
        match limiter {
            Some(limiter) => limiter.pause(self.pause).await,
            None => tokio::time::sleep(self.pause).await,
        }
        self.left -= 1;
        self.pause = self.pause.mul_f64(1.5).min(Duration::from_secs(2));
        true
    }
}

fn refusal(wrong: Wrong) -> ProviderError {
    let (kind, code, message) = match wrong {
        Wrong::Refused => (ErrorKind::Transient, "Unavailable", "the simulated cloud has a weak moment; nothing was done"),
        Wrong::Invalid => (ErrorKind::Invalid, "Invalid", "the simulated cloud refuses this"),
        Wrong::Throttled => (ErrorKind::Throttled, "Throttled", "asked too often"),
        Wrong::Lost | Wrong::Unheard => (ErrorKind::InDoubt, "NoAnswer", "no answer came"),
        Wrong::Half => (ErrorKind::Failed, "Broken", "it never became ready"),
    };
    ProviderError { code: Some(code.to_owned()), ..ProviderError::new(kind, message) }
}
