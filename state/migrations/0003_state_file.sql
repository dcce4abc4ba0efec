-- Terraform's state file as it was last written or taken over: the SHA-256 of its bytes tells whether somebody else changed it.

CREATE TABLE state_file (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    digest TEXT    NOT NULL
) STRICT;
