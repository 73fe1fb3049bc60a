-- servers: mysql mariadb
CREATE TABLE k1 (a int, b int, c int, KEY (a), KEY (b), KEY (a, b), KEY named (c, a));
CREATE TABLE k2 (a varchar(300), b text, c blob, d varbinary(40), KEY (a(10)), KEY (b(5), c(6)), UNIQUE u (a(20), d(8)));
CREATE TABLE k3 (a int, b int, KEY k (a DESC, b ASC), KEY k2 (b DESC));
CREATE TABLE k4 (a int, KEY k (a) COMMENT 'why; it''s \\', UNIQUE KEY k2 (a) COMMENT '');
CREATE TABLE k5 (a int, KEY k USING BTREE (a), KEY k2 (a) USING HASH);
CREATE TABLE k6 (a text, b varchar(50), FULLTEXT (a), FULLTEXT KEY ft (a, b));
CREATE TABLE k7 (g geometry NOT NULL, p point NOT NULL, SPATIAL KEY (g), SPATIAL INDEX sp (p));
CREATE TABLE k8 (a int, b int, UNIQUE (a), UNIQUE (a, b), CONSTRAINT uq UNIQUE (b));
CREATE TABLE k9 (`primary` int, `index` int, KEY `key` (`primary`), KEY (`index`));
CREATE TABLE k10 (a int, a_2 int, KEY a_2 (a), KEY (a), KEY (a));
CREATE TABLE k11 (a char(10), b varchar(10), PRIMARY KEY (a(5), b));
CREATE TABLE k12 (a int PRIMARY KEY COMMENT 'x', b int, UNIQUE (b) COMMENT 'y');
CREATE TABLE k13 (a varchar(10), b varchar(10), KEY (a(10)), KEY (b(3)));
CREATE TABLE k14 (a int, KEY (a) KEY_BLOCK_SIZE=4) KEY_BLOCK_SIZE=8 ROW_FORMAT=COMPRESSED;
CREATE TABLE k15 (A int, B int, KEY (a), KEY (b, a));
