-- What scans found, and whose turn it is to scan.

-- database_id is 0 for what is about the whole instance. Texts by hash: see 0003.
CREATE TABLE anomalies (
  id {id},
  kind TEXT NOT NULL,
  instance_id BIGINT NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
  database_id BIGINT NOT NULL DEFAULT 0,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  objects TEXT NOT NULL DEFAULT '[]',
  recorded_hash TEXT REFERENCES texts(hash),
  live_hash TEXT REFERENCES texts(hash),
  diff TEXT NOT NULL DEFAULT '',
  revert_sql TEXT NOT NULL DEFAULT '',
  adopt_sql TEXT NOT NULL DEFAULT '',
  opened_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  resolved_at BIGINT
);
CREATE UNIQUE INDEX anomalies_open ON anomalies (instance_id, database_id, kind) WHERE resolved_at IS NULL;
CREATE INDEX anomalies_by_database ON anomalies (database_id, id);

-- The next scan of an instance's databases: the program that moves the time forward does it.
CREATE TABLE scan_turns (
  instance_id BIGINT NOT NULL PRIMARY KEY REFERENCES instances(id) ON DELETE CASCADE,
  next_at BIGINT NOT NULL
);
