//! Files of every earlier layout are brought up to date, and nothing of them is lost.

use crate::fixture::path_in;
use levee_state::{Access, RunId, Store, check};
use rusqlite::functions::FunctionFlags;
use std::path::Path;

const APPLICATION_ID: i64 = 0x4C45_5645;

/// Each layout's own step, and rows that a run of it might have left: four runs of a small configuration, a move, and a run that
/// was killed.
const LAYOUTS: [(&str, &str); 8] = [
    (include_str!("../../migrations/0001_initial.sql"), include_str!("../layouts/1.sql")),
    (include_str!("../../migrations/0002_checks.sql"), include_str!("../layouts/2.sql")),
    (include_str!("../../migrations/0003_state_file.sql"), include_str!("../layouts/3.sql")),
    (include_str!("../../migrations/0004_timings.sql"), include_str!("../layouts/4.sql")),
    (include_str!("../../migrations/0005_kept.sql"), include_str!("../layouts/5.sql")),
    (include_str!("../../migrations/0006_seals.sql"), include_str!("../layouts/6.sql")),
    (include_str!("../../migrations/0007_scopes.sql"), include_str!("../layouts/7.sql")),
    (include_str!("../../migrations/0008_keys.sql"), include_str!("../layouts/8.sql")),
];

/// What the file of layout 8 is encrypted under.
const PASSPHRASE: &str = "a passphrase of layout 8";

/// Makes the file as the levee of that layout would have left it.
pub(crate) fn write(path: &Path, layout: usize) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("creates");
    let sql = rusqlite::Connection::open(path).expect("opens");
    // Steps seal the rows that are there, and there are none yet: the seals come with the rows, as they were made then.
    sql.create_scalar_function("seal", -1, FunctionFlags::SQLITE_UTF8, |_| Ok(0)).expect("registers");
    for (step, _) in &LAYOUTS[..layout] {
        sql.execute_batch(step).expect("a layout");
    }
    sql.pragma_update(None, "application_id", APPLICATION_ID).expect("writes");
    sql.pragma_update(None, "user_version", i64::try_from(layout).expect("small")).expect("writes");
    sql.execute_batch(LAYOUTS[layout - 1].1).expect("rows");
    sql.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).expect("writes");
}

/// Everything that the file can be asked, as text.
fn told(store: &Store) -> String {
    let snapshot = store.snapshot().expect("reads");
    let open = store.open_run().expect("reads").expect("the last run was killed");
    let mut out = format!("{} {}\n", snapshot.lineage, snapshot.serial);
    for row in &snapshot.objects {
        let rest = (&row.values, &row.sensitive_paths, &row.dependencies, &row.status, row.create_before_destroy, &row.private);
        out += &format!("{} {:?} {rest:?}\n", row.addr, row.deposed);
    }
    for (name, output) in &snapshot.outputs {
        out += &format!("{name} {} {} {}\n", output.value, output.type_json, output.sensitive);
    }
    for run in store.runs().expect("reads") {
        let entries = store.journal(run.id).expect("reads");
        out += &format!("run {run:?} {:?} {}\n", run.spec.variables, entries.len());
        out += &format!("{entries:?}\n{:?}\n", store.snapshot_at(run.id).expect("reads").objects);
    }
    out + &format!("{:?} {}\n{:?}", open.unresolved, open.finished.len(), store.durations().expect("reads"))
}

#[test]
fn every_earlier_layout_is_brought_up_to_date_and_loses_nothing() {
    let mut first = None;
    for layout in 1..=LAYOUTS.len() {
        for access in [Access::ReadOnly, Access::ReadWrite] {
            let dir = tempfile::tempdir().expect("temp dir");
            write(&path_in(dir.path()), layout);
            let store = Store::open(path_in(dir.path()), access).expect("opens");
            assert_eq!(store.is_encrypted().expect("reads"), layout == 8);
            store.unlock(PASSPHRASE).expect("unlocks");
            let found = told(&store);
            assert_eq!(first.get_or_insert_with(|| found.clone()), &found, "layout {layout}, {access:?}");
            let snapshot = store.snapshot().expect("reads");
            assert_eq!((snapshot.objects.len(), snapshot.outputs.len(), snapshot.serial), (8, 2, 6));
            let each = snapshot.objects.iter().find(|o| o.addr.to_string() == "terraform_data.each[\"b é\"]").expect("is there");
            let dependencies: Vec<String> = each.dependencies.iter().map(ToString::to_string).collect();
            assert_eq!(dependencies, ["random_password.db", "terraform_data.base"]);
            assert_eq!(snapshot.checks.is_some(), layout >= 2);
            assert_eq!(store.timeline(RunId(1)).expect("reads").iter().any(|s| s.timing.is_some()), layout >= 4);
            let kept = store.kept(RunId(6)).expect("reads");
            assert_eq!(kept.map(|k| (k.bundle.content, k.approval)), (layout >= 5).then(|| (vec![0, 255, 16], vec![0xC0, 0xFF, 0xEE])));
            assert_eq!(store.open_run().expect("reads").expect("is open").unresolved.len(), 1);
            drop(store);
            assert_eq!(check(&path_in(dir.path())).expect("looks").expect("is there").damage, Vec::<String>::new(), "layout {layout}");
        }
    }
}
