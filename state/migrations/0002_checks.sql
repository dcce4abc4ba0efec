-- How the conditions of the configuration turned out in the last run: a JSON array in Terraform's format.

CREATE TABLE checks (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    results TEXT    NOT NULL
) STRICT;
