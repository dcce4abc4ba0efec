//! Each run leaves the state as it was then to be read later.

use crate::fixture::{World, put, row};
use levee_model::address::{DeposedKey, InstanceAddr};
use levee_state::{OutputRow, Run, RunEnd, RunId, StateEdit};
use std::collections::BTreeMap;
use std::sync::Arc;

async fn end(run: Run) -> RunId {
    run.finish(RunEnd::Succeeded).await.expect("writes");
    run.id()
}

/// Address, deposed key and values of every object as a run left it.
fn at(world: &World, run: RunId) -> Vec<String> {
    let snapshot = world.other().snapshot_at(run).expect("reads");
    snapshot.objects.iter().map(|o| format!("{} {:?} {}", o.addr, o.deposed.as_ref().map(|d| &*d.0), o.values)).collect()
}

fn addr(text: &str) -> InstanceAddr {
    text.parse().expect("an address")
}

#[tokio::test]
async fn the_state_as_of_any_run() {
    let world = World::new();
    let key = DeposedKey(Arc::from("00000001"));
    let run = world.begin();
    let mut dependent = row("a.y", "1");
    dependent.dependencies = vec![addr("a.x").resource()];
    run.edit(vec![put("a.x", "0"), put("a.x", "1"), StateEdit::Put(Box::new(dependent.clone()))]).await.expect("writes");
    let first = end(run).await;
    let run = world.begin();
    run.edit(vec![StateEdit::Depose { addr: addr("a.x"), key: key.clone() }, put("a.x", "2")]).await.expect("writes");
    let second = end(run).await;
    let run = world.begin();
    run.edit(vec![
        StateEdit::Remove { addr: addr("a.x"), deposed: None },
        StateEdit::Restore { addr: addr("a.x"), key: key.clone() },
        StateEdit::Move { from: addr("a.x"), to: addr("b.z[0]") },
        StateEdit::Remove { addr: addr("a.y"), deposed: None },
        StateEdit::Remove { addr: addr("a.never"), deposed: None },
    ])
    .await
    .expect("writes");
    let third = end(run).await;
    assert_eq!(at(&world, first), ["a.x None 1", "a.y None 1"]);
    assert_eq!(at(&world, second), ["a.x None 2", "a.x Some(\"00000001\") 1", "a.y None 1"]);
    assert_eq!(at(&world, third), ["b.z[0] None 1"]);
    assert_eq!(world.store.snapshot_at(first).expect("reads").objects[1], dependent);
    assert_eq!(world.store.snapshot_at(third).expect("reads").objects, world.store.snapshot().expect("reads").objects);
    assert_eq!(world.store.snapshot_at(second).expect("reads").serial, 2);
}

#[tokio::test]
async fn outputs_as_of_any_run() {
    let world = World::new();
    let output = |value: &str| OutputRow { value: value.to_owned(), type_json: "\"string\"".to_owned(), sensitive: true };
    let sets = [
        BTreeMap::from([("a".to_owned(), output("1")), ("b".to_owned(), output("1"))]),
        BTreeMap::from([("b".to_owned(), output("2"))]),
        BTreeMap::new(),
    ];
    let mut runs = Vec::new();
    for set in &sets {
        let run = world.begin();
        run.set_outputs(set.clone()).await.expect("writes");
        runs.push(end(run).await);
    }
    for (run, set) in runs.iter().zip(&sets) {
        assert_eq!(&world.store.snapshot_at(*run).expect("reads").outputs, set);
    }
}

#[tokio::test]
async fn people_can_read_the_views() {
    let world = World::new();
    let run = world.begin();
    run.edit(vec![put("a.x", "{}")]).await.expect("writes");
    drop(run.intent(crate::fixture::intent(0, "a.y")).await.expect("writes"));
    let read = |sql: &str| -> String { world.sql().query_row(sql, [], |r| r.get(0)).expect("a row") };
    assert_eq!(read("SELECT addr FROM v_instances"), "a.x");
    assert_eq!(read("SELECT addr || ' ' || outcome FROM v_journal"), "a.y in_doubt");
    assert_eq!(read("SELECT kind || ' ' || outcome FROM v_runs"), "apply open");
}
