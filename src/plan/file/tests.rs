//! What a plan file refuses, and who may read it. Round trips stand with the engine.

use super::*;

fn file() -> PlanFile {
    let secret = Value::string("p4ss").sensitive();
    PlanFile {
        format: FORMAT.to_owned(),
        version: VERSION,
        lineage: Uuid::nil(),
        serial: 7,
        surroundings: Surroundings::default(),
        config: config_digest(&Config::default()),
        mode: mode_text(Mode::Destroy).to_owned(),
        targets: vec!["module.a".to_owned()],
        exclude: Vec::new(),
        replace: Vec::new(),
        timestamp: None,
        ephemeral: Vec::new(),
        inputs: [("v".to_owned(), saved(&secret))].into(),
        refreshed: Vec::new(),
        generated: BTreeMap::new(),
        data: BTreeMap::new(),
        imports: BTreeMap::new(),
        outcome: outcome_digest(&[]),
    }
}

#[test]
fn what_is_written_is_read_again() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("plan");
    file().write(&path, |text| text).expect("it can be written");
    let read = PlanFile::read(&path, Ok).expect("it can be read");
    assert_eq!(read.options().mode, Mode::Destroy);
    assert_eq!(read.options().targets, ["module.a".parse().expect("a target")]);
    assert_eq!(read.inputs().expect("values")["v"].value, Value::string("p4ss").sensitive());
    assert_eq!(std::fs::read_dir(dir.path()).expect("the directory").count(), 1, "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("plan");
    file().write(&path, |text| text).expect("it can be written");
    assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("plan");
    let cases: [(&str, Vec<u8>); 3] = [
        ("something else", b"PK\x03\x04".to_vec()),
        ("another format", serde_json::to_vec(&PlanFile { format: "other".to_owned(), ..file() }).expect("JSON")),
        ("a later version", serde_json::to_vec(&PlanFile { version: VERSION + 1, ..file() }).expect("JSON")),
    ];
    for (name, content) in cases {
        std::fs::write(&path, content).expect("file");
        assert!(matches!(PlanFile::read(&path, Ok), Err(PlanFileError::Format(_))), "{name}");
    }
    assert!(matches!(PlanFile::read(&dir.path().join("none"), Ok), Err(PlanFileError::Io(_))));
}

#[test]
fn another_state_or_configuration_is_refused() {
    let objects = |serial| Objects { base: (Uuid::nil(), serial), ..Objects::default() };
    assert!(file().check(&Config::default(), &objects(7)).is_ok());
    let moved = file().check(&Config::default(), &objects(8));
    assert!(matches!(moved, Err(PlanFileError::StateChanged { planned: 7, found: 8 })));
    let other = PlanFile { config: "0".to_owned(), ..file() };
    assert!(matches!(other.check(&Config::default(), &objects(7)), Err(PlanFileError::ConfigChanged)));
}
