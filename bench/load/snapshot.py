#!/usr/bin/env python3
"""A database of 1,000 tables read by `sluice diff` from both servers, beside what a dump of it costs.

    eval "$(./dev mysql status)"; SLUICE_BIN=build/release/sluice python3 bench/load/snapshot.py

`sluice diff --from-url X --to-url X` reads the schema twice and compares: a snapshot is half of its figures. server CPU is the server
process' own, from /proc; statements are the server's Questions (many SHOW CREATE go in one round trip), bytes its Bytes_sent. Prints a table in Markdown.
"""
import os
import statistics
import subprocess
import sys
import time

TABLES = 1000
ROUNDS = int(os.environ.get("SLUICE_BENCH_ROUNDS", "3"))
DATABASE = "snapshot_bench"


def schema():
    """14 columns and 5 keys a table; foreign keys, views, triggers and procedures among them."""
    yield f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4; USE {DATABASE};"
    for i in range(TABLES):
        key = f", CONSTRAINT f{i} FOREIGN KEY (parent) REFERENCES t{i - 1} (id) ON DELETE CASCADE" if i % 3 == 1 else ""
        yield (
            f"CREATE TABLE t{i} (id bigint unsigned NOT NULL AUTO_INCREMENT, parent bigint unsigned, name varchar(100) NOT NULL DEFAULT '', "
            "email varchar(255) COLLATE utf8mb4_bin, amount decimal(12,2) NOT NULL DEFAULT 0, state enum('new','paid','sent') NOT NULL "
            "DEFAULT 'new', flags set('a','b'), note text, data json, created datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, changed "
            "datetime(3), total decimal(14,2) AS (amount * 2) VIRTUAL, code char(8), rank_no int, PRIMARY KEY (id), UNIQUE KEY u (code), "
            f"KEY n (name(20), state), KEY c (created DESC), KEY p (parent){key});"
        )
        if i % 20 == 0:
            yield f"CREATE VIEW v{i} AS SELECT id, name, amount FROM t{i} WHERE state = 'new';"
            yield f"CREATE TRIGGER g{i} BEFORE INSERT ON t{i} FOR EACH ROW SET NEW.code = UPPER(NEW.code);"
            yield f"CREATE PROCEDURE p{i}(IN a int) SELECT * FROM t{i} WHERE id = a;"


class Server:
    def __init__(self, engine):
        self.engine = engine
        get = lambda name: os.environ[f"SLUICE_{engine.upper()}_{name}"]
        self.pid, self.port, self.tools = get("PID"), get("PORT"), get("TOOLS")
        self.env = dict(os.environ, MYSQL_PWD=get("PASSWORD"), SLUICE_PASSWORD=get("PASSWORD"))
        self.login = ["--no-defaults", "-h", get("HOST"), "-P", self.port, "-u", get("USER")]
        self.url = f"mysql://{get('USER')}@{get('HOST')}:{self.port}/{DATABASE}"

    def program(self, mysql, mariadb):
        return [f"{self.tools}/{mysql if self.engine == 'mysql' else mariadb}", *self.login]

    def client(self, sql):
        command = [*self.program("mysql", "mariadb"), "-N", "-B"]
        return subprocess.run(command, input=sql, env=self.env, capture_output=True, text=True, check=True).stdout

    def cpu(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def status(self):
        """Questions and Bytes_sent so far."""
        rows = self.client("SHOW GLOBAL STATUS WHERE Variable_name IN ('Bytes_sent', 'Questions')").split()
        found = dict(zip(rows[::2], rows[1::2]))
        return int(found["Questions"]), int(found["Bytes_sent"])

    def measure(self, command):
        before, (asked, sent), begin = self.cpu(), self.status(), time.monotonic()
        ran = subprocess.run(command, env=self.env, capture_output=True, check=False)
        wall = time.monotonic() - begin
        if ran.returncode != 0:
            sys.exit(f"{command[0]} failed: {ran.stderr.decode()}")
        cpu, (asked_after, sent_after) = self.cpu() - before, self.status()
        return wall, cpu, asked_after - asked, sent_after - sent


def main():
    sluice = os.environ["SLUICE_BIN"]
    print("| server | run | wall s | server CPU s | statements | MB sent |\n| --- | --- | --- | --- | --- | --- |")
    for engine in ("mysql", "mariadb"):
        if f"SLUICE_{engine.upper()}_PORT" not in os.environ:
            print(f"no {engine} server in the environment: left out", file=sys.stderr)
            continue
        server = Server(engine)
        server.client("\n".join(schema()))
        dump = [*server.program("mysqldump", "mariadb-dump"), "--no-data", "--routines", "--triggers", "--events", "--single-transaction", DATABASE]
        for name, command in (("two snapshots and their comparison", [sluice, "diff", "--from-url", server.url, "--to-url", server.url]),
                              ("dump --no-data --single-transaction", dump)):
            runs = [server.measure(command) for _ in range(ROUNDS)]
            wall, cpu, asked, sent = (statistics.median(column) for column in zip(*runs))
            print(f"| {engine} | {name} | {wall:.2f} | {cpu:.2f} | {asked:.0f} | {sent / 1e6:.2f} |")
        server.client(f"DROP DATABASE {DATABASE}")


if __name__ == "__main__":
    main()
