-- Logins that MySQL clients use at the proxy, and the review policy of an environment.

CREATE TABLE accounts (
  id {id},
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('service', 'human')),
  user_id BIGINT REFERENCES users(id),
  -- Apart from account_instances: an account whose only instance is deleted must not reach them all.
  all_instances BIGINT NOT NULL,
  databases TEXT NOT NULL DEFAULT '[]',
  sealed_verifier TEXT NOT NULL,
  sealed_fast_verifier TEXT NOT NULL,
  require_tls BIGINT NOT NULL DEFAULT 0,
  may_replicate BIGINT NOT NULL DEFAULT 0,
  disabled BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  CHECK ((kind = 'human') = (user_id IS NOT NULL))
);

CREATE TABLE account_instances (
  account_id BIGINT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  instance_id BIGINT NOT NULL REFERENCES instances(id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  PRIMARY KEY (account_id, instance_id)
);
CREATE INDEX account_instances_by_instance ON account_instances (instance_id);

ALTER TABLE environments ADD COLUMN review TEXT NOT NULL DEFAULT '';

-- Grows with every change of what the data path takes from the store, so that other proxies on the
-- same store notice.
INSERT INTO meta (name, value) VALUES ('data_path_revision', '0');

-- only sqlite
CREATE TRIGGER accounts_added AFTER INSERT ON accounts BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER accounts_changed AFTER UPDATE ON accounts BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER accounts_removed AFTER DELETE ON accounts BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER account_instances_added AFTER INSERT ON account_instances BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER account_instances_removed AFTER DELETE ON account_instances BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER instances_added AFTER INSERT ON instances BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER instances_changed AFTER UPDATE ON instances BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER instances_removed AFTER DELETE ON instances BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
CREATE TRIGGER users_changed AFTER UPDATE OF active ON users BEGIN UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'data_path_revision'; END;
-- only postgres
CREATE FUNCTION data_path_changed() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN UPDATE meta SET value = (value::bigint + 1)::text WHERE name = ''data_path_revision''; RETURN NULL; END';
CREATE TRIGGER accounts_changed AFTER INSERT OR UPDATE OR DELETE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION data_path_changed();
CREATE TRIGGER account_instances_changed AFTER INSERT OR DELETE ON account_instances
  FOR EACH STATEMENT EXECUTE FUNCTION data_path_changed();
CREATE TRIGGER instances_changed AFTER INSERT OR UPDATE OR DELETE ON instances
  FOR EACH STATEMENT EXECUTE FUNCTION data_path_changed();
CREATE TRIGGER users_changed AFTER UPDATE OF active ON users
  FOR EACH STATEMENT EXECUTE FUNCTION data_path_changed();
-- both
