#!/usr/bin/python3
"""Holds the tables that `sluice classify` names to those whose privileges a live MySQL asks for, running nothing.

usage: eval "$(./dev mysql status)"; tables.py SLUICE VERDICTS.jsonl [--count N] [--seed N] [--show N]

VERDICTS.jsonl is oracle.py's output; N of its accepted queries and changes of data are taken at random. An account without
rights prepares each; the server names the first table that it may not touch (1142), that right is given, and so on until
another error or none comes. What was asked for is the server's list: SELECT reads, INSERT, UPDATE and DELETE write. Tables
that do not exist are made, empty, with one column: rights are checked before columns. A routine or a schema that is not
there ends the list early; such a statement is counted apart. Exit status 1 when a table is missing here.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys

import pymysql

CLASSES = {"select", "insert", "insert_select", "replace", "replace_select", "update", "update_multi", "delete", "delete_multi"}
OWN = {"information_schema", "performance_schema", "mysql", "sys"}
# Errors that come when every right was there: columns, types, aggregates.
AFTER_RIGHTS = {1052, 1054, 1055, 1060, 1110, 1111, 1136, 1140, 1222, 1241, 1248, 1288, 1364, 1393, 1394, 1582, 1288, 1779, 3065}
DENIED = re.compile(r"([A-Z ,]+?) command denied to user '.*' for table '([^']+)'")


class Asker:
    def __init__(self, schema):
        self.schema, self.user, self.made, self.ended = schema, f"tab{os.getpid()}", set(), {}
        self.root = self.connect(os.environ["SLUICE_MYSQL_USER"], os.environ["SLUICE_MYSQL_PASSWORD"])
        self.root_does(f"CREATE DATABASE IF NOT EXISTS `{schema}`")
        self.root_does(f"DROP DATABASE IF EXISTS `{schema}`")
        self.root_does(f"CREATE DATABASE `{schema}`")
        self.root_does("CREATE DATABASE IF NOT EXISTS test")
        self.root_does(f"CREATE USER `{self.user}` IDENTIFIED BY ''")
        self.root_does(f"GRANT CREATE TEMPORARY TABLES ON `{schema}`.* TO `{self.user}`")
        self.limited = self.connect(self.user, "", schema)

    def connect(self, user, password, database=None):
        return pymysql.connect(host=os.environ["SLUICE_MYSQL_HOST"], port=int(os.environ["SLUICE_MYSQL_PORT"]), user=user,
                               password=password, database=database, charset="utf8mb4", autocommit=True)

    def root_does(self, sql):
        with self.root.cursor() as c:
            c.execute(sql)

    def make(self, schema, table):
        if (schema, table) in self.made or schema.lower() in OWN:
            return
        self.made.add((schema, table))
        name = f"`{schema}`.`{table.replace('`', '``')}`"
        try:
            self.root_does(f"CREATE TABLE IF NOT EXISTS {name} (only_column INT)")
        except pymysql.err.MySQLError:
            pass

    def ask(self, sql):
        """{(table, "read" | "write")}, and whether the list is known to be whole."""
        granted, uses, whole = [], set(), True
        with self.limited.cursor() as c:
            for _ in range(60):
                try:
                    c.execute("PREPARE asked FROM %s", (sql,))
                    c.execute("DEALLOCATE PREPARE asked")
                    break
                except pymysql.err.MySQLError as error:
                    denied = DENIED.search(str(error.args[1])) if error.args[0] == 1142 else None
                    if denied is None:
                        # A column that is not there is looked for after all rights are.
                        whole = error.args[0] in AFTER_RIGHTS
                        self.ended[error.args[0]] = self.ended.get(error.args[0], 0) + 1
                        break
                    right, table = denied.group(1).strip(), denied.group(2)
                    for one in right.split(","):
                        uses.add((table, "read" if one.strip() == "SELECT" else "write"))
                    # The server does not say of which schema the table is.
                    schemas = [self.schema] + sorted({s for s, t in self.made if t == table} - {self.schema})
                    schema = next((s for s in schemas if (right, s, table) not in granted), None)
                    if schema is None:
                        whole = False
                        break
                    self.make(schema, table)
                    try:
                        self.root_does(f"GRANT {right} ON `{schema}`.`{table}` TO `{self.user}`")
                    except pymysql.err.MySQLError:
                        whole = False
                        break
                    granted.append((right, schema, table))
        for right, schema, table in granted:
            self.root_does(f"REVOKE {right} ON `{schema}`.`{table}` FROM `{self.user}`")
        return uses, whole

    def close(self):
        self.limited.close()
        self.root_does(f"DROP USER `{self.user}`")
        self.root_does(f"DROP DATABASE `{self.schema}`")
        self.root.close()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sluice")
    options.add_argument("verdicts")
    options.add_argument("--count", type=int, default=3000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=20)
    given = options.parse_args()
    schema = "tables_oracle"
    wanted = []
    for line in open(given.verdicts, encoding="utf-8"):
        verdict = json.loads(line)
        plan = verdict["sql"].lstrip().upper().startswith(("EXPLAIN", "DESC"))  # reads what it explains
        if verdict["accepted"] and verdict["class"] in CLASSES and not plan:
            wanted.append(verdict["sql"])
    wanted = sorted(set(wanted))
    random.Random(given.seed).shuffle(wanted)
    wanted = wanted[:given.count]
    asked = "".join(json.dumps({"sql": sql, "schema": schema}) + "\n" for sql in wanted)
    answers = subprocess.run([given.sluice, "classify"], input=asked, capture_output=True, text=True, check=True)
    asker = Asker(schema)
    same, early, missing, more = 0, 0, [], []
    try:
        for sql, line in zip(wanted, answers.stdout.splitlines(), strict=True):
            facts = json.loads(line)["statements"][0]
            objects = [o for o in facts["objects"] if o["kind"] == "table"]
            own = {o["name"] for o in objects if o["schema"].lower() in OWN}
            for one in objects:
                asker.make(one["schema"], one["name"])
            ours = {(o["name"], a) for o in objects for a in ("read", "write") if a in o["access"]}
            theirs, whole = asker.ask(sql)
            # To write is to be allowed to: MySQL asks for SELECT, too, where it reads what it changes.
            names = {name for name, _ in ours}
            lacking = {(n, a) for n, a in theirs if (n, a) not in ours and not (a == "read" and n in names)}
            if lacking:
                missing.append((sorted(lacking), sql))
            elif not whole:
                early += 1
            elif names - own != {name for name, _ in theirs} - own:
                more.append((sorted(names - own - {name for name, _ in theirs}), sql))
            else:
                same += 1
    finally:
        asker.close()
    print(f"{len(wanted)} statements: {same} the same, {len(more)} with more here, {len(missing)} with one missing here, "
          f"{early} whose list the server ends early with nothing missing (errors: "
          f"{', '.join(f'{code} {n} times' for code, n in sorted(asker.ended.items()))})")
    for title, found in (("missing", missing), ("more", more)):
        for what, sql in found[:given.show]:
            print(f"{title} {what}: {' '.join(sql.split())[:240]}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
