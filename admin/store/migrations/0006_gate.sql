-- What the gate in the data path keeps: where its issues came from, changes that sessions run, and
-- what of the workspace its verdicts depend on.

-- Sluice itself: the author of what an application's account sends, which is no person's. Nobody
-- can sign in as it, and no list has it (lists begin behind 0).
INSERT INTO users (id, name, email, password_hash, role, active, created_at) VALUES (0, 'Sluice', '', '', 'developer', 0, 0);

ALTER TABLE changes ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN client_host TEXT NOT NULL DEFAULT '';

ALTER TABLE databases ADD COLUMN frozen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE databases ADD COLUMN freeze_reason TEXT NOT NULL DEFAULT '';

ALTER TABLE accounts ADD COLUMN may_break_glass BIGINT NOT NULL DEFAULT 0;

-- The issue that a client's statement became. request_hash: of account, place and text. answered:
-- whoever sent the statement again was told once that it ran. held: a client waits, and runs it
-- itself; holder and beat are as in task_runs.
CREATE TABLE gate_issues (
  issue_id BIGINT PRIMARY KEY REFERENCES issues(id),
  account TEXT NOT NULL,
  account_kind TEXT NOT NULL CHECK (account_kind IN ('service', 'human')),
  instance_id BIGINT NOT NULL,
  schema_name TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  program TEXT NOT NULL,
  client_host TEXT NOT NULL,
  session_id BIGINT NOT NULL,
  rule TEXT NOT NULL,
  answered BIGINT NOT NULL DEFAULT 0,
  held BIGINT NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  beat BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX gate_issues_by_request ON gate_issues (request_hash, issue_id);
CREATE INDEX gate_issues_held ON gate_issues (issue_id) WHERE held = 1;
CREATE INDEX gate_issues_by_account ON gate_issues (account, issue_id);

-- A change that a client's session runs now. The row goes when its history entry is written; one
-- whose holder's beat stands still was left by a program that ended, and is looked for on the
-- server. statements and places are JSON: what was sent, and the schemas of the databases before.
CREATE TABLE gate_changes (
  id {id},
  holder TEXT NOT NULL,
  beat BIGINT NOT NULL DEFAULT 0,
  account TEXT NOT NULL,
  actor TEXT NOT NULL,
  program TEXT NOT NULL,
  client_host TEXT NOT NULL,
  session_id BIGINT NOT NULL,
  rule TEXT NOT NULL,
  break_glass TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('database.create', 'schema.update', 'data.update', 'data.rollback', 'schema.baseline')),
  instance_id BIGINT NOT NULL,
  instance_name TEXT NOT NULL,
  schema_name TEXT NOT NULL,
  server_version TEXT NOT NULL,
  thread_id BIGINT NOT NULL,
  binlog_file TEXT NOT NULL,
  binlog_position BIGINT NOT NULL,
  gtid_executed TEXT NOT NULL,
  statements TEXT NOT NULL,
  places TEXT NOT NULL,
  issue_id BIGINT REFERENCES issues(id),
  task_id BIGINT REFERENCES tasks(id),
  started_at BIGINT NOT NULL
);

-- Grows with every change of what the gate's verdicts depend on beside accounts.
INSERT INTO meta (name, value) VALUES ('policy_revision', '0');

-- only sqlite
CREATE TRIGGER environments_added AFTER INSERT ON environments BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
CREATE TRIGGER environments_changed AFTER UPDATE ON environments BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
CREATE TRIGGER environments_removed AFTER DELETE ON environments BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
CREATE TRIGGER databases_added AFTER INSERT ON databases BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
CREATE TRIGGER databases_changed AFTER UPDATE OF project_id, schema_hash, frozen, freeze_reason ON databases
  WHEN OLD.project_id <> NEW.project_id OR OLD.schema_hash IS NOT NEW.schema_hash OR OLD.frozen <> NEW.frozen OR OLD.freeze_reason <> NEW.freeze_reason
  BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
CREATE TRIGGER databases_removed AFTER DELETE ON databases BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'policy_revision'; END;
-- only postgres
CREATE FUNCTION policy_changed() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN UPDATE meta SET value = (value::bigint + 1)::text WHERE name = ''policy_revision''; RETURN NULL; END';
CREATE TRIGGER environments_changed AFTER INSERT OR UPDATE OR DELETE ON environments
  FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();
CREATE TRIGGER databases_added_or_removed AFTER INSERT OR DELETE ON databases
  FOR EACH ROW EXECUTE FUNCTION policy_changed();
CREATE TRIGGER databases_changed AFTER UPDATE OF project_id, schema_hash, frozen, freeze_reason ON databases
  FOR EACH ROW WHEN (OLD.project_id <> NEW.project_id OR OLD.schema_hash IS DISTINCT FROM NEW.schema_hash OR OLD.frozen <> NEW.frozen OR OLD.freeze_reason <> NEW.freeze_reason)
  EXECUTE FUNCTION policy_changed();
-- both
