-- servers: mysql
-- charset: utf8mb4
CREATE TABLE v (a vector, b vector(3), c vector(16383));
CREATE TABLE g (a geometry NOT NULL SRID 4326, b point SRID 0, c geomcollection);
CREATE TABLE j (a json NOT NULL, b json COMMENT 'j', c json DEFAULT (json_array()));
CREATE TABLE i (a int(11), b bigint(20) unsigned, c int(3) unsigned zerofill, d tinyint(1) unsigned, e tinyint(2));
CREATE TABLE s (id serial, a int);
CREATE TABLE s2 (a bigint unsigned NOT NULL AUTO_INCREMENT UNIQUE);
CREATE TABLE gb (a char(9) character set gb18030, b char(9) character set gbk, c char(9) character set big5, d char(9) character set utf16le, e char(9) character set utf32, f char(9) character set cp932);
CREATE TABLE coll (a char(9) collate utf8mb4_0900_as_cs, b char(9) collate utf8mb4_ja_0900_as_cs_ks, c char(9) collate utf8mb4_0900_bin, d char(9) collate utf8mb4_unicode_520_ci, e char(9) collate utf8mb4_general_ci) COLLATE utf8mb4_zh_0900_as_cs;
