-- A lock is on the whole state or on some addresses, so that several runs may be at work. Its rows are gone with the runs that
-- they speak of: there is nothing to keep.

DROP TABLE locks;
CREATE TABLE locks (
    id            TEXT    PRIMARY KEY,
    scope         TEXT    NOT NULL,         -- '*' is the whole state, else a JSON object of what is changed and what is read
    operation     TEXT    NOT NULL,
    user          TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    boot          TEXT,                     -- which boot of which machine
    pid           INTEGER NOT NULL,
    process_start INTEGER,                  -- tells a process from a later one with its pid
    taken_at      INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,         -- the end of its lease, which its holder keeps putting off
    run           INTEGER REFERENCES runs (id), -- the run that was begun under it
    seal          INTEGER NOT NULL
) STRICT;
UPDATE meta SET locks = 0;
UPDATE meta SET seal = seal(only, lineage, serial, created_at, commits, instances, outputs, runs, versions, output_versions,
    durations, locks, checks, state_file);
