-- Databases, issues with their stages and tasks, runs of tasks, and the change history.

-- Statement sheets and schemas by the SHA-256 of their bytes: the schema after one change is the
-- schema before the next, so each is kept once. Never changed.
CREATE TABLE texts (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
);

CREATE TABLE databases (
  id {id},
  instance_id BIGINT NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES projects(id),
  character_set TEXT NOT NULL,
  collation_name TEXT NOT NULL,
  labels TEXT NOT NULL DEFAULT '{}',
  present BIGINT NOT NULL DEFAULT 1,
  synced_at BIGINT NOT NULL,
  schema_hash TEXT REFERENCES texts(hash),
  schema_version TEXT NOT NULL DEFAULT '',
  schema_recorded_at BIGINT,
  UNIQUE (instance_id, name)
);
CREATE INDEX databases_by_project ON databases (project_id, id);

CREATE TABLE issues (
  id {id},
  project_id BIGINT NOT NULL REFERENCES projects(id),
  kind TEXT NOT NULL CHECK (kind IN ('database.create', 'schema.update', 'data.update', 'data.rollback', 'schema.baseline')),
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'done', 'canceled')),
  creator_id BIGINT NOT NULL REFERENCES users(id),
  source TEXT NOT NULL CHECK (source IN ('console', 'api', 'proxy', 'gitops')),
  keep_rollback BIGINT NOT NULL,
  earliest_start BIGINT,
  parent_id BIGINT REFERENCES issues(id),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX issues_by_status ON issues (status, id);
CREATE INDEX issues_by_project ON issues (project_id, id);
CREATE INDEX issues_by_project_and_status ON issues (project_id, status, id);

CREATE TABLE stages (
  id {id},
  issue_id BIGINT NOT NULL REFERENCES issues(id),
  environment_id BIGINT NOT NULL REFERENCES environments(id),
  position BIGINT NOT NULL,
  UNIQUE (issue_id, position)
);

-- What a task names of instances and databases is kept by number and by name: an issue can still be
-- read when they are gone.
CREATE TABLE tasks (
  id {id},
  issue_id BIGINT NOT NULL REFERENCES issues(id),
  stage_id BIGINT NOT NULL REFERENCES stages(id),
  instance_id BIGINT NOT NULL,
  instance_name TEXT NOT NULL,
  database_id BIGINT,
  database_name TEXT NOT NULL,
  character_set TEXT NOT NULL,
  collation_name TEXT NOT NULL,
  sheet_hash TEXT NOT NULL REFERENCES texts(hash),
  editor_id BIGINT NOT NULL REFERENCES users(id),
  status TEXT NOT NULL CHECK (status IN ('pending_approval', 'pending', 'running', 'done', 'failed', 'canceled', 'skipped', 'needs_person')),
  checks TEXT NOT NULL CHECK (checks IN ('not_run', 'running', 'passed', 'warning', 'error')),
  check_round BIGINT NOT NULL DEFAULT 1,
  cancel_requested BIGINT NOT NULL DEFAULT 0,
  statements_done BIGINT NOT NULL DEFAULT 0,
  attempt BIGINT NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  change_id BIGINT,
  started_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX tasks_by_issue ON tasks (issue_id, id);
CREATE INDEX tasks_by_database ON tasks (database_id, issue_id);
CREATE INDEX tasks_to_run ON tasks (id) WHERE status = 'pending';
CREATE INDEX tasks_to_check ON tasks (id) WHERE checks = 'not_run';
-- One running task a database, whoever runs it.
CREATE UNIQUE INDEX tasks_running ON tasks (instance_id, database_name) WHERE status = 'running';

CREATE TABLE task_checks (
  id {id},
  task_id BIGINT NOT NULL REFERENCES tasks(id),
  kind TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('passed', 'warning', 'error')),
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  line BIGINT NOT NULL,
  column_number BIGINT NOT NULL,
  checked_at BIGINT NOT NULL
);
CREATE INDEX task_checks_by_task ON task_checks (task_id, id);

CREATE TABLE approvals (
  id {id},
  issue_id BIGINT NOT NULL REFERENCES issues(id),
  task_id BIGINT NOT NULL REFERENCES tasks(id),
  user_id BIGINT REFERENCES users(id),
  decision TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
  reason TEXT NOT NULL,
  void BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX approvals_by_issue ON approvals (issue_id, id);

CREATE TABLE comments (
  id {id},
  issue_id BIGINT NOT NULL REFERENCES issues(id),
  user_id BIGINT NOT NULL REFERENCES users(id),
  text TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX comments_by_issue ON comments (issue_id, id);

CREATE TABLE activity (
  id {id},
  issue_id BIGINT NOT NULL REFERENCES issues(id),
  task_id BIGINT,
  user_id BIGINT REFERENCES users(id),
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX activity_by_issue ON activity (issue_id, id);

-- One execution of a task. The holder counts `beat` up while it lives; another program that sees the
-- number stand still takes the run over. No clock is compared with another's.
CREATE TABLE task_runs (
  id {id},
  task_id BIGINT NOT NULL REFERENCES tasks(id),
  attempt BIGINT NOT NULL,
  holder TEXT NOT NULL,
  beat BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('claimed', 'marked', 'ended')),
  first_statement BIGINT NOT NULL,
  schema_before TEXT REFERENCES texts(hash),
  server_version TEXT NOT NULL DEFAULT '',
  thread_id BIGINT NOT NULL DEFAULT 0,
  session_id BIGINT NOT NULL DEFAULT 0,
  binlog_file TEXT NOT NULL DEFAULT '',
  binlog_position BIGINT NOT NULL DEFAULT 0,
  gtid_executed TEXT NOT NULL DEFAULT '',
  interruptions BIGINT NOT NULL DEFAULT 0,
  started_at BIGINT NOT NULL,
  UNIQUE (task_id, attempt)
);
CREATE INDEX task_runs_open ON task_runs (id) WHERE state <> 'ended';

-- What a run has done of its sheet so far; moves into the history when the run ends.
CREATE TABLE run_statements (
  run_id BIGINT NOT NULL REFERENCES task_runs(id),
  position BIGINT NOT NULL,
  line BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('begun', 'not_sent', 'done', 'failed', 'rolled_back')),
  in_transaction BIGINT NOT NULL DEFAULT 0,
  affected_rows BIGINT,
  warnings BIGINT NOT NULL DEFAULT 0,
  gtid TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  started_at BIGINT NOT NULL,
  duration_us BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, position)
);

CREATE TABLE changes (
  id {id},
  version TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('database.create', 'schema.update', 'data.update', 'data.rollback', 'schema.baseline')),
  status TEXT NOT NULL CHECK (status IN ('done', 'failed', 'canceled')),
  source TEXT NOT NULL CHECK (source IN ('console', 'api', 'proxy', 'gitops')),
  actor TEXT NOT NULL,
  project_id BIGINT NOT NULL,
  instance_id BIGINT NOT NULL,
  instance_name TEXT NOT NULL,
  database_id BIGINT NOT NULL,
  database_name TEXT NOT NULL,
  issue_id BIGINT,
  task_id BIGINT,
  attempt BIGINT NOT NULL DEFAULT 0,
  statement_hash TEXT NOT NULL REFERENCES texts(hash),
  statements_hash TEXT NOT NULL REFERENCES texts(hash),
  affected_rows BIGINT NOT NULL,
  schema_before TEXT NOT NULL REFERENCES texts(hash),
  schema_after TEXT NOT NULL REFERENCES texts(hash),
  server_version TEXT NOT NULL,
  thread_id BIGINT NOT NULL,
  binlog_file_before TEXT NOT NULL,
  binlog_position_before BIGINT NOT NULL,
  binlog_file_after TEXT NOT NULL,
  binlog_position_after BIGINT NOT NULL,
  gtid_executed_before TEXT NOT NULL,
  gtid_executed_after TEXT NOT NULL,
  gtids TEXT NOT NULL,
  error TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  UNIQUE (task_id, attempt)
);
CREATE INDEX changes_by_database ON changes (database_id, id);
CREATE INDEX changes_by_project ON changes (project_id, id);
CREATE INDEX changes_by_issue ON changes (issue_id, id);

-- only sqlite
CREATE TRIGGER changes_no_update BEFORE UPDATE ON changes BEGIN SELECT RAISE(ABORT, 'history rows are never changed'); END;
CREATE TRIGGER changes_no_delete BEFORE DELETE ON changes BEGIN SELECT RAISE(ABORT, 'history rows are never removed'); END;
CREATE TRIGGER texts_no_update BEFORE UPDATE ON texts BEGIN SELECT RAISE(ABORT, 'kept texts are never changed'); END;
CREATE TRIGGER texts_no_delete BEFORE DELETE ON texts BEGIN SELECT RAISE(ABORT, 'kept texts are never removed'); END;
-- only postgres
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER texts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON texts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- both
