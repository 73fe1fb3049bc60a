-- servers: mariadb
CREATE TABLE f1 (a int, KEY v (a) IGNORED, KEY w (a) NOT IGNORED);
CREATE TABLE f2 (a varchar(5000), UNIQUE (a));
CREATE TABLE f3 (a text, b blob, UNIQUE u (a, b));
CREATE TABLE f4 (a int INVISIBLE DEFAULT 1, b int);
CREATE TABLE f5 (a int, s date, e date, PERIOD FOR p (s, e), UNIQUE (a, p WITHOUT OVERLAPS));
CREATE TABLE f6 (a int, s datetime(6), e datetime(6), PERIOD FOR `odd name` (s, e));
