"""The schema model against the real servers, with schemas made at random (the seed is in the test's name).

For schemas A and B: A as text and A read back from the server are the same (text -> server -> SHOW CREATE -> model is the identity; but
for views, whose queries the servers write anew); and the DDL that `sluice diff` gives from A to B, run on the server's A, makes B.
"""

import os
import random
import shutil
import subprocess

import pytest

import harness

PAIRS = int(os.environ.get("SLUICE_SCHEMA_PAIRS", "12"))

TEXTS = ["varchar(20)", "varchar(255) COLLATE utf8mb4_bin", "char(8)", "text", "tinytext", "varchar(30) CHARACTER SET latin1"]
NUMBERS = ["int", "int unsigned", "bigint", "tinyint(1)", "decimal(10,2)", "smallint unsigned", "double", "bit(5)"]
OTHERS = ["date", "datetime", "datetime(3)", "time", "timestamp NULL", "json", "blob", "varbinary(40)", "enum('a','b','c')", "set('x','y')",
          "year"]
DEFAULTS = {"int": ["7", "-1", "NULL"], "varchar": ["'x'", "''", "'it''s'", "NULL"], "char": ["'q'"], "decimal": ["1.50", "0.00"],
            "datetime": ["CURRENT_TIMESTAMP", "'2026-01-01 00:00:00'"], "date": ["'2026-01-01'"], "enum": ["'b'"], "bit": ["b'101'"],
            "set": ["'x,y'"], "bigint": ["0"], "smallint": ["3"], "double": ["0.5"], "tinyint": ["1"], "time": ["'10:00:00'"]}


class Maker:
    """A schema: tables t0 … with columns, keys, checks, partitions and foreign keys; views, triggers, routines over them."""

    def __init__(self, seed, engine):
        self.random, self.engine = random.Random(seed), engine

    def maybe(self, chance):
        return self.random.random() < chance

    def column(self, name):
        kind = self.random.choice(self.random.choice([TEXTS, NUMBERS, OTHERS]))
        words = [f"`{name}`", kind]
        base = kind.split("(")[0].split()[0]
        required = self.maybe(0.4) and base != "timestamp"
        if required:
            words.append("NOT NULL")
        fixed = DEFAULTS.get(base, [])
        fixed = [d for d in fixed if not (required and d == "NULL") and not ("unsigned" in kind and d == "-1")]
        if "(3)" in kind:
            fixed = ["CURRENT_TIMESTAMP(3)"]
        if fixed and self.maybe(0.5):
            words.append("DEFAULT " + self.random.choice(fixed))
        if self.maybe(0.2):
            words.append("COMMENT 'a ''comment'''")
        if self.maybe(0.1) and (not required or "DEFAULT" in words[-1]):
            words.append("INVISIBLE")
        return " ".join(words), base

    def table(self, name, earlier):
        columns, keys, kinds = ["`id` int NOT NULL AUTO_INCREMENT"], ["PRIMARY KEY (`id`)"], {}
        names = self.random.sample(["a", "b", "c", "d", "e", "f g", "order", "Käse", "h"], self.random.randint(2, 7))
        for column in names:
            text, kinds[column] = self.column(column)
            columns.append(text)
        long = [c for c in names if f"`{c}` varchar(255)" in "\n".join(columns)]
        plain = [c for c in names if kinds[c] not in ("text", "tinytext", "blob", "json", "bit") and c not in long]
        for i in range(self.random.randint(0, 3)):
            if not plain:
                break
            parts = self.random.sample(plain, min(len(plain), self.random.randint(1, 2)))
            listed = ", ".join(f"`{p}`" + (" DESC" if self.maybe(0.2) else "") for p in parts)
            word = "UNIQUE KEY" if self.maybe(0.3) else "KEY"
            keys.append(f"{word} `k{i}` ({listed})" + (" COMMENT 'k'" if self.maybe(0.1) else ""))
        for c in names:
            if kinds[c] == "text" and self.maybe(0.5):
                keys.append(f"KEY `p_{c}` (`{c}`({self.random.choice([5, 10])}))")
        numbers = [c for c in names if kinds[c] in ("int", "bigint", "smallint")]
        if numbers and self.maybe(0.3):
            stored = self.random.choice(["VIRTUAL", "STORED"])
            columns.append(f"`made` bigint GENERATED ALWAYS AS (`{numbers[0]}` + 1) {stored}")
        if numbers and self.maybe(0.3):
            keys.append(f"CONSTRAINT `{name}_c` CHECK (`{numbers[0]}` > {self.random.choice([0, 5])})")
        if earlier and self.maybe(0.4):
            rule = self.random.choice(["", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE"])
            columns.append("`parent` int DEFAULT NULL")
            keys.append(f"CONSTRAINT `{name}_f` FOREIGN KEY (`parent`) REFERENCES `{self.random.choice(earlier)}` (`id`){rule}")
        text = f"CREATE TABLE `{name}` (\n  " + ",\n  ".join(columns + keys) + "\n) ENGINE=InnoDB"
        if self.maybe(0.3):
            text += f" COMMENT='table {self.random.randint(1, 3)}'"
        if self.maybe(0.2):
            text += " ROW_FORMAT=" + self.random.choice(["DYNAMIC", "COMPACT"])
        return text, names

    def schema(self):
        """Statements without views, and the views."""
        made, views, tables = [], [], {}
        for i in self.random.sample(range(6), self.random.randint(2, 5)):
            text, columns = self.table(f"t{i}", list(tables))
            made.append(text)
            tables[f"t{i}"] = columns
        for name, columns in tables.items():
            if self.maybe(0.3):
                views.append(f"CREATE VIEW `v_{name}` AS SELECT `id`, `{columns[0]}` AS `x` FROM `{name}` WHERE `id` > {self.random.randint(1, 3)}")
            if self.maybe(0.3):
                when = self.random.choice(["BEFORE", "AFTER"])
                made.append(f"CREATE TRIGGER `g_{name}` {when} INSERT ON `{name}` FOR EACH ROW BEGIN SET @n = {self.random.randint(1, 2)}; SET @m = 2; END")
        if self.maybe(0.5):
            made.append(f"CREATE PROCEDURE `p`(IN n int) BEGIN IF n > {self.random.randint(1, 2)} THEN SELECT n; END IF; END")
        if self.maybe(0.3):
            made.append(f"CREATE FUNCTION `f`(n int) RETURNS int DETERMINISTIC RETURN n + {self.random.randint(1, 2)}")
        return made, views


def file_of(statements):
    return "".join(f"{s}\n//\n" for s in statements).join(["DELIMITER //\n", "DELIMITER ;\n"])


def client(server, database, text):
    program = shutil.which("mariadb" if server.engine == "mariadb" else "mysql") or str(harness.cache() / "mysql97/current/bin/mysql")
    done = subprocess.run([program, "--no-defaults", "--default-character-set=utf8mb4", "-h", server.host, "-P", str(server.port), "-u",
                           server.user, database], env=server.environment(), input=text.encode(), capture_output=True,
                          timeout=harness.CLIENT_SECONDS, check=False)
    assert done.returncode == 0, f"{done.stderr.decode()}\n{text}"


@pytest.mark.parametrize("seed", range(PAIRS))
def test_what_was_written_is_read_and_a_difference_applied_is_none(server, database, tmp_path, seed):
    other = database + "_b"
    server.sql(f"DROP DATABASE IF EXISTS {other}; CREATE DATABASE {other} CHARACTER SET utf8mb4")
    environment = dict(os.environ, SLUICE_PASSWORD=server.password)
    version = server.sql("SELECT VERSION()")[0][0].split("-")[0]

    def live(name):
        return f"mysql://{server.user}@{server.host}:{server.port}/{name}"

    def diff(*arguments):
        command = [str(harness.SLUICE), "diff", "--engine", server.engine, "--server-version", version, *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode, done.stdout

    try:
        for name, number in ((database, 2 * seed), (other, 2 * seed + 1)):
            made, views = Maker(number, server.engine).schema()
            written = tmp_path / f"{name}.sql"
            collation = server.sql(f"SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = '{name}'")[0][0]
            made.insert(0, f"ALTER DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE {collation}")
            written.write_text(file_of(made), encoding="utf-8")
            client(server, name, written.read_text(encoding="utf-8"))
            status, text = diff("--to-url", live(name), written)
            assert status == 0, f"read back it is another: {text}"
            client(server, name, file_of(views))
        _, change = diff("--allow-drop", "--from-url", live(database), "--to-url", live(other))
        client(server, database, change)
        status, text = diff("--allow-drop", "--from-url", live(database), "--to-url", live(other))
        assert status == 0, f"there is still: {text} after {change}"
    finally:
        server.sql(f"DROP DATABASE IF EXISTS {other}")
