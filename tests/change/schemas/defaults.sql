-- servers: mysql mariadb
-- charset: utf8mb4
CREATE TABLE d1 (a int DEFAULT 0, b int DEFAULT -1, c int NOT NULL DEFAULT '7', d bigint unsigned DEFAULT 18446744073709551615, e int DEFAULT NULL);
CREATE TABLE d2 (a varchar(50) DEFAULT '', b varchar(50) DEFAULT 'it''s', c varchar(50) DEFAULT 'back\\slash', d varchar(50) DEFAULT 'quo"te', e varchar(50) DEFAULT 'new\nline', f varchar(50) DEFAULT 'tab\tx', g varchar(50) DEFAULT 'NULL', h varchar(50) DEFAULT 'CURRENT_TIMESTAMP');
CREATE TABLE d3 (a decimal(10,2) DEFAULT 1.5, b decimal(10,2) DEFAULT '1.50', c decimal(10,0) DEFAULT 007, d float DEFAULT 1.25, e double DEFAULT 1e10, f double DEFAULT -0.5, g decimal(5,5) DEFAULT .5);
CREATE TABLE d4 (a bit(3) DEFAULT b'101', b bit DEFAULT b'0', c bit(8) DEFAULT b'00000001', d bit DEFAULT 1);
CREATE TABLE d5 (a date DEFAULT '2020-02-29', b time DEFAULT '12:34:56', c datetime DEFAULT '2020-01-01', d datetime(3) DEFAULT '2020-01-01 01:02:03.004', e year DEFAULT 2020, f time(2) DEFAULT '01:02:03.4');
CREATE TABLE d6 (a datetime DEFAULT CURRENT_TIMESTAMP, b datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, c datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), d datetime ON UPDATE CURRENT_TIMESTAMP, e timestamp NULL DEFAULT NULL, f timestamp NOT NULL DEFAULT now());
CREATE TABLE d7 (a enum('x','y') DEFAULT 'y', b set('a','b','c') DEFAULT 'a,c', c enum('1','2') NOT NULL DEFAULT '2', d enum('it''s') DEFAULT 'it''s');
CREATE TABLE d8 (a varchar(9) character set latin1 DEFAULT 'ä', b varchar(9) DEFAULT '😀', c varchar(9) DEFAULT _utf8mb4'x', d char(3) character set utf8mb4 DEFAULT '字');
CREATE TABLE d9 (a binary(3) DEFAULT 'abc', b varbinary(5) DEFAULT 'ab', c binary(4) DEFAULT '');
CREATE TABLE d10 (a int DEFAULT true, b int DEFAULT false, c tinyint(1) DEFAULT 1);
CREATE TABLE d11 (a int DEFAULT (1 + 2), b varchar(40) DEFAULT (concat('a', 'b''c', '\\')), c int DEFAULT (abs(-5)), d datetime DEFAULT (now() + interval 1 day));
CREATE TABLE d12 (a text DEFAULT ('x'), b blob DEFAULT ('y'), c date DEFAULT (curdate()), d varchar(36) DEFAULT (uuid()));
CREATE TABLE d13 (a varchar(20) COMMENT '', b int COMMENT 'it''s \\ "x" ä😀', c int COMMENT 'a;b -- c /* d */ # e') COMMENT 'tab\tnew\nline''s; end';
CREATE TABLE d14 (a int(4) zerofill DEFAULT 7, b decimal(6,2) zerofill DEFAULT 1.5);
