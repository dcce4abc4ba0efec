//! A run's writes as SQL, a batch at a time, each batch one transaction. Only the writer's thread comes here.

use crate::error::StateError;
use crate::fail_point::fail_point;
use crate::file::mark_path;
use crate::journal::{Checkpoint, EntryOutcome, Intent};
use crate::lock;
use crate::mark::Marker;
use crate::meta::{self, Tally};
use crate::rows::{Base, Image, ObjectRow, OutputRow, StateEdit, deposed_text, now_ms, sql_int};
use crate::run::{self, RunEnd, RunId};
use crate::snapshot;
use crate::state_file;
use crate::timing::{ReadRecord, Timing};
use crate::writer::{Ended, Write};
use levee_model::address::{DeposedKey, InstanceAddr, ResourceAddr};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The share of the newest duration in the moving average, once there are as many as its inverse.
const NEWEST_WEIGHS_ONE_IN: u64 = 5;

/// Writes one run through a connection of its own.
pub(crate) struct Recorder {
    conn: Connection,
    path: PathBuf,
    marker: Marker,
    /// Without it nothing is written.
    lock: Uuid,
    memo: Memo,
}

/// What is known of the run without asking the database. After a failed commit it is wrong, and no longer used.
struct Memo {
    run: i64,
    /// Whether the run has raised the state's serial since it was begun or taken up.
    raised: bool,
    /// Entries without a known end.
    unresolved: i64,
    durations: BTreeMap<(Arc<str>, Arc<str>), Measured>,
    /// Of this batch: new entries of the journal and of the reads, and by how much the numbers of rows change.
    entries: i64,
    reads: i64,
    tally: Tally,
}

/// Durations of one batch.
#[derive(Default)]
struct Measured {
    samples: u64,
    total_us: u64,
    longest_us: u64,
}

impl Recorder {
    /// `unresolved` is what earlier processes left of the run.
    pub(crate) fn new(conn: Connection, path: PathBuf, run: RunId, unresolved: u64, lock: Uuid) -> Self {
        conn.set_prepared_statement_cache_capacity(64);
        let unresolved = sql_int(unresolved);
        let memo =
            Memo { run: run.sql(), raised: false, unresolved, durations: BTreeMap::new(), entries: 0, reads: 0, tally: Tally::default() };
        Self { conn, marker: Marker::new(mark_path(&path)), path, lock, memo }
    }

    /// Writes all of them, or none. When this returns without error, they are on disk.
    pub(crate) fn commit(&mut self, writes: Vec<Write>) -> Result<(), StateError> {
        self.transact(writes).map_err(|e| match e {
            WriteError::Sql(error) => StateError::from_sql(&self.path, "writing the journal", &error),
            WriteError::LockLost => StateError::LockLost,
            WriteError::Rule(detail) => StateError::Internal { doing: "writing the journal", detail },
        })
    }

    fn transact(&mut self, writes: Vec<Write>) -> Result<(), WriteError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !lock::fence(&tx, self.lock)? {
            return Err(WriteError::LockLost);
        }
        let now = now_ms();
        for write in writes {
            self.memo.apply(&tx, now, write)?;
        }
        self.memo.flush_durations(&tx)?;
        self.memo.flush_entries(&tx)?;
        let meta = meta::count(&tx, std::mem::take(&mut self.memo.tally))?;
        fail_point("commit.before");
        tx.commit()?;
        fail_point("commit.after");
        self.marker.write(meta);
        Ok(())
    }
}

enum WriteError {
    Sql(rusqlite::Error),
    /// Somebody else has taken the lock.
    LockLost,
    /// The caller broke the protocol.
    Rule(String),
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

type Done = Result<(), WriteError>;

impl Memo {
    fn apply(&mut self, conn: &Connection, now: i64, write: Write) -> Done {
        match write {
            Write::Intent(intent) => self.intent(conn, now, &intent),
            Write::Checkpoint { seq, checkpoint } => self.checkpoint(conn, now, seq, &checkpoint),
            Write::Success { ended, duration } => {
                self.outcome(conn, now, &ended, EntryOutcome::Succeeded, None, Some(duration))?;
                self.measure(&ended.type_name, &ended.action, duration);
                self.edit(conn, ended.edits)
            }
            Write::Failure { ended, message, in_doubt } => {
                let outcome = if in_doubt { EntryOutcome::InDoubt } else { EntryOutcome::Failed };
                self.outcome(conn, now, &ended, outcome, Some(&message), None)?;
                self.edit(conn, ended.edits)
            }
            Write::Read(read) => self.read(conn, &read),
            Write::Edits(edits) => self.edit(conn, edits),
            Write::Outputs(outputs) => self.outputs(conn, &outputs),
            Write::OutputChanges(changes) => self.change_outputs(conn, changes),
            Write::Checks(results) => {
                conn.execute("INSERT OR REPLACE INTO checks (only, results, seal) VALUES (1, ?1, seal(1, ?1))", [results])?;
                conn.execute("UPDATE meta SET checks = 1", [])?;
                Ok(())
            }
            Write::TakenOver { base, digest } => self.taken_over(conn, base, &digest),
            Write::Finish(end) => self.finish(conn, now, end),
        }
    }

    fn intent(&mut self, conn: &Connection, now: i64, intent: &Intent) -> Done {
        conn.prepare_cached(
            "INSERT INTO journal (run, seq, addr, deposed, action, op_token, provider, provider_source, schema_version, \
             create_before_destroy, intent_at, dependencies, prior, prior_sensitive, planned, planned_sensitive, seal, end_seal) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16), \
             seal(?1, ?2, ?3, ?4, ?5, ?11, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))",
        )?
        .execute(params![
            self.run,
            sql_int(intent.seq),
            intent.addr.to_string(),
            intent.deposed_text(),
            &*intent.action,
            intent.op_token.to_string(),
            &*intent.provider,
            &*intent.provider_source,
            sql_int(intent.schema_version),
            intent.create_before_destroy,
            now,
            json_array(&intent.dependencies),
            intent.prior.as_ref().map(|i| &i.values),
            sensitive_of(intent.prior.as_ref()),
            intent.planned.as_ref().map(|i| &i.values),
            sensitive_of(intent.planned.as_ref()),
        ])?;
        self.unresolved += 1;
        self.entries += 1;
        Ok(())
    }

    fn checkpoint(&self, conn: &Connection, now: i64, seq: u64, checkpoint: &Checkpoint) -> Done {
        let changed = conn
            .prepare_cached(
                "UPDATE journal SET object_id = ?3, partial = ?4, checkpoint_at = ?5, \
                 end_seal = seal(run, seq, addr, deposed, action, intent_at, ?3, ?4, ?5, outcome, message, outcome_at, duration_us, ready_us, \
                 started_us, ended_us, after_seq, limited_us, paused_us, repeats) \
                 WHERE run = ?1 AND seq = ?2 AND (outcome IS NULL OR outcome = 'in_doubt')",
            )?
            .execute(params![self.run, sql_int(seq), checkpoint.id, checkpoint.partial, now])?;
        self.one(changed, seq)
    }

    fn outcome(
        &mut self,
        conn: &Connection,
        now: i64,
        ended: &Ended,
        outcome: EntryOutcome,
        message: Option<&str>,
        duration: Option<Duration>,
    ) -> Done {
        let [ready, started, over, after, limited, paused, repeats] = Timing::columns(ended.timing.as_ref());
        let changed = conn
            .prepare_cached(
                "UPDATE journal SET outcome = ?3, message = ?4, outcome_at = ?5, duration_us = ?6, ready_us = ?7, started_us = ?8, \
                 ended_us = ?9, after_seq = ?10, limited_us = ?11, paused_us = ?12, repeats = ?13, \
                 end_seal = seal(run, seq, addr, deposed, action, intent_at, object_id, partial, checkpoint_at, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
                 ?10, ?11, ?12, ?13) \
                 WHERE run = ?1 AND seq = ?2 AND (outcome IS NULL OR outcome = 'in_doubt')",
            )?
            .execute(params![
                self.run,
                sql_int(ended.seq),
                outcome.text(),
                message,
                now,
                duration.map(micros).map(sql_int),
                ready,
                started,
                over,
                after,
                limited,
                paused,
                repeats
            ])?;
        self.one(changed, ended.seq)?;
        self.unresolved -= i64::from(outcome != EntryOutcome::InDoubt);
        Ok(())
    }

    fn read(&mut self, conn: &Connection, read: &ReadRecord) -> Done {
        let [ready, started, ended, after, limited, paused, repeats] = Timing::columns(Some(&read.timing));
        let own = params![self.run, sql_int(read.seq)];
        let earlier = conn.prepare_cached("DELETE FROM reads WHERE run = ?1 AND seq = ?2")?.execute(own)?;
        self.reads += i64::from(earlier == 0);
        conn.prepare_cached(
            "INSERT INTO reads (run, seq, addr, succeeded, ready_us, started_us, ended_us, after_seq, limited_us, \
             paused_us, repeats, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))",
        )?
        .execute(params![
            self.run,
            sql_int(read.seq),
            read.addr.to_string(),
            read.succeeded,
            ready,
            started,
            ended,
            after,
            limited,
            paused,
            repeats
        ])?;
        if read.succeeded {
            self.measure(&read.addr.type_name, &Arc::from("read"), read.timing.took());
        }
        Ok(())
    }

    fn one(&self, changed: usize, seq: u64) -> Done {
        if changed == 1 { Ok(()) } else { Err(WriteError::Rule(format!("step {seq} of run {} is not open", self.run))) }
    }

    fn finish(&self, conn: &Connection, now: i64, end: RunEnd) -> Done {
        conn.execute(
            "UPDATE runs SET ended_at = ?2, outcome = ?3, unresolved = ?4 WHERE id = ?1",
            params![self.run, now, end.text(), self.unresolved],
        )?;
        Ok(run::seal(conn, self.run)?)
    }

    fn taken_over(&mut self, conn: &Connection, base: Base, digest: &str) -> Done {
        if !base.lineage.is_nil() {
            conn.execute("UPDATE meta SET lineage = ?1", [base.lineage.to_string()])?;
        }
        conn.execute("UPDATE meta SET serial = ?1", [sql_int(base.serial)])?;
        conn.execute("UPDATE runs SET serial = ?2 WHERE id = ?1", [self.run, sql_int(base.serial)])?;
        run::seal(conn, self.run)?;
        self.raised = true;
        Ok(state_file::remember(conn, digest)?)
    }

    /// The first change of a run raises the state's serial, and so does the first after it was taken up again.
    fn raise_serial(&mut self, conn: &Connection) -> Done {
        if !self.raised {
            conn.execute("UPDATE meta SET serial = serial + 1", [])?;
            conn.execute("UPDATE runs SET serial = (SELECT serial FROM meta) WHERE id = ?1", [self.run])?;
            run::seal(conn, self.run)?;
            self.raised = true;
        }
        Ok(())
    }

    fn edit(&mut self, conn: &Connection, edits: Vec<StateEdit>) -> Done {
        if !edits.is_empty() {
            self.raise_serial(conn)?;
        }
        for edit in edits {
            match edit {
                StateEdit::Put(row) => self.put(conn, &row)?,
                StateEdit::Remove { addr, deposed } => self.remove(conn, &addr.to_string(), deposed_text(deposed.as_ref()))?,
                StateEdit::Depose { addr, key } => self.rekey(conn, &addr, "", &key.0)?,
                StateEdit::Restore { addr, key: DeposedKey(key) } => self.rekey(conn, &addr, &key, "")?,
                StateEdit::Move { from, to } => self.relocate(conn, &from, &to)?,
            }
        }
        Ok(())
    }

    fn put(&mut self, conn: &Connection, row: &ObjectRow) -> Done {
        let (addr, dependencies) = (row.addr.to_string(), json_array(&row.dependencies));
        let values = params![
            addr,
            deposed_text(row.deposed.as_ref()),
            &*row.addr.type_name,
            &*row.provider,
            &*row.provider_source,
            sql_int(row.schema_version),
            row.status.text(),
            row.id,
            row.create_before_destroy,
            self.run,
            dependencies,
            row.sensitive_paths,
            row.values,
            row.private,
        ];
        let known: Option<i64> = conn.prepare_cached(UPDATE_INSTANCE)?.query_row(values, |r| r.get(0)).optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                self.tally.instances += 1;
                conn.prepare_cached(INSERT_INSTANCE)?.query_row(values, |r| r.get(0))?
            }
        };
        self.record_version(conn, id)
    }

    /// Keeps the object as this run leaves it, in place of what the run had left before.
    fn record_version(&mut self, conn: &Connection, id: i64) -> Done {
        let mut insert = conn.prepare_cached(
            "INSERT OR IGNORE INTO versions (addr, deposed, run, removed, provider, provider_source, schema_version, status, \
             object_id, create_before_destroy, dependencies, sensitive_paths, attributes, private, seal) \
             SELECT addr, deposed, run, 0, provider, provider_source, schema_version, status, object_id, create_before_destroy, \
             dependencies, sensitive_paths, attributes, private, seal FROM instances WHERE id = ?1",
        )?;
        if insert.execute([id])? == 0 {
            let own = "DELETE FROM versions WHERE (addr, deposed, run) = (SELECT addr, deposed, run FROM instances WHERE id = ?1)";
            conn.prepare_cached(own)?.execute([id])?;
            insert.execute([id])?;
        } else {
            self.tally.versions += 1;
        }
        Ok(())
    }

    fn record_removal(&mut self, conn: &Connection, addr: &str, deposed: &str) -> Done {
        let earlier = conn
            .prepare_cached("DELETE FROM versions WHERE addr = ?1 AND deposed = ?2 AND run = ?3")?
            .execute(params![addr, deposed, self.run])?;
        conn.prepare_cached(
            "INSERT INTO versions (addr, deposed, run, removed, seal) VALUES (?1, ?2, ?3, 1, \
             seal(1, ?1, ?2, ?3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))",
        )?
        .execute(params![addr, deposed, self.run])?;
        self.tally.versions += i64::from(earlier == 0);
        Ok(())
    }

    /// Removing what is not there is no fault: a recovery may tell it twice.
    fn remove(&mut self, conn: &Connection, addr: &str, deposed: &str) -> Done {
        let changed = conn.prepare_cached("DELETE FROM instances WHERE addr = ?1 AND deposed = ?2")?.execute([addr, deposed])?;
        if changed > 0 {
            self.tally.instances -= 1;
            self.record_removal(conn, addr, deposed)?;
        }
        Ok(())
    }

    fn rekey(&mut self, conn: &Connection, addr: &InstanceAddr, from: &str, to: &str) -> Done {
        let addr = addr.to_string();
        let id: Option<i64> = conn
            .prepare_cached(
                "UPDATE instances SET deposed = ?3, run = ?4, seal = seal(0, addr, ?3, ?4, provider, provider_source, schema_version, \
                 status, object_id, create_before_destroy, dependencies, sensitive_paths, attributes, private) \
                 WHERE addr = ?1 AND deposed = ?2 RETURNING id",
            )?
            .query_row(params![addr, from, to, self.run], |r| r.get(0))
            .optional()?;
        let id = id.ok_or_else(|| WriteError::Rule(format!("{addr} has no object to be deposed or restored")))?;
        self.record_removal(conn, &addr, from)?;
        self.record_version(conn, id)
    }

    fn relocate(&mut self, conn: &Connection, from: &InstanceAddr, to: &InstanceAddr) -> Done {
        let (old, new) = (from.to_string(), to.to_string());
        let moved: Vec<(i64, String)> = conn
            .prepare_cached(
                "UPDATE instances SET addr = ?2, type = ?3, run = ?4, seal = seal(0, ?2, deposed, ?4, provider, provider_source, \
                 schema_version, status, object_id, create_before_destroy, dependencies, sensitive_paths, attributes, private) \
                 WHERE addr = ?1 RETURNING id, deposed",
            )?
            .query_map(params![old, new, &*to.type_name, self.run], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, deposed) in moved {
            self.record_removal(conn, &old, &deposed)?;
            self.record_version(conn, id)?;
        }
        Ok(())
    }

    fn change_outputs(&mut self, conn: &Connection, changes: BTreeMap<String, Option<OutputRow>>) -> Done {
        let mut wanted = snapshot::read_outputs(conn)?;
        for (name, row) in changes {
            match row {
                Some(row) => drop(wanted.insert(name, row)),
                None => drop(wanted.remove(&name)),
            }
        }
        self.outputs(conn, &wanted)
    }

    fn outputs(&mut self, conn: &Connection, wanted: &BTreeMap<String, OutputRow>) -> Done {
        let present = snapshot::read_outputs(conn)?;
        if present == *wanted {
            return Ok(());
        }
        self.raise_serial(conn)?;
        for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
            conn.execute("DELETE FROM outputs WHERE name = ?1", [name])?;
            self.tally.outputs -= 1;
            self.record_output(conn, name, None)?;
        }
        for (name, row) in wanted.iter().filter(|(name, row)| present.get(*name) != Some(*row)) {
            conn.execute(
                "INSERT OR REPLACE INTO outputs (name, value, type, sensitive, seal) VALUES (?1, ?2, ?3, ?4, seal(?1, ?2, ?3, ?4))",
                params![name, row.value, row.type_json, row.sensitive],
            )?;
            self.tally.outputs += i64::from(!present.contains_key(name));
            self.record_output(conn, name, Some(row))?;
        }
        Ok(())
    }

    /// Keeps an output as this run leaves it; none if it is removed.
    fn record_output(&mut self, conn: &Connection, name: &str, row: Option<&OutputRow>) -> Done {
        let earlier = conn.execute("DELETE FROM output_versions WHERE name = ?1 AND run = ?2", params![name, self.run])?;
        conn.execute(
            "INSERT INTO output_versions (name, run, removed, value, type, sensitive, seal) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, seal(?1, ?2, ?3, ?4, ?5, ?6))",
            params![name, self.run, row.is_none(), row.map(|r| &r.value), row.map(|r| &r.type_json), row.map(|r| r.sensitive)],
        )?;
        self.tally.output_versions += i64::from(earlier == 0);
        Ok(())
    }

    /// Durations are summed up per batch, since there may be thousands of one kind.
    fn measure(&mut self, type_name: &Arc<str>, action: &Arc<str>, duration: Duration) {
        let measured = self.durations.entry((type_name.clone(), action.clone())).or_default();
        let duration = micros(duration);
        measured.samples += 1;
        measured.total_us = measured.total_us.saturating_add(duration);
        measured.longest_us = measured.longest_us.max(duration);
    }

    fn flush_durations(&mut self, conn: &Connection) -> Done {
        for ((type_name, action), new) in std::mem::take(&mut self.durations) {
            let known = run::read_duration(conn, &type_name, &action)?;
            let samples = known.as_ref().map_or(0, |k| k.samples);
            let typical = known.as_ref().map_or(0, |k| micros(k.typical));
            // The known average counts as at most so many samples that a new one keeps its weight.
            let weight = samples.min(NEWEST_WEIGHS_ONE_IN - 1);
            let average = typical.saturating_mul(weight).saturating_add(new.total_us) / (weight + new.samples);
            self.tally.durations += i64::from(known.is_none());
            let longest = known.map_or(0, |k| micros(k.longest)).max(new.longest_us);
            conn.prepare_cached(
                "INSERT OR REPLACE INTO durations (type, action, samples, typical_us, longest_us, seal) \
                 VALUES (?1, ?2, ?3, ?4, ?5, seal(?1, ?2, ?3, ?4, ?5))",
            )?
            .execute(params![&*type_name, &*action, sql_int(samples + new.samples), sql_int(average), sql_int(longest)])?;
        }
        Ok(())
    }

    fn flush_entries(&mut self, conn: &Connection) -> Done {
        let (entries, reads) = (std::mem::take(&mut self.entries), std::mem::take(&mut self.reads));
        if entries + reads > 0 {
            let sql = "UPDATE runs SET entries = entries + ?2, reads = reads + ?3 WHERE id = ?1";
            conn.prepare_cached(sql)?.execute([self.run, entries, reads])?;
            run::seal(conn, self.run)?;
        }
        Ok(())
    }
}

/// An object's row as it is to be, in place of the one at its address.
const UPDATE_INSTANCE: &str = "UPDATE instances SET provider = ?4, provider_source = ?5, schema_version = ?6, status = ?7, object_id = ?8, \
     create_before_destroy = ?9, run = ?10, dependencies = ?11, sensitive_paths = ?12, attributes = ?13, private = ?14, \
     seal = seal(0, ?1, ?2, ?10, ?4, ?5, ?6, ?7, ?8, ?9, ?11, ?12, ?13, ?14) \
     WHERE addr = ?1 AND deposed = ?2 AND ?3 IS NOT NULL RETURNING id";
/// The same where there is none.
const INSERT_INSTANCE: &str = "INSERT INTO instances (addr, deposed, type, provider, provider_source, schema_version, status, object_id, \
     create_before_destroy, run, dependencies, sensitive_paths, attributes, private, seal) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
     seal(0, ?1, ?2, ?10, ?4, ?5, ?6, ?7, ?8, ?9, ?11, ?12, ?13, ?14)) RETURNING id";

fn sensitive_of(image: Option<&Image>) -> Option<&String> {
    image.map(|i| &i.sensitive_paths)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Addresses as a JSON array of strings.
fn json_array(resources: &[ResourceAddr]) -> String {
    if resources.is_empty() {
        return "[]".to_owned();
    }
    resources.iter().map(ToString::to_string).collect::<serde_json::Value>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::StateFile;

    /// The rule of the database for its own size stands for a device without room: the same error, at the same place.
    #[test]
    fn without_room_all_of_a_batch_is_taken_back() {
        let dir = tempfile::tempdir().expect("temp dir");
        let file = StateFile::new(dir.path().join("state.db"));
        file.ensure().expect("creates");
        let conn = file.open_writer().expect("opens");
        let insert =
            "INSERT INTO runs (kind, base_lineage, base_serial, levee_version, who, started_at) VALUES ('apply', '', 0, '', '', 0)";
        conn.execute(insert, []).expect("writes");
        let lock = Uuid::new_v4();
        let held = "INSERT INTO locks (id, scope, operation, user, host, pid, taken_at, expires_at, seal) VALUES (?1, '*', '', '', '', 1, 0, 0, 0)";
        conn.execute(held, [lock.to_string()]).expect("writes");
        let pages: i64 = conn.query_row("PRAGMA page_count", [], |r| r.get(0)).expect("reads");
        conn.pragma_update(None, "max_page_count", pages + 2).expect("sets");
        let output = |size| OutputRow { value: "v".repeat(size), type_json: String::new(), sensitive: true };
        let outputs = |size| Write::Outputs(BTreeMap::from([("o".to_owned(), output(size))]));
        let mut recorder = Recorder::new(conn, file.path().to_path_buf(), RunId(1), 0, lock);
        let error = recorder.commit(vec![outputs(10), outputs(100_000)]).expect_err("is refused");
        assert!(matches!(error, StateError::DiskFull { .. }), "{error}");
        let reader = file.open_reader().expect("opens").expect("is there");
        let snapshot = snapshot::read(&reader).expect("reads");
        assert!(snapshot.outputs.is_empty() && snapshot.serial == 0);
    }
}
