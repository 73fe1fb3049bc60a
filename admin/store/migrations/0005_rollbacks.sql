-- What rows were before and after a change, so that it can be undone when the server's binary log is gone.

ALTER TABLE environments ADD COLUMN rollback TEXT NOT NULL DEFAULT '{}';

-- Whose rows: those of a run of a task (which may not have its history entry yet), of a change that no task made, or of
-- statements that a person chose (neither).
CREATE TABLE rollback_data (
  id {id},
  task_id BIGINT REFERENCES tasks(id),
  attempt BIGINT NOT NULL DEFAULT 0,
  change_id BIGINT REFERENCES changes(id),
  source TEXT NOT NULL CHECK (source IN ('binlog', 'rows')),
  state TEXT NOT NULL CHECK (state IN ('open', 'whole', 'refused')),
  reason TEXT NOT NULL DEFAULT '',
  header TEXT NOT NULL DEFAULT '{}',
  row_count BIGINT NOT NULL DEFAULT 0,
  byte_count BIGINT NOT NULL DEFAULT 0,
  chunk_count BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE UNIQUE INDEX rollback_data_by_run ON rollback_data (task_id, attempt) WHERE task_id IS NOT NULL;
CREATE UNIQUE INDEX rollback_data_by_change ON rollback_data (change_id) WHERE change_id IS NOT NULL;

-- Compressed and sealed: they hold rows of the databases.
CREATE TABLE rollback_chunks (
  data_id BIGINT NOT NULL REFERENCES rollback_data(id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  chunk TEXT NOT NULL,
  PRIMARY KEY (data_id, position)
);

-- What a task of a rollback issue undoes.
CREATE TABLE task_rollbacks (
  task_id BIGINT NOT NULL PRIMARY KEY REFERENCES tasks(id),
  data_id BIGINT NOT NULL REFERENCES rollback_data(id),
  change_id BIGINT REFERENCES changes(id),
  on_conflict TEXT NOT NULL CHECK (on_conflict IN ('stop', 'leave'))
);
