-- A data key is wrapped in a passphrase, as before, or by a key that a key management service keeps. A row that did not match its
-- seal does not match the new one either.

ALTER TABLE keys RENAME TO keys_before;
CREATE TABLE keys (
    id          TEXT    PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    memory_kib  INTEGER,                    -- what Argon2id is told, of a passphrase
    passes      INTEGER,
    lanes       INTEGER,
    salt        BLOB,
    service     TEXT,                       -- which service has the wrapping key: 'aws-kms'
    service_key TEXT,                       -- the wrapping key's name there, an ARN
    lineage     TEXT,                       -- the state's lineage when it was wrapped, which it is bound to
    wrapped     BLOB    NOT NULL,
    seal        INTEGER NOT NULL
) STRICT;
INSERT INTO keys (id, created_at, memory_kib, passes, lanes, salt, wrapped, seal)
SELECT id, created_at, memory_kib, passes, lanes, salt, wrapped,
       CASE seal WHEN seal(id, created_at, memory_kib, passes, lanes, salt, wrapped)
                 THEN seal(id, created_at, memory_kib, passes, lanes, salt, NULL, NULL, NULL, wrapped) ELSE -1 END
FROM keys_before;
DROP TABLE keys_before;
