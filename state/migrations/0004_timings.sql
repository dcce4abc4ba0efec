-- Where the time of a run went, for its timeline. Times are microseconds since 1970, lengths microseconds.

ALTER TABLE journal ADD COLUMN ready_us   INTEGER; -- when all that the step waited for was done
ALTER TABLE journal ADD COLUMN started_us INTEGER;
ALTER TABLE journal ADD COLUMN ended_us   INTEGER;
ALTER TABLE journal ADD COLUMN after_seq  INTEGER; -- the step that it waited for last
ALTER TABLE journal ADD COLUMN limited_us INTEGER; -- waiting for a service's limiter
ALTER TABLE journal ADD COLUMN paused_us  INTEGER; -- between a refused call and the next try
ALTER TABLE journal ADD COLUMN repeats    INTEGER; -- calls that were tried again

CREATE TABLE reads (                       -- data sources that were read during a run: they change nothing and need no intent
    run        INTEGER NOT NULL REFERENCES runs (id),
    seq        INTEGER NOT NULL,           -- counted with the journal's
    addr       TEXT    NOT NULL,
    succeeded  INTEGER NOT NULL,
    ready_us   INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us   INTEGER NOT NULL,
    after_seq  INTEGER,
    limited_us INTEGER NOT NULL,
    paused_us  INTEGER NOT NULL,
    repeats    INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
