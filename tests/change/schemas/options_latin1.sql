-- servers: mysql mariadb
-- charset: latin1
CREATE TABLE a (a varchar(10), b char(3) CHARSET utf8mb4, c enum('x') COLLATE latin1_bin);
CREATE TABLE b (a varchar(10)) CHARSET utf8mb4;
CREATE TABLE c (a text COLLATE latin1_general_cs);
CREATE VIEW v AS SELECT a FROM a WHERE a = 'ä';
