-- servers: mysql mariadb
-- charset: utf8mb4
CREATE TABLE g1 (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c int AS (a * 2) STORED, KEY (b), KEY (c));
CREATE TABLE g2 (a varchar(20), b varchar(50) AS (concat(a, 'it''s', '\\', '\n')) STORED COMMENT 'g');
CREATE TABLE g3 (a int, b int AS (case when a > 1 then 2 else 3 end), c int AS (if(a, 1, 0)) VIRTUAL);
CREATE TABLE g4 (a date, b int AS (year(a)) STORED, c varchar(10) AS (date_format(a, '%Y-%m')) VIRTUAL);
CREATE TABLE g5 (`odd ``c` int, b int AS (`odd ``c` + 1));
CREATE TABLE g6 (j json, n varchar(20) AS (json_unquote(json_extract(j, '$.name'))) VIRTUAL, KEY (n));
CREATE TABLE g7 (a int, b int AS (a) STORED UNIQUE, c int AS (-a) VIRTUAL);
CREATE TABLE g8 (a double, b double AS (a / 3 * 2), c int AS (a div 2), d int AS (a % 3));
CREATE TABLE g9 (a varchar(10) character set latin1, b varchar(10) character set utf8mb4 AS (upper(a)));
