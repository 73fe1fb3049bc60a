#!/usr/bin/env python3
"""What recording costs a client: the time of a statement through the gate less the time of the same one sent to the server directly.

    python3 bench/load/record.py [--sluice build/release/sluice] [--tables 1000] [--rounds 100] [mysql] [mariadb]

DDL by an application's account and rows by a person's, in Test, in a database of so many tables; the two ways take turns, statement by
statement. The store is SQLite on the same machine. Prints a table an engine: median and 95th percentile in milliseconds, and the processor time
of the proxy for one recorded statement, which other work on the machine moves least.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))


def timed(cursor, text):
    begun = time.perf_counter()
    cursor.execute(text)
    return (time.perf_counter() - begun) * 1000


def row(name, times):
    ordered = sorted(times)
    return f"| {name} | {statistics.median(ordered):.1f} | {ordered[int(len(ordered) * 0.95)]:.1f} |"


def processor_time(process):
    """In milliseconds, since it began."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def fill(server, tables):
    server.sql("DROP DATABASE IF EXISTS bench_record; CREATE DATABASE bench_record")
    for i in range(tables):
        server.sql(f"CREATE TABLE bench_record.t{i} (id INT PRIMARY KEY, a VARCHAR(40), b DATETIME, INDEX by_a (a), INDEX by_b (b))")


def measure(server, folder, tables, rounds):
    import admin  # noqa: PLC0415
    import gated  # noqa: PLC0415

    fill(server, tables)
    with admin.Workspace(pathlib.Path(folder) / "sluice") as workspace:
        gate = gated.Gated(server, workspace)
        gate.sync()
        gate.rules("Test")
        workspace.post(f"/api/v1/databases/{gate.database('bench_record')['id']}/scan", {}, expect=200)
        direct = server.connect("bench_record", autocommit=True)
        ways = {"DDL": (gate.connect("app", "test", "bench_record"), "ALTER TABLE t{0} ADD {1}{2} INT"),
                "rows": (gate.connect("ada", "test", "bench_record"), "INSERT INTO t{0} (id) VALUES ({2}{3})")}
        print(f"\n{server.engine}, {tables} tables, {rounds} of each\n\n| | median ms | p95 ms |\n| --- | --- | --- |")
        for name, (connection, text) in ways.items():
            plain, recorded = [], []
            with direct.cursor() as beside, connection.cursor() as through:
                for i in range(rounds):
                    table = i % tables
                    # Of tables of their own: a change beside Sluice would be drift of the same object.
                    plain.append(timed(beside, text.format((table + tables // 2) % tables, "p", i, 1)))
                    recorded.append(timed(through, text.format(table, "r", i, 2)))
            # By itself: what is changed beside Sluice makes it scan.
            time.sleep(2)
            begun = processor_time(workspace.process)
            with connection.cursor() as through:
                for i in range(rounds):
                    through.execute(text.format(i % tables, "q", i, 3))
            used = (processor_time(workspace.process) - begun) / rounds
            print(row(f"{name}, directly", plain))
            print(row(f"{name}, recorded", recorded))
            print(row(f"{name}, the record's own", [b - a for a, b in zip(plain, recorded, strict=True)]))
            print(f"| {name}, the proxy's processor time | {used:.1f} | |")
    server.sql("DROP DATABASE bench_record")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sluice", default=str(ROOT / "build/release/sluice"))
    options.add_argument("--tables", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("engines", nargs="*", default=["mysql", "mariadb"])
    given = options.parse_args()
    os.environ["SLUICE_BIN"] = given.sluice
    import harness  # noqa: PLC0415

    for engine in given.engines:
        server = harness.start_server(engine)
        if server is None:
            sys.exit(f"{engine} cannot be had on this machine")
        try:
            with tempfile.TemporaryDirectory() as folder:
                measure(server, folder, given.tables, given.rounds)
        finally:
            harness.stop_server(engine)


if __name__ == "__main__":
    main()
