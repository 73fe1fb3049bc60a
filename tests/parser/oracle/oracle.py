#!/usr/bin/python3
"""Asks a live MySQL what it makes of statements, running none of them.

usage: eval "$(./dev mysql status)"; oracle.py [--schema DB] [--sql-mode MODES] FILE...

A FILE has a JSON object {"sql": …} a line, or, when it ends in .sql or .txt, a statement a line. Printed is a JSON object
a line: {"sql", "accepted", "errno", "class", "digest"}: accepted is false for a syntax error, null when the server said
something that leaves it open. The trick: an account that may make one statement an hour has made it; whatever comes
after is parsed and classified, then refused with 1226. The verdict's class and digest are read from performance_schema.
"""
import argparse
import json
import os
import sys
import time

import pymysql

REFUSED, SYNTAX = 1226, (1064, 1149)
BATCH = 2000


def connect(user, password, database=None):
    return pymysql.connect(host=os.environ["SLUICE_MYSQL_HOST"], port=int(os.environ["SLUICE_MYSQL_PORT"]), user=user,
                           password=password, database=database, charset="utf8mb4", autocommit=True)


class Oracle:
    def __init__(self, schema="oracle", sql_mode=None):
        self.schema = schema
        self.root = connect(os.environ["SLUICE_MYSQL_USER"], os.environ["SLUICE_MYSQL_PASSWORD"])
        self.name = f"lim{os.getpid()}"
        with self.root.cursor() as c:
            c.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}`")
            c.execute(f"CREATE USER `{self.name}` IDENTIFIED BY '' WITH MAX_QUERIES_PER_HOUR 1")
            c.execute(f"GRANT SELECT ON `{schema}`.* TO `{self.name}`")
            c.execute("SELECT @@GLOBAL.performance_schema_events_statements_history_long_size")
            self.history = c.fetchone()[0]
            c.execute("UPDATE performance_schema.setup_consumers SET enabled='YES' "
                      "WHERE name IN ('events_statements_history_long', 'statements_digest')")
        self.limited = None
        self.sql_mode = sql_mode
        self.asked = 0

    def reconnect(self):
        if self.limited is not None:
            try:
                self.limited.close()
            except pymysql.err.Error:
                pass
        with self.root.cursor() as c:
            c.execute("FLUSH USER_RESOURCES")
            if self.sql_mode is not None:
                c.execute("SET @@GLOBAL.sql_mode = %s", (self.sql_mode,))
        self.limited = connect(self.name, "", self.schema)
        if self.sql_mode is not None:
            with self.root.cursor() as c:
                c.execute("SET @@GLOBAL.sql_mode = DEFAULT")
        with self.root.cursor() as c:
            c.execute("SELECT thread_id FROM performance_schema.threads WHERE processlist_id = %s",
                      (self.limited.thread_id(),))
            self.thread = c.fetchone()[0]
        with self.limited.cursor() as c:
            try:
                c.execute("SELECT 1")
            except pymysql.err.MySQLError as error:
                if error.args[0] != REFUSED:
                    raise

    def close(self):
        self.limited.close()
        with self.root.cursor() as c:
            c.execute(f"DROP USER `{self.name}`")
        self.root.close()

    def ask(self, texts):
        """Verdicts for raw texts (bytes), in their order."""
        out = []
        size = max(1, min(BATCH, self.history // 2))
        for first in range(0, len(texts), size):
            out += self.batch(texts[first:first + size])
        return out

    def batch(self, texts):
        if self.limited is None:
            self.reconnect()
        with self.root.cursor() as c:
            c.execute("SELECT COALESCE(MAX(event_id), 0) FROM performance_schema.events_statements_history_long "
                      "WHERE thread_id = %s AND nesting_event_level = 0", (self.thread,))
            before = c.fetchone()[0]
        numbers = []
        for text in texts:
            try:
                self.limited._execute_command(3, text)
                self.limited._read_query_result()
                numbers.append(0)
            except pymysql.err.MySQLError as error:
                numbers.append(error.args[0])
                if error.args[0] in (2006, 2013):
                    raise
        rows = self.rows(before, len(texts))
        verdicts = []
        for number, row in zip(numbers, rows):
            accepted = True if number == REFUSED else False if number in SYNTAX else None
            if number == 0:
                raise RuntimeError("a statement ran: the limit of the account does not hold")
            verdicts.append({"accepted": accepted, "errno": number, "class": row[0].rpartition("/")[2], "digest": row[1]})
        return verdicts

    def rows(self, before, count):
        for _ in range(200):
            with self.root.cursor() as c:
                c.execute("SELECT event_name, digest FROM performance_schema.events_statements_history_long "
                          "WHERE thread_id = %s AND nesting_event_level = 0 AND event_id > %s ORDER BY event_id",
                          (self.thread, before))
                rows = c.fetchall()
            if len(rows) == count:
                return rows
            if len(rows) > count:
                raise RuntimeError(f"{len(rows)} events for {count} statements")
            time.sleep(0.005)
        raise RuntimeError(f"{len(rows)} events for {count} statements after a second")


def read(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if path.endswith((".sql", ".txt")):
                if line and not line.startswith(("#", "----")):
                    yield line
            elif line:
                yield json.loads(line)["sql"]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--schema", default="oracle")
    options.add_argument("--sql-mode")
    options.add_argument("files", nargs="+")
    given = options.parse_args()
    oracle = Oracle(given.schema, given.sql_mode)
    started = time.monotonic()
    count = 0
    try:
        for path in given.files:
            texts = list(read(path))
            for sql, verdict in zip(texts, oracle.ask([t.encode() for t in texts])):
                print(json.dumps({"sql": sql, **verdict}))
            count += len(texts)
    finally:
        oracle.close()
    print(f"{count} statements, {count / max(1e-9, time.monotonic() - started):.0f} a second", file=sys.stderr)


if __name__ == "__main__":
    main()
