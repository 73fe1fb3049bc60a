-- Who follows an instance's binary log and how far, and the statements that it names.

-- One program at a time; the others take over when the lease has ended. Where the log was read to:
-- file and position on that server, and its GTIDs for another one after a failover.
CREATE TABLE binlog_watches (
  instance_id BIGINT NOT NULL PRIMARY KEY REFERENCES instances(id) ON DELETE CASCADE,
  holder TEXT NOT NULL,
  lease_until BIGINT NOT NULL,
  server TEXT NOT NULL DEFAULT '',
  log_file TEXT NOT NULL DEFAULT '',
  log_position BIGINT NOT NULL DEFAULT 0,
  gtids TEXT NOT NULL DEFAULT ''
);

-- DDL that did not pass Sluice. anomaly_id: the drift that it made. settled: the schema was as
-- recorded when it was looked at after the statement.
CREATE TABLE outside_statements (
  id {id},
  instance_id BIGINT NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
  database_id BIGINT NOT NULL REFERENCES databases(id) ON DELETE CASCADE,
  anomaly_id BIGINT,
  settled BIGINT NOT NULL DEFAULT 0,
  ran_at BIGINT NOT NULL,
  added_at BIGINT NOT NULL,
  thread_id BIGINT NOT NULL,
  account TEXT NOT NULL,
  host TEXT NOT NULL,
  gtid TEXT NOT NULL,
  server TEXT NOT NULL,
  log_file TEXT NOT NULL,
  log_position BIGINT NOT NULL,
  statement_hash TEXT NOT NULL REFERENCES texts(hash),
  UNIQUE (database_id, server, log_file, log_position)
);
CREATE INDEX outside_statements_by_anomaly ON outside_statements (anomaly_id, id);

CREATE INDEX changes_by_thread ON changes (instance_id, thread_id);
