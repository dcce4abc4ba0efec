//! What is sensitive stands in no file, once a passphrase is set; and everything is there again for who knows it.

use crate::fixture::{World, intent, output, row, spec};
use levee_state::{Access, DataKey, Image, NewKey, Outcome, RunEnd, ServiceWrapping, StateEdit, StateError, Store, Wrapping, check};
use std::fs;

const SECRET: &str = "hunter2-in-the-state";

/// A run that leaves the secret wherever one may stand: a row, an image before and after, a checkpoint, an output.
async fn leave_secrets(store: &Store, addr: &str) {
    let guard = crate::fixture::lock(store);
    let run = store.begin(&guard, &spec(store.snapshot().expect("reads").base())).expect("begins");
    let image = || Some(Image { values: format!("{{\"p\":\"{SECRET}\"}}"), sensitive_paths: "[[\"p\"]]".to_owned() });
    let entry = run.intent(levee_state::Intent { prior: image(), planned: image(), ..intent(0, addr) }).await.expect("writes");
    entry.checkpoint("id-1", Some(format!("{{\"p\":\"{SECRET}\"}}"))).await.expect("writes");
    let mut put = row(addr, &format!("{{\"p\":\"{SECRET}\"}}"));
    put.sensitive_paths = "[[\"p\"]]".to_owned();
    let edits = vec![StateEdit::Put(Box::new(put)), StateEdit::Put(Box::new(row("a.plain", "{\"n\":\"in the open\"}")))];
    entry.succeed(Outcome { edits, ..Outcome::default() }).await.expect("writes");
    let secret = levee_state::OutputRow { sensitive: true, ..output(SECRET) };
    run.set_outputs([("o".to_owned(), secret), ("p".to_owned(), output("in the open"))].into()).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("ends");
}

/// The files beside the store that hold the secret.
fn holding(world: &World) -> Vec<String> {
    let files = fs::read_dir(world.path().parent().expect("a directory")).expect("lists");
    let has = |path: &std::path::Path| fs::read(path).is_ok_and(|b| b.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()));
    files.filter_map(|f| Some(f.ok()?.path())).filter(|p| has(p)).map(|p| p.display().to_string()).collect()
}

/// All that the store says of the secret: with the key as often as it was left, without it not at all.
fn told(store: &Store) -> Result<String, StateError> {
    let runs = store.runs()?;
    let last = runs.last().expect("a run").id;
    let (now, then, journal) = (store.snapshot()?, store.snapshot_at(last)?, store.journal(last)?);
    let mut out = String::new();
    for snapshot in [&now, &then] {
        snapshot.objects.iter().for_each(|o| out += &o.values);
        snapshot.outputs.values().for_each(|o| out += &o.value);
    }
    for entry in &journal {
        entry.intent.prior.iter().chain(&entry.intent.planned).for_each(|image| out += &image.values);
        entry.checkpoint.iter().filter_map(|c| c.partial.as_ref()).for_each(|p| out += p);
    }
    store.each_version(|version| version.object.iter().for_each(|o| out += &o.values))?;
    Ok(out)
}

fn under(passphrase: &str) -> NewKey {
    NewKey::in_passphrase(passphrase).expect("a key")
}

fn opened(world: &World, passphrase: &str) -> Store {
    let store = Store::open(world.path(), Access::ReadWrite).expect("opens");
    store.unlock(passphrase).expect("unlocks");
    store
}

#[tokio::test]
async fn what_is_sensitive_stands_in_no_file_and_is_there_again_with_the_passphrase() {
    let world = World::new();
    leave_secrets(&world.store, "a.first").await;
    let before = told(&world.store).expect("reads");
    assert!(before.matches(SECRET).count() >= 8 && !holding(&world).is_empty(), "{before}");
    world.store.encrypt(&world.lock(), &under("one two three")).expect("encrypts");
    world.store.wipe().expect("wipes");
    assert_eq!(holding(&world), Vec::<String>::new());
    assert_eq!(told(&world.store).expect("reads"), before);
    // Another process, and what it adds.
    let other = opened(&world, "one two three");
    assert_eq!(told(&other).expect("reads"), before);
    leave_secrets(&other, "a.second").await;
    assert_eq!(holding(&world), Vec::<String>::new());
    assert!(told(&other).expect("reads").matches(SECRET).count() > before.matches(SECRET).count());
    assert_eq!(check(&world.path()).expect("looks").expect("is there").damage, Vec::<String>::new());
    // Nothing changes where nothing is changed.
    let serial = other.snapshot().expect("reads").serial;
    let run = other.begin(&crate::fixture::lock(&other), &spec(other.snapshot().expect("reads").base())).expect("begins");
    run.set_outputs(other.snapshot().expect("reads").outputs).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("ends");
    assert_eq!(other.snapshot().expect("reads").serial, serial, "an output that is hidden again is the same");
}

#[tokio::test]
async fn without_the_passphrase_nothing_is_told_and_nothing_written() {
    let world = World::new();
    leave_secrets(&world.store, "a.first").await;
    world.store.encrypt(&world.lock(), &under("right")).expect("encrypts");
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    assert!(other.is_encrypted().expect("reads"));
    assert!(matches!(other.unlock("wrong"), Err(StateError::WrongPassphrase)));
    assert!(matches!(told(&other), Err(StateError::KeyNeeded)));
    let base = world.store.snapshot().expect("reads").base();
    let refused = other.begin(&crate::fixture::lock(&other), &spec(base)).map(drop).expect_err("is refused");
    assert!(matches!(refused, StateError::KeyNeeded), "{refused}");
    assert!(matches!(other.decrypt(&crate::fixture::lock(&other)), Err(StateError::KeyNeeded)));
    let again = world.store.encrypt(&world.lock(), &under("other")).expect_err("is refused");
    assert!(matches!(again, StateError::Encrypted { encrypted: true }), "{again}");
}

#[tokio::test]
async fn keys_are_changed_and_taken_away() {
    let world = World::new();
    leave_secrets(&world.store, "a.first").await;
    let before = told(&world.store).expect("reads");
    world.store.encrypt(&world.lock(), &under("old")).expect("encrypts");
    world.store.wipe().expect("wipes");
    let bytes = fs::read(world.path()).expect("reads");
    world.store.rotate_key(&world.lock(), &under("new")).expect("rotates");
    world.store.wipe().expect("wipes");
    assert_ne!(fs::read(world.path()).expect("reads"), bytes);
    assert!(matches!(Store::open(world.path(), Access::ReadOnly).expect("opens").unlock("old"), Err(StateError::WrongPassphrase)));
    assert_eq!(told(&opened(&world, "new")).expect("reads"), before);
    world.store.decrypt(&world.lock()).expect("decrypts");
    assert_eq!(told(&world.other()).expect("reads"), before);
    let not = world.store.rotate_key(&world.lock(), &under("new")).expect_err("is refused");
    assert!(matches!(not, StateError::Encrypted { encrypted: false }), "{not}");
}

#[tokio::test]
async fn a_service_opens_the_key_that_it_wrapped() {
    let world = World::new();
    leave_secrets(&world.store, "a.first").await;
    let before = told(&world.store).expect("reads");
    let lineage = world.store.base().expect("reads").lineage.to_string();
    // As unreadable as a service of this test makes it.
    let turned = |bytes: &[u8]| bytes.iter().map(|b| !b).collect::<Vec<u8>>();
    let wrapping = |key: &DataKey, name: &str| ServiceWrapping {
        service: "a service".to_owned(),
        key: name.to_owned(),
        lineage: lineage.clone(),
        wrapped: turned(key.as_bytes()),
    };
    let first = DataKey::new().expect("a key");
    world.store.encrypt(&world.lock(), &NewKey::by_service(first.clone(), wrapping(&first, "one"))).expect("encrypts");
    world.store.wipe().expect("wipes");
    assert_eq!(holding(&world), Vec::<String>::new());
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    other.unlock("anything").expect("no passphrase is asked for");
    assert!(matches!(told(&other), Err(StateError::KeyNeeded)));
    let why = StateError::KeyRefused { key: "one".to_owned(), detail: "not today".to_owned(), hint: "Wait.".to_owned() };
    other.stay_locked(why);
    for refused in [told(&other).map(drop), other.decrypt(&crate::fixture::lock(&other)), other.key_for_hiding().map(drop)] {
        assert!(refused.expect_err("is refused").to_string().contains("not today"));
    }
    let Some(Wrapping::Service(found)) = other.wrapping().expect("reads") else { panic!("a service wraps it") };
    assert_eq!(found, wrapping(&first, "one"));
    assert!(DataKey::from_bytes(&found.wrapped[1..]).is_none());
    other.unlock_with(DataKey::from_bytes(&turned(&found.wrapped)).expect("a key"));
    assert_eq!(told(&other).expect("reads"), before);
    // From the service to a passphrase, and from that to another key of the service.
    other.rotate_key(&crate::fixture::lock(&other), &under("between")).expect("rotates");
    assert_eq!(other.wrapping().expect("reads"), Some(Wrapping::Passphrase));
    let (again, second) = (opened(&world, "between"), DataKey::new().expect("a key"));
    again.rotate_key(&crate::fixture::lock(&again), &NewKey::by_service(second.clone(), wrapping(&second, "two"))).expect("rotates");
    let last = world.other();
    last.unlock_with(first);
    assert!(matches!(told(&last), Err(StateError::OtherKey)), "the key before opens nothing any more");
    last.unlock_with(second);
    assert_eq!(told(&last).expect("reads"), before);
    assert_eq!(check(&world.path()).expect("looks").expect("is there").damage, Vec::<String>::new());
}
