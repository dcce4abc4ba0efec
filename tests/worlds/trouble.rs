//! What goes wrong while a configuration is brought about, and what is done in the world behind our back.

use crate::generate::LANDMARKS;
use crate::model::{Kind, Model};
use crate::render::landmark;
use levee_sim::random::Random;
use levee_sim::record::{Action, Event, Line, Links, Object};
use levee_sim::world::World;
use levee_sim::world_file::WorldFile;
use serde_json::json;
use std::path::Path;

/// So long ago it was, by the world's clock: whoever looks sees it.
const LONG_AGO: u64 = 600_000;

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    /// `fault` blocks and what else goes into the provider block.
    pub(crate) cloud: String,
    /// After so many steps the operator asks to stop.
    pub(crate) interrupt: Option<usize>,
    /// After so many steps the run is cut off, as if the process were gone.
    pub(crate) cut: Option<usize>,
    pub(crate) parallelism: usize,
}

impl Trouble {
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut cloud = String::new();
        if random.percent(60) {
            let rate = 0.01 + random.share() * 0.09;
            for kind in ["refused", "lost", "half", "throttled", "unheard"] {
                // What was perhaps never done is looked for through seconds: few stories have it.
                if random.percent(if kind == "unheard" { 4 } else { 50 }) {
                    // What is identified by what it connects cannot be made anew beside its broken self.
                    let only = if kind == "half" { "    type = \"sim_object\"\n" } else { "" };
                    cloud.push_str(&fault(kind, only, rate));
                }
            }
        }
        if random.percent(20) {
            let rate = 0.01 + random.share() * 0.04;
            for kind in ["refused", "throttled", "lost"].into_iter().filter(|_| random.percent(60)) {
                cloud.push_str(&fault(kind, "    action = \"read\"\n", rate));
            }
        }
        if random.percent(40) {
            cloud.push_str("  latency {\n    distribution = \"uniform\"\n    ms = 0\n    up_to_ms = 4\n  }\n");
        }
        if random.percent(10) {
            cloud.push_str("  throttle {\n    rate = 300\n    burst = 5\n  }\n");
        }
        Self {
            cloud,
            interrupt: random.percent(15).then(|| 1 + random.below(10)),
            cut: random.percent(20).then(|| 1 + random.below(10)),
            parallelism: [1, 2, 10, 64][random.below(4)],
        }
    }

    /// Whether nothing goes wrong.
    pub(crate) fn is_none(&self) -> bool {
        !self.cloud.contains("fault") && self.interrupt.is_none() && self.cut.is_none()
    }

    /// How many steps may run at a time. Those that wait for their turn at a service do not count, and do not tell.
    pub(crate) fn at_a_time(&self) -> Option<usize> {
        (!self.cloud.contains("throttle {")).then_some(self.parallelism)
    }

    /// Whether what is there may not be found out.
    pub(crate) fn hides(&self) -> bool {
        self.cloud.contains("\"read\"")
    }
}

/// How far looks lag behind changes, as the provider block says it.
pub(crate) fn lag(random: &mut Random) -> String {
    match random.below(5) {
        0 | 1 => format!("  lag_reads = {}\n", 1 + random.below(3)),
        2 | 3 => format!("  lag_ms = {}\n", 1 + random.below(3)),
        _ => format!("  lag_ms = {}\n", 40 + random.below(100)),
    }
}

fn fault(kind: &str, only: &str, rate: f64) -> String {
    format!("  fault {{\n    kind = \"{kind}\"\n{only}    rate = {rate:.3}\n  }}\n")
}

/// Something that is done behind our back.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// An object is made that may be imported.
    Make { n: u32, kind: Kind, zone: usize },
    /// An object is made, or changed, that only data sources look at.
    Landmark { n: u32, size: usize },
    /// One of ours is changed.
    Change { address: String, size: usize },
    /// One of ours is deleted.
    Delete { address: String },
}

impl Deed {
    /// What is done before a model is brought about. `before`: what may be there; nothing at first.
    pub(crate) fn random(random: &mut Random, before: &[Model], model: &Model) -> Vec<Self> {
        if before.is_empty() {
            return (0..LANDMARKS).map(|n| Self::Landmark { n, size: 1 }).collect();
        }
        let mut deeds = Vec::new();
        if random.percent(15) {
            let n = u32::try_from(random.below(LANDMARKS as usize)).unwrap_or_default();
            deeds.push(Self::Landmark { n, size: random.below(9) });
        }
        let objects = before[before.len() - 1].objects();
        let is_imported = |address: &String| model.imports.iter().any(|i| i.to == *address);
        let ours: Vec<&String> = objects.iter().filter(|(a, (r, _))| r.kind == Kind::Object && !is_imported(a)).map(|(a, _)| a).collect();
        if random.percent(20) && !ours.is_empty() {
            let address = ours[random.below(ours.len())].clone();
            deeds.push(if random.percent(50) { Self::Change { address, size: random.below(9) } } else { Self::Delete { address } });
        }
        deeds
    }

    /// Whether something has to be there for what follows.
    pub(crate) fn is_needed(&self) -> bool {
        matches!(self, Self::Make { .. } | Self::Landmark { .. })
    }

    /// Does it. `ours` tells the id of the object that we have at an address.
    pub(crate) fn happen(&self, world: &Path, ours: impl Fn(&str) -> Option<String>) {
        let file = WorldFile::open(world).expect("the world's file can be used");
        let done = file.locked(|world, now| {
            let line = self.effect(world, ours).map(|(action, id, object)| {
                let (seq, at) = (world.seq() + 1, now.saturating_sub(LONG_AGO));
                let known = object.as_ref().or(world.objects().get(&id));
                let (type_name, name) = known.map(|o| (o.type_name.clone(), o.name.clone())).unwrap_or_default();
                let note = Some("behind our back".to_owned());
                Line { seq, at, call: seq, event: Event::Done, action, type_name, name, id: Some(id), object, note }
            });
            ((), line.into_iter().collect())
        });
        done.expect("the world's file can be written");
    }

    fn effect(&self, world: &World, ours: impl Fn(&str) -> Option<String>) -> Option<(Action, String, Option<Object>)> {
        let of = |address: &str| ours(address).and_then(|id| world.objects().get(&id)).cloned();
        let sized = |object: Object, size: usize| {
            let mut values = object.values.clone();
            values["size"] = size.into();
            (Action::Update, object.id.clone(), Some(Object { generation: object.generation + 1, values, ..object }))
        };
        match self {
            Self::Make { n, kind, zone } => {
                let object = made(&format!("stranger{n}"), *kind, *zone);
                Some((Action::Create, object.id.clone(), Some(object)))
            }
            Self::Landmark { n, size } => match world.objects().get(&landmark(*n)) {
                Some(known) => Some(sized(known.clone(), *size)),
                None => {
                    let object = Object { id: landmark(*n), ..made(&format!("landmark{n}"), Kind::Object, 0) };
                    Some((Action::Create, object.id.clone(), Some(object)))
                }
            },
            Self::Change { address, size } => Some(sized(of(address)?, *size)),
            Self::Delete { address } => Some((Action::Delete, of(address)?.id, None)),
        }
    }
}

/// The id of an object that was made behind our back, to be imported.
pub(crate) fn stranger(n: u32, kind: Kind) -> String {
    format!("{}-stranger{n}", if kind == Kind::Network { "net" } else { "obj" })
}

fn made(name: &str, kind: Kind, zone: usize) -> Object {
    let n = name.trim_start_matches(char::is_alphabetic).parse().unwrap_or_default();
    let values = match kind {
        Kind::Network => json!({ "name": name, "cidr": format!("10.{zone}.0.0/16"), "tags": null, "id": null, "arn": null }),
        _ => json!({
            "name": name, "size": 1, "tags": null, "zone": format!("z{zone}"), "unique_name": null, "refs": null, "attached": null,
            "guarded": false, "secret": null, "secret_wo": null, "secret_wo_version": null, "secret_wo_length": null,
            "id": null, "arn": null, "generation": null,
        }),
    };
    Object {
        id: stranger(n, kind),
        type_name: kind.type_name().to_owned(),
        name: name.to_owned(),
        op: format!("not ours: {name}"),
        generation: 1,
        ready_at: None,
        broken: false,
        links: Links::default(),
        values,
    }
}
