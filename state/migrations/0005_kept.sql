-- What a run is taken up again from: its configuration, and what was asked for and agreed to.

ALTER TABLE runs ADD COLUMN bundle   TEXT; -- digest in config_bundles
ALTER TABLE runs ADD COLUMN approval BLOB; -- a document of the engine's, packed; without sensitive values
