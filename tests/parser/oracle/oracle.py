#!/usr/bin/python3
"""Asks a live server what it makes of statements, running none of them.

usage: eval "$(./dev mysql status)"; oracle.py [--engine mysql|mariadb] [--schema DB] [--sql-mode MODES] FILE...

A FILE has a JSON object {"sql": …} a line, or, when it ends in .sql or .txt, a statement a line. Printed is a JSON object
a line: {"sql", "accepted", "errno", "message", "class", "digest"}: accepted is false for a syntax error, null when the
server said something that leaves it open. The trick: an account that may make one statement an hour has made it; whatever
comes after is parsed and classified, then refused with 1226. The verdict's class and digest are read from
performance_schema.
"""
import argparse
import json
import os
import sys
import time

import pymysql

REFUSED, SYNTAX = 1226, (1064, 1149)
BATCH = 2000


class Oracle:
    def __init__(self, engine="mysql", schema="oracle", sql_mode=None):
        self.engine, self.schema, self.sql_mode = engine, schema, sql_mode
        self.limited = self.thread = None
        self.root = self.connect(self.setting("USER"), self.setting("PASSWORD"))
        self.name = f"lim{os.getpid()}"
        self.root_does(f"CREATE DATABASE IF NOT EXISTS `{schema}`")
        self.root_does(f"CREATE USER `{self.name}` IDENTIFIED BY '' WITH MAX_QUERIES_PER_HOUR 1")
        self.root_does(f"GRANT SELECT ON `{schema}`.* TO `{self.name}`")
        self.instrumented = self.root_does("SELECT @@GLOBAL.performance_schema")[0][0] == 1
        self.history = BATCH * 2
        if self.instrumented:
            self.history = self.root_does("SELECT @@GLOBAL.performance_schema_events_statements_history_long_size")[0][0]
            self.root_does("UPDATE performance_schema.setup_consumers SET enabled='YES' WHERE name IN ("
                           "'events_statements_current', 'events_statements_history', 'events_statements_history_long', "
                           "'statements_digest')")
            self.root_does("UPDATE performance_schema.setup_instruments SET enabled='YES' WHERE name LIKE 'statement/%'")

    def setting(self, name):
        return os.environ[f"SLUICE_{self.engine.upper()}_{name}"]

    def connect(self, user, password, database=None):
        return pymysql.connect(host=self.setting("HOST"), port=int(self.setting("PORT")), user=user, password=password,
                               database=database, charset="utf8mb4", autocommit=True)

    def root_does(self, sql, arguments=None):
        with self.root.cursor() as c:
            c.execute(sql, arguments)
            return c.fetchall()

    def reconnect(self):
        if self.limited is not None:
            try:
                self.limited.close()
            except pymysql.err.Error:
                pass
        self.root_does("FLUSH USER_RESOURCES")
        if self.sql_mode is not None:
            self.root_does("SET @@GLOBAL.sql_mode = %s", (self.sql_mode,))
        self.limited = self.connect(self.name, "", self.schema)
        if self.sql_mode is not None:
            self.root_does("SET @@GLOBAL.sql_mode = DEFAULT")
        if self.instrumented:
            self.thread = self.root_does("SELECT thread_id FROM performance_schema.threads WHERE processlist_id = %s",
                                         (self.limited.thread_id(),))[0][0]
        with self.limited.cursor() as c:
            try:
                c.execute("SELECT 1")
            except pymysql.err.MySQLError as error:
                if error.args[0] != REFUSED:
                    raise

    def close(self):
        if self.limited is not None:
            self.limited.close()
        self.root_does(f"DROP USER `{self.name}`")
        self.root.close()

    def digest_text(self, sql):
        """What STATEMENT_DIGEST_TEXT() gives: also for the statements that performance_schema keeps no digest of."""
        with self.root.cursor() as c:
            c.execute(f"USE `{self.schema}`")
            c.execute("SELECT STATEMENT_DIGEST_TEXT(%s)", (sql,))
            return c.fetchone()[0]

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
        before = self.events("COALESCE(MAX(event_id), 0)", 0)[0][0] if self.instrumented else 0
        errors = [self.refusal(text) for text in texts]
        rows = self.rows(before, len(texts)) if self.instrumented else [("", None)] * len(texts)
        verdicts = []
        for (number, message), row in zip(errors, rows):
            accepted = True if number == REFUSED else False if number in SYNTAX else None
            verdicts.append({"accepted": accepted, "errno": number, "message": None if accepted else message,
                             "class": row[0].rpartition("/")[2] or None, "digest": row[1]})
        return verdicts

    def refusal(self, text):
        try:
            self.limited._execute_command(3, text)
            self.limited._read_query_result()
        except pymysql.err.MySQLError as error:
            if error.args[0] in (2006, 2013):
                raise
            return error.args[:2]
        raise RuntimeError("a statement ran: the limit of the account does not hold")

    def events(self, what, after):
        return self.root_does(f"SELECT {what} FROM performance_schema.events_statements_history_long WHERE thread_id = %s "
                              "AND nesting_event_level = 0 AND event_id > %s ORDER BY event_id", (self.thread, after))

    def rows(self, before, count):
        for _ in range(400):
            rows = self.events("event_name, digest", before)
            if len(rows) == count:
                return rows
            if len(rows) > count:
                raise RuntimeError(f"{len(rows)} events for {count} statements")
            time.sleep(0.005)
        raise RuntimeError(f"{len(rows)} events for {count} statements after two seconds")


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
    options.add_argument("--engine", choices=("mysql", "mariadb"), default="mysql")
    options.add_argument("--schema", default="oracle")
    options.add_argument("--sql-mode")
    options.add_argument("files", nargs="+")
    given = options.parse_args()
    oracle = Oracle(given.engine, given.schema, given.sql_mode)
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
