-- servers: mariadb
-- charset: utf8mb4
CREATE TABLE u (a uuid, b inet6 NOT NULL, c inet4, d uuid DEFAULT uuid());
CREATE TABLE i (a int(11), b bigint(20) unsigned, c int(3) unsigned zerofill, d tinyint(4), e tinyint(1) unsigned);
CREATE TABLE c (a text COMPRESSED, b varchar(200) COMPRESSED=zlib, c blob COMPRESSED);
CREATE TABLE g (a point REF_SYSTEM_ID=101, b geometry NOT NULL);
CREATE TABLE coll (a char(9) collate uca1400_as_cs, b char(9) collate utf8mb4_nopad_bin, c char(9) collate latin1_nopad_bin, d char(9) character set utf8mb4 collate utf8mb4_unicode_520_nopad_ci) CHARSET utf8mb4;
CREATE TABLE s (id serial, a int);
CREATE TABLE j (a json, b json NOT NULL DEFAULT '{}', c longtext CHECK (json_valid(c)));
