-- servers: mysql
-- charset: utf8mb4
CREATE TABLE f1 (a int, b int, KEY ((a + b)), KEY fn ((abs(a)) DESC, b));
CREATE TABLE f2 (j json, KEY mv ((cast(j->'$.a' as unsigned array))), KEY mv2 ((cast(j as char(10) array))));
CREATE TABLE f3 (a varchar(50), KEY ((concat(a, 'x''y', "z\\"))), UNIQUE ((lower(a))));
CREATE TABLE f4 (a int, KEY v (a) INVISIBLE, UNIQUE u (a) VISIBLE);
CREATE TABLE f5 (a text, FULLTEXT ng (a) WITH PARSER ngram);
CREATE TABLE f6 (a varchar(10), KEY ((cast(a as char(10) charset latin1))), KEY ((substring(a, 1, 3))));
CREATE TABLE f7 (a int INVISIBLE, b int, KEY (a));
CREATE TABLE f8 (d date, KEY ((year(d))), KEY ((month(d)), (day(d))));
