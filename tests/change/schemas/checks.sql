-- servers: mysql mariadb
CREATE TABLE c1 (a int CHECK (a > 0), b int, CHECK (b < 10), CONSTRAINT named CHECK (a <> b));
CREATE TABLE c2 (a varchar(20), CONSTRAINT q CHECK (a in ('x', 'it''s', 'back\\')), CONSTRAINT l CHECK (a like '%\_x'));
CREATE TABLE c3 (a int, b int, CONSTRAINT z CHECK ((a > 1 and b > 2) or (a is null)));
CREATE TABLE c4 (a date, CONSTRAINT d CHECK (a >= '2000-01-01'));
CREATE TABLE c5 (a int, CONSTRAINT `odd ``name` CHECK (a between 1 and 10));
CREATE TABLE c6 (a int, CHECK (a > 1), CHECK (a > 2), CHECK (a > 3));
CREATE TABLE c7 (j json, CONSTRAINT jv CHECK (json_valid(j)));
