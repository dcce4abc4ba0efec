-- What sensitive values are hidden with: a data key, wrapped. The newest row counts; without one nothing is hidden.

CREATE TABLE keys (
    id         TEXT    PRIMARY KEY,
    created_at INTEGER NOT NULL,
    memory_kib INTEGER NOT NULL,           -- what Argon2id is told
    passes     INTEGER NOT NULL,
    lanes      INTEGER NOT NULL,
    salt       BLOB    NOT NULL,
    wrapped    BLOB    NOT NULL,
    seal       INTEGER NOT NULL
) STRICT;
