-- servers: mysql
-- charset: utf8mb4
CREATE TABLE c1 (a int, CONSTRAINT one CHECK (a > 0) NOT ENFORCED, CONSTRAINT two CHECK (a > 1) ENFORCED);
CREATE TABLE c2 (a json, CHECK (json_schema_valid('{"type": "object"}', a)));
CREATE TABLE c3 (a varchar(10) CHECK (regexp_like(a, '^[a-z]+$')), b varchar(10) collate utf8mb4_bin CHECK (b <> _latin1'x'));
