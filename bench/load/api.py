#!/usr/bin/env python3
"""List, filter, page and get calls of the API with 100,000 issues and 1,000,000 history entries, 16 clients at once, on each store.

    python3 bench/load/api.py [--sluice build/release/sluice] [--issues 100000] [--changes 1000000] [--seconds 3] [--calls TEXT] [sqlite] [postgres]

The rows are written into the store's tables beside the program, which has made them; PostgreSQL 15 is the distribution's. A
call's time is a client's: a connection that is kept, from the request to the answer's last byte. Prints a table a store.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import admin  # noqa: E402
import harness  # noqa: E402

PROJECTS, DATABASES, TEXTS, CLIENTS = 50, 500, 1000, 16

# The same on both: numbers by a recursive query. Issues are spread over projects; one in a hundred is open.
FILL = """
INSERT INTO projects (id, name, key, mode) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {projects})
  SELECT i, 'Project ' || i, 'P' || i, 'standard' FROM n;
INSERT INTO members (project_id, user_id, role) SELECT id, 2, 'developer' FROM projects WHERE id % 5 = 0;
INSERT INTO instances (id, name, engine, environment_id, host, port, username, sealed_password, tls_mode, tls_ca, tls_cert, sealed_tls_key)
  VALUES (1, 'far away', 'postgres', 1, 'far.example', 5432, 'u', '', 'disabled', '', '', '');
INSERT INTO databases (id, instance_id, name, project_id, character_set, collation_name, synced_at)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {databases})
  SELECT i, 1, 'db' || i, 1 + i % {projects}, 'utf8mb4', 'utf8mb4_bin', 0 FROM n;
INSERT INTO texts (hash, text) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {texts} - 1)
  SELECT 'h' || i, {text} FROM n;
INSERT INTO texts (hash, text) VALUES ('none', '[]');
INSERT INTO issues (id, project_id, kind, title, description, status, creator_id, source, keep_rollback, created_at, updated_at)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {issues})
  SELECT i, 1 + i % {projects}, 'schema.update', 'Issue ' || i, 'Because.', CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END, 1, 'api', 0,
         1764000000000000 + i, 1764000000000000 + i FROM n;
INSERT INTO stages (id, issue_id, environment_id, position) SELECT id, id, 1, 0 FROM issues;
INSERT INTO tasks (id, issue_id, stage_id, instance_id, instance_name, database_id, database_name, character_set, collation_name, sheet_hash,
                   editor_id, status, checks, attempt)
  SELECT id, id, id, 1, 'far away', 1 + id % {databases}, 'db' || (1 + id % {databases}), '', '', 'h' || (id % {texts}), 1,
         CASE WHEN status = 'open' THEN 'failed' ELSE 'done' END, 'passed', 1 FROM issues;
INSERT INTO task_checks (task_id, kind, level, title, detail, line, column_number, checked_at)
  SELECT id, 'syntax', 'passed', 'Every statement is understood', '', 0, 0, 1764000000000000 FROM tasks;
INSERT INTO activity (issue_id, task_id, user_id, kind, detail, created_at) SELECT id, id, 1, 'approve', '', 1764000000000000 FROM issues;
INSERT INTO changes (id, version, kind, status, source, actor, project_id, instance_id, instance_name, database_id, database_name, issue_id,
                     statement_hash, statements_hash, affected_rows, schema_before, schema_after, server_version, thread_id, binlog_file_before,
                     binlog_position_before, binlog_file_after, binlog_position_after, gtid_executed_before, gtid_executed_after, gtids, error,
                     started_at, duration_us)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {changes})
  SELECT i, '20260102150405.' || i, 'schema.update', 'done', 'proxy', 'ada@example.org', 1 + i % {projects}, 1, 'far away', 1 + i % {databases},
         'db' || (1 + i % {databases}), 1 + i % {issues}, 'h' || (i % {texts}), 'none', 1, 'h' || (i % {texts}), 'h' || ((i + 1) % {texts}),
         '9.7.4', 17, 'binlog.000001', i, 'binlog.000001', i + 400, '', '', '', '', 1764000000000000 + i, 1500 FROM n;
"""


def calls(issues, changes):
    """What is asked, by name: a path with numbers that vary."""
    pick = random.randrange
    return {
        "issues: first page": lambda: "/api/v1/issues",
        "issues: a page in the middle": lambda: f"/api/v1/issues?cursor={pick(1000, issues)}",
        "issues: open ones": lambda: "/api/v1/issues?status=open",
        "issues: done ones of a project": lambda: f"/api/v1/issues?project={pick(1, PROJECTS)}&status=done",
        "issues: of a database": lambda: f"/api/v1/issues?database={pick(1, DATABASES)}",
        "issues: first page, a developer's": lambda: "/api/v1/issues",
        "issues: 500 a page": lambda: "/api/v1/issues?limit=500",
        "issue with all of it": lambda: f"/api/v1/issues/{pick(1, issues)}",
        "history: first page": lambda: "/api/v1/changes",
        "history: a page in the middle": lambda: f"/api/v1/changes?cursor={pick(1000, changes)}",
        "history: of a database": lambda: f"/api/v1/changes?database={pick(1, DATABASES)}",
        "history: of a database, in the middle": lambda: f"/api/v1/changes?database={pick(1, DATABASES)}&cursor={pick(1000, changes)}",
        "history: of an issue": lambda: f"/api/v1/changes?issue={pick(1, issues)}",
        "history: first page, a developer's": lambda: "/api/v1/changes",
        "change with schemas and diff": lambda: f"/api/v1/changes/{pick(1, changes)}",
    }


def client(port, token, name, sizes, seconds, results):
    random.seed(os.getpid())
    path = calls(*sizes)[name]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        wanted = path()
        begin = time.perf_counter()
        connection.request("GET", wanted, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.perf_counter() - begin)
        assert answer.status == 200, (wanted, answer.status, body[:300])
    results.put(times)


def measure(w, developer, name, sizes, seconds):
    results = multiprocessing.Queue()
    token = developer if "developer" in name else w.token
    started = [multiprocessing.Process(target=client, args=(w.admin_port, token, name, sizes, seconds, results)) for _ in range(CLIENTS)]
    for one in started:
        one.start()
    times = sorted(t for _ in started for t in results.get(timeout=300))
    for one in started:
        one.join()
        assert one.exitcode == 0
    return len(times) / seconds, statistics.median(times) * 1e3, times[int(len(times) * 0.99)] * 1e3


def fill(w, postgres, sizes):
    text = "'CREATE TABLE t' || i || ' (id INT PRIMARY KEY, name VARCHAR(64), at DATETIME);' || {} || ' -- '"
    repeat = "REPEAT(E'\\nCREATE TABLE x (id INT);', 60)" if postgres else "REPLACE(HEX(ZEROBLOB(30)), '00', '\nCREATE TABLE x (id INT);\nCREATE TABLE y (id INT);')"
    sql = FILL.format(issues=sizes[0], changes=sizes[1], projects=PROJECTS, databases=DATABASES, texts=TEXTS, text=text.format(repeat))
    if postgres:
        sql += "".join(f"SELECT setval(pg_get_serial_sequence('{t}', 'id'), (SELECT MAX(id) FROM {t}));"
                       for t in ("issues", "stages", "tasks", "changes", "databases", "projects", "instances"))
        url = w.store
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", url], input=(sql + "ANALYZE;").encode(), check=True)
        return
    with sqlite3.connect(w.folder / "data/sluice.db") as database:
        database.executescript(sql)
    database.close()


def run(kind, options):
    sizes = options.issues, options.changes
    postgres = admin.Postgres() if kind == "postgres" else None
    if postgres:
        postgres.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            with admin.Workspace(pathlib.Path(folder) / "sluice", postgres.new_database() if postgres else "") as w:
                w.set_up()
                _, developer = w.add_user("Dev", "developer")
                begin = time.monotonic()
                fill(w, postgres, sizes)
                print(f"\n{kind}: {sizes[0]:,} issues, {sizes[1]:,} history entries, filled in {time.monotonic() - begin:.0f} s\n", flush=True)
                print("| call | a second | p50 ms | p99 ms |\n| --- | --- | --- | --- |")
                for name in (n for n in calls(*sizes) if options.calls in n):
                    print("| {} | {:,.0f} | {:.1f} | {:.1f} |".format(name, *measure(w, developer, name, sizes, options.seconds)), flush=True)
    finally:
        if postgres:
            postgres.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sluice", default=ROOT / "build/release/sluice", type=pathlib.Path)
    parser.add_argument("--issues", default=100_000, type=int)
    parser.add_argument("--changes", default=1_000_000, type=int)
    parser.add_argument("--seconds", default=3.0, type=float)
    parser.add_argument("--calls", default="", help="only those with this in their name")
    parser.add_argument("stores", nargs="*", metavar="STORE", help="sqlite, postgres; both when none is named")
    options = parser.parse_args()
    harness.SLUICE = options.sluice
    for kind in options.stores or ("sqlite", "postgres"):
        run(kind, options)


if __name__ == "__main__":
    main()
