-- People, environments, projects, instances and the audit log.
-- {id} becomes the dialect's self-counting primary key. Times are microseconds since 1970, UTC.
-- A line "-- only sqlite" or "-- only postgres" begins a part for that one; "-- both" ends it.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE users (
  id {id},
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'dba', 'developer')),
  active BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL
);

CREATE TABLE credentials (
  id {id},
  user_id BIGINT NOT NULL REFERENCES users(id),
  kind TEXT NOT NULL CHECK (kind IN ('session', 'token')),
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX credentials_by_user ON credentials (user_id);

CREATE TABLE environments (
  id {id},
  name TEXT NOT NULL UNIQUE,
  position BIGINT NOT NULL,
  approval TEXT NOT NULL CHECK (approval IN ('automatic', 'manual')),
  allow_self_approval BIGINT NOT NULL DEFAULT 0,
  project_owner_may_approve BIGINT NOT NULL DEFAULT 0,
  gate TEXT NOT NULL DEFAULT '{}',
  drift_interval_seconds BIGINT NOT NULL DEFAULT 600 CHECK (drift_interval_seconds BETWEEN 10 AND 604800)
);
INSERT INTO environments (name, position, approval) VALUES ('Test', 0, 'automatic'), ('Prod', 1, 'manual');

CREATE TABLE projects (
  id {id},
  name TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL UNIQUE,
  mode TEXT NOT NULL CHECK (mode IN ('standard', 'tenant'))
);
INSERT INTO projects (name, key, mode) VALUES ('Default', 'DEFAULT', 'standard');

CREATE TABLE members (
  project_id BIGINT NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES users(id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'developer', 'viewer')),
  PRIMARY KEY (project_id, user_id)
);

CREATE TABLE instances (
  id {id},
  name TEXT NOT NULL UNIQUE,
  engine TEXT NOT NULL CHECK (engine IN ('mysql', 'postgres')),
  environment_id BIGINT NOT NULL REFERENCES environments(id),
  host TEXT NOT NULL,
  port BIGINT NOT NULL CHECK (port BETWEEN 1 AND 65535),
  username TEXT NOT NULL,
  sealed_password TEXT NOT NULL,
  tls_mode TEXT NOT NULL,
  tls_ca TEXT NOT NULL,
  tls_cert TEXT NOT NULL,
  sealed_tls_key TEXT NOT NULL
);

CREATE TABLE audit (
  id BIGINT PRIMARY KEY,
  time BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
);

-- only sqlite
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END;
-- only postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION ''rows of % are never changed or removed'', TG_TABLE_NAME; END';
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- both
