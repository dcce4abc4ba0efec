-- Every row that an answer is made of has a seal: a checksum over its other columns, which is verified whenever the row is
-- read. What no row can tell of itself, that another one is missing, is told by the counts in "meta" and in "runs".
-- seal() is a function of levee's connections (state/src/seal.rs).

ALTER TABLE meta ADD COLUMN commits         INTEGER NOT NULL DEFAULT 0; -- transactions so far
ALTER TABLE meta ADD COLUMN instances       INTEGER NOT NULL DEFAULT 0; -- rows of these tables
ALTER TABLE meta ADD COLUMN outputs         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN runs            INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN versions        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN output_versions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN durations       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN locks           INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN checks          INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN state_file      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN seal            INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET instances = (SELECT count(*) FROM instances), outputs = (SELECT count(*) FROM outputs),
    runs = (SELECT count(*) FROM runs), versions = (SELECT count(*) FROM versions),
    output_versions = (SELECT count(*) FROM output_versions), durations = (SELECT count(*) FROM durations),
    locks = (SELECT count(*) FROM locks), checks = (SELECT count(*) FROM checks), state_file = (SELECT count(*) FROM state_file);
UPDATE meta SET seal = seal(only, lineage, serial, created_at, commits, instances, outputs, runs, versions, output_versions,
    durations, locks, checks, state_file);

-- What a run is taken up again from may be large, and is read for that alone.
CREATE TABLE kept (
    run      INTEGER PRIMARY KEY REFERENCES runs (id),
    bundle   TEXT    NOT NULL REFERENCES config_bundles (digest),
    approval BLOB    NOT NULL,              -- a document of the engine's, packed; without sensitive values
    seal     INTEGER NOT NULL
) STRICT;
INSERT INTO kept (run, bundle, approval, seal)
    SELECT id, bundle, approval, seal(id, bundle, approval) FROM runs WHERE bundle IS NOT NULL AND approval IS NOT NULL;
ALTER TABLE runs DROP COLUMN bundle;
ALTER TABLE runs DROP COLUMN approval;
ALTER TABLE config_bundles ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE config_bundles SET seal = seal(digest, format, created_at, content);

ALTER TABLE runs ADD COLUMN entries INTEGER NOT NULL DEFAULT 0; -- its rows in the journal
ALTER TABLE runs ADD COLUMN reads   INTEGER NOT NULL DEFAULT 0; -- and in reads
ALTER TABLE runs ADD COLUMN kept    INTEGER NOT NULL DEFAULT 0; -- and in kept: one, if it kept something
ALTER TABLE runs ADD COLUMN seal    INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET entries = (SELECT count(*) FROM journal WHERE run = runs.id), reads = (SELECT count(*) FROM reads WHERE run = runs.id),
    kept = (SELECT count(*) FROM kept WHERE run = runs.id);
UPDATE runs SET seal = seal(id, kind, rollback_of, base_lineage, base_serial, serial, config_digest, variables, levee_version, who,
    started_at, ended_at, outcome, unresolved, resumed, entries, reads, kept);

-- What an object depends on stands in its row: one row to write and to seal instead of several.
ALTER TABLE instances ADD COLUMN dependencies TEXT NOT NULL DEFAULT '[]'; -- JSON array of resource addresses, direct ones
ALTER TABLE instances ADD COLUMN seal         INTEGER NOT NULL DEFAULT 0;
UPDATE instances SET dependencies = (SELECT json_group_array(resource) FROM
    (SELECT resource FROM dependencies WHERE instance = instances.id ORDER BY position));
UPDATE instances SET seal = seal(0, addr, deposed, run, provider, provider_source, schema_version, status, object_id,
    create_before_destroy, dependencies, sensitive_paths, attributes, private);
DROP VIEW v_instances;
DROP TABLE dependencies;
CREATE VIEW v_instances AS
    SELECT i.addr, nullif(i.deposed, '') AS deposed, i.type, i.status, i.object_id, i.provider, i.run AS last_run,
           (SELECT group_concat(d.value, ', ') FROM json_each(i.dependencies) d) AS depends_on
    FROM instances i ORDER BY i.addr, i.deposed;

ALTER TABLE versions ADD COLUMN seal INTEGER NOT NULL DEFAULT 0; -- the same as that of the instance it is a version of
UPDATE versions SET seal = seal(removed, addr, deposed, run, provider, provider_source, schema_version, status, object_id,
    create_before_destroy, dependencies, sensitive_paths, attributes, private);

ALTER TABLE journal ADD COLUMN seal     INTEGER NOT NULL DEFAULT 0; -- over what the intent wrote
ALTER TABLE journal ADD COLUMN end_seal INTEGER NOT NULL DEFAULT 0; -- over what came after it
UPDATE journal SET
    seal = seal(run, seq, addr, deposed, action, op_token, provider, provider_source, schema_version, create_before_destroy,
        intent_at, dependencies, prior, prior_sensitive, planned, planned_sensitive),
    end_seal = seal(run, seq, addr, deposed, action, intent_at, object_id, partial, checkpoint_at, outcome, message, outcome_at, duration_us,
        ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats);

ALTER TABLE reads ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE reads SET seal = seal(run, seq, addr, succeeded, ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats);

ALTER TABLE outputs ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE outputs SET seal = seal(name, value, type, sensitive);
ALTER TABLE output_versions ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE output_versions SET seal = seal(name, run, removed, value, type, sensitive);

ALTER TABLE durations ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE durations SET seal = seal(type, action, samples, typical_us, longest_us);
ALTER TABLE checks ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE checks SET seal = seal(only, results);
ALTER TABLE state_file ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE state_file SET seal = seal(only, digest);
ALTER TABLE locks ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE locks SET seal = seal(id, scope, operation, user, host, boot, pid, process_start, taken_at, expires_at);
