-- servers: mysql mariadb
CREATE TABLE parent (id int PRIMARY KEY, a int, b int, UNIQUE (a, b));
CREATE TABLE c1 (p int, FOREIGN KEY (p) REFERENCES parent (id));
CREATE TABLE c2 (p int, CONSTRAINT named FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE c3 (p int, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE NO ACTION);
CREATE TABLE c4 (p int, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE RESTRICT);
CREATE TABLE c5 (a int, b int, FOREIGN KEY two (a, b) REFERENCES parent (a, b));
CREATE TABLE c6 (p int, q int, KEY own (p), FOREIGN KEY (p) REFERENCES parent (id), FOREIGN KEY (q) REFERENCES parent (id));
CREATE TABLE self (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES self (id));
CREATE TABLE cyc1 (id int PRIMARY KEY, o int);
CREATE TABLE cyc2 (id int PRIMARY KEY, o int, CONSTRAINT cyc2_fk FOREIGN KEY (o) REFERENCES cyc1 (id));
ALTER TABLE cyc1 ADD CONSTRAINT cyc1_fk FOREIGN KEY (o) REFERENCES cyc2 (id);
CREATE TABLE `odd ``name` (`c``1` int, CONSTRAINT `fk ``odd` FOREIGN KEY (`c``1`) REFERENCES parent (id));
CREATE TABLE renamed (p int, FOREIGN KEY (p) REFERENCES parent (id));
RENAME TABLE renamed TO was_renamed;
CREATE TABLE dropped_fk (p int, q int, FOREIGN KEY (p) REFERENCES parent (id), FOREIGN KEY (q) REFERENCES parent (id));
ALTER TABLE dropped_fk DROP FOREIGN KEY dropped_fk_ibfk_1;
