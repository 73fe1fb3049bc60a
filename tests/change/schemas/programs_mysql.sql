-- servers: mysql
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE LIBRARY lib LANGUAGE JAVASCRIPT AS 'export function f(n) { return n + 1; }';
CREATE LIBRARY lib2 COMMENT 'it''s' LANGUAGE JAVASCRIPT AS 'export function g() { return "x;y"; }';
CREATE JSON RELATIONAL DUALITY VIEW dv AS SELECT JSON_DUALITY_OBJECT('_id': id, 'a': a) FROM t;
