-- The first layout. This file is never edited once released: a change is a new file.

CREATE TABLE meta (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    lineage    TEXT    NOT NULL,
    serial     INTEGER NOT NULL,
    created_at INTEGER NOT NULL            -- all times: milliseconds since 1970, UTC
) STRICT;

CREATE TABLE config_bundles (              -- configuration and variables of a run, content-addressed
    digest     TEXT    PRIMARY KEY,
    format     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    content    BLOB    NOT NULL
) STRICT;

CREATE TABLE runs (
    id            INTEGER PRIMARY KEY,
    kind          TEXT    NOT NULL CHECK (kind IN ('apply', 'destroy', 'refresh', 'recover', 'rollback')),
    rollback_of   INTEGER REFERENCES runs (id),
    base_lineage  TEXT    NOT NULL,
    base_serial   INTEGER NOT NULL,
    serial        INTEGER,                 -- the state's serial from this run's first change on
    config_digest TEXT,
    variables     TEXT,                    -- JSON object, without sensitive ones
    levee_version TEXT    NOT NULL,
    who           TEXT    NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    outcome       TEXT    CHECK (outcome IN ('succeeded', 'failed', 'interrupted')),
    unresolved    INTEGER NOT NULL DEFAULT 0, -- entries in doubt when it ended
    resumed       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL OR unresolved > 0;

CREATE TABLE instances (
    id                    INTEGER PRIMARY KEY,
    addr                  TEXT    NOT NULL,
    deposed               TEXT    NOT NULL DEFAULT '', -- '' is the current object
    type                  TEXT    NOT NULL,
    provider              TEXT    NOT NULL,
    provider_source       TEXT    NOT NULL,
    schema_version        INTEGER NOT NULL,
    status                TEXT    NOT NULL CHECK (status IN ('ready', 'tainted')),
    object_id             TEXT,
    create_before_destroy INTEGER NOT NULL,
    run                   INTEGER NOT NULL REFERENCES runs (id), -- which run wrote it last
    sensitive_paths       TEXT    NOT NULL,
    attributes            TEXT    NOT NULL,
    private               BLOB,
    UNIQUE (addr, deposed)
) STRICT;

CREATE TABLE dependencies (                -- direct ones, resource by resource
    instance INTEGER NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    resource TEXT    NOT NULL,
    PRIMARY KEY (instance, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
    name      TEXT    PRIMARY KEY,
    sensitive INTEGER NOT NULL,
    type      TEXT    NOT NULL,
    value     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id                    INTEGER PRIMARY KEY,
    run                   INTEGER NOT NULL REFERENCES runs (id),
    seq                   INTEGER NOT NULL,
    addr                  TEXT    NOT NULL,
    deposed               TEXT    NOT NULL DEFAULT '',
    action                TEXT    NOT NULL,
    outcome               TEXT    CHECK (outcome IN ('succeeded', 'failed', 'in_doubt')), -- none yet: in doubt as well
    op_token              TEXT    NOT NULL,
    provider              TEXT    NOT NULL,
    provider_source       TEXT    NOT NULL,
    schema_version        INTEGER NOT NULL,
    create_before_destroy INTEGER NOT NULL,
    intent_at             INTEGER NOT NULL,
    checkpoint_at         INTEGER,
    outcome_at            INTEGER,
    duration_us           INTEGER,
    object_id             TEXT,
    message               TEXT,
    dependencies          TEXT    NOT NULL, -- JSON array of resource addresses
    prior_sensitive       TEXT,
    planned_sensitive     TEXT,
    prior                 TEXT,
    planned               TEXT,
    partial               TEXT,
    UNIQUE (run, seq)
) STRICT;

CREATE TABLE versions (                    -- each object as a run left it
    id                    INTEGER PRIMARY KEY,
    addr                  TEXT    NOT NULL,
    deposed               TEXT    NOT NULL,
    run                   INTEGER NOT NULL REFERENCES runs (id),
    removed               INTEGER NOT NULL,
    provider              TEXT,
    provider_source       TEXT,
    schema_version        INTEGER,
    status                TEXT,
    object_id             TEXT,
    create_before_destroy INTEGER,
    dependencies          TEXT,             -- JSON array
    sensitive_paths       TEXT,
    attributes            TEXT,
    private               BLOB,
    UNIQUE (addr, deposed, run)
) STRICT;

CREATE TABLE output_versions (             -- each output as a run left it
    name      TEXT    NOT NULL,
    run       INTEGER NOT NULL REFERENCES runs (id),
    removed   INTEGER NOT NULL,
    sensitive INTEGER,
    type      TEXT,
    value     TEXT,
    PRIMARY KEY (name, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE durations (                   -- how long steps take, for estimates
    type       TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    samples    INTEGER NOT NULL,
    typical_us INTEGER NOT NULL,           -- moving average: recent ones weigh more
    longest_us INTEGER NOT NULL,
    PRIMARY KEY (type, action)
) STRICT, WITHOUT ROWID;

CREATE TABLE locks (
    id            TEXT    PRIMARY KEY,
    scope         TEXT    NOT NULL UNIQUE,  -- '*' is the whole state
    operation     TEXT    NOT NULL,
    user          TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    boot          TEXT,                     -- which boot of which machine
    pid           INTEGER NOT NULL,
    process_start INTEGER,                  -- tells a process from a later one with its pid
    taken_at      INTEGER NOT NULL,
    expires_at    INTEGER                   -- none: held until its process ends
) STRICT;

CREATE VIEW v_instances AS
    SELECT i.addr, nullif(i.deposed, '') AS deposed, i.type, i.status, i.object_id, i.provider, i.run AS last_run,
           (SELECT group_concat(d.resource, ', ') FROM dependencies d WHERE d.instance = i.id) AS depends_on
    FROM instances i ORDER BY i.addr, i.deposed;

CREATE VIEW v_runs AS
    SELECT id, kind, rollback_of, base_serial, serial, coalesce(outcome, 'open') AS outcome, unresolved, who, levee_version,
           strftime('%Y-%m-%dT%H:%M:%SZ', started_at / 1000, 'unixepoch') AS started,
           strftime('%Y-%m-%dT%H:%M:%SZ', ended_at / 1000, 'unixepoch') AS ended,
           (SELECT count(*) FROM journal j WHERE j.run = runs.id) AS steps
    FROM runs ORDER BY id;

CREATE VIEW v_journal AS
    SELECT run, seq, addr, nullif(deposed, '') AS deposed, action, coalesce(outcome, 'in_doubt') AS outcome, object_id, op_token,
           strftime('%Y-%m-%dT%H:%M:%fZ', intent_at / 1000.0, 'unixepoch') AS intent,
           strftime('%Y-%m-%dT%H:%M:%fZ', outcome_at / 1000.0, 'unixepoch') AS ended,
           duration_us / 1e6 AS seconds, message
    FROM journal ORDER BY run, seq;
