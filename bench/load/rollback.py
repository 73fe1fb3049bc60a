#!/usr/bin/env python3
"""`sluice rollback --binlog` on the log of an UPDATE of every row, beside `mysqlbinlog -v` and `mariadb-binlog --flashback`.

    eval "$(./dev mysql status)"; SLUICE_BIN=build/release/sluice python3 bench/load/rollback.py [A] [B] [C] [apply]

A is sysbench's table (id, k, c char(120), pad char(60)) with k changed, B has 12 columns of mixed types with 7 changed, C is narrow: for many
rows. The servers must be on this machine: their log files are read. CPU is user and system time of the program alone, RSS its peak.
SLUICE_BENCH_ROWS (1000000, at most 10000000) and SLUICE_BENCH_ROUNDS (3): the tools take turns, the median of each counts. Output goes to
/dev/null. `apply` runs the scripts of A and B on the server instead, and counts the server's CPU; SLUICE_BENCH_APPLY_ROWS (100000).
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROWS = int(os.environ.get("SLUICE_BENCH_ROWS", "1000000"))
APPLY_ROWS = int(os.environ.get("SLUICE_BENCH_APPLY_ROWS", "100000"))
ROUNDS = int(os.environ.get("SLUICE_BENCH_ROUNDS", "3"))
DATABASE = "rollback_bench"
DIGITS = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"


def numbers(rows):
    """A query of as many numbers as are needed, to the next power of ten."""
    names = "abcefgh"[:max(1, len(str(rows - 1)))]
    return f"SELECT {' + '.join(f'{10 ** i}*{name}.d' for i, name in enumerate(names))} n FROM {', '.join(f'{DIGITS} {name}' for name in names)}"


TABLES = {
    "A": ("CREATE TABLE t (id INT UNSIGNED PRIMARY KEY, k INT UNSIGNED NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL) CHARACTER SET utf8mb4",
          "INSERT INTO t SELECT n, n * 7 % 1000003, RPAD(CONCAT(n * 3, '-', n * 7), 119, '-0123456789'), RPAD(n, 59, '-abcdefghi') FROM ({}) v WHERE n < {}",
          "UPDATE t SET k = k + 1"),
    "B": ("CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, amount DECIMAL(18,4), rate DOUBLE, made DATETIME(6), changed TIMESTAMP NULL, state ENUM('new','paid','sent'), "
          "flags SET('a','b','c'), name VARCHAR(100), note VARCHAR(200) CHARACTER SET latin1, raw VARBINARY(40), data JSON, n INT) CHARACTER SET utf8mb4",
          "INSERT INTO t SELECT n, n / 7, n / 3e0, '2024-01-02 03:04:05.678901', '2024-01-02 03:04:05', 1 + n % 3, n % 8, CONCAT('name ü ', n), CONCAT('note ', n), "
          "UNHEX(SHA2(n, 224)), JSON_OBJECT('a', n, 'b', JSON_ARRAY(1, 'x', n / 2e0)), n FROM ({}) v WHERE n < {}",
          "UPDATE t SET amount = amount + 1, rate = rate * 2, made = '2025-01-01 00:00:00.5', state = 2, name = CONCAT(name, '!'), raw = REVERSE(raw), data = JSON_SET(data, '$.a', 'new')"),
    "C": ("CREATE TABLE t (id INT UNSIGNED PRIMARY KEY, k INT UNSIGNED NOT NULL, c VARCHAR(40) NOT NULL) CHARACTER SET utf8mb4",
          "INSERT INTO t SELECT n, n * 7 % 1000003, CONCAT('row number ', n) FROM ({}) v WHERE n < {}", "UPDATE t SET k = k + 1"),
}


class Server:
    def __init__(self, engine):
        get = lambda name: os.environ[f"SLUICE_{engine.upper()}_{name}"]
        self.engine, self.tools, self.data = engine, get("TOOLS"), pathlib.Path(get("DIR")) / "data"
        self.pid = int(get("PID"))
        self.env = dict(os.environ, MYSQL_PWD=get("PASSWORD"))
        self.login = ["--no-defaults", "-h", get("HOST"), "-P", get("PORT"), "-u", get("USER"), "--default-character-set=utf8mb4"]

    def sql(self, text):
        client = f"{self.tools}/{'mysql' if self.engine == 'mysql' else 'mariadb'}"
        return subprocess.run([client, *self.login, "-N", "-B"], input=text, env=self.env, capture_output=True, text=True, check=True).stdout

    def fill(self, name, rows):
        create, fill, _ = TABLES[name]
        self.sql(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}; USE {DATABASE}; {create}; {fill.format(numbers(rows), rows)}; FLUSH BINARY LOGS")

    def log_of_update(self, name, folder):
        """The file that holds the update and nothing else, and the table's definition."""
        create, _, update = TABLES[name]
        file = self.data / self.sql("SHOW BINARY LOGS").splitlines()[-1].split("\t")[0]
        self.sql(f"USE {DATABASE}; {update}; FLUSH BINARY LOGS")
        schema = folder / f"{self.engine}_{name}.sql"
        schema.write_text(create + ";\n")
        return file, schema


    def cpu(self):
        """Seconds of the server's process so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def apply(self, script):
        """Wall seconds, the server's CPU seconds."""
        client = f"{self.tools}/{'mysql' if self.engine == 'mysql' else 'mariadb'}"
        begin, before = time.monotonic(), self.cpu()
        with open(script, "rb") as text:
            subprocess.run([client, *self.login, "--binary-mode"], stdin=text, env=self.env, check=True)
        return time.monotonic() - begin, self.cpu() - before


def measure(command):
    """Wall seconds, CPU seconds, peak RSS in MB of one run."""
    begin = time.monotonic()
    with open(os.devnull, "wb") as nowhere, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=nowhere, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{command[0]} failed: {errors.read().decode()}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(server, file, schema):
    sluice = [os.environ["SLUICE_BIN"], "rollback", "--binlog", str(file), "--schema", str(schema)]
    yield "sluice rollback, SQL, batched", [*sluice, "--mode", "sql"]
    yield "sluice rollback, SQL, a statement a row", [*[part for part in sluice if part not in ("--schema", str(schema))], "--mode", "sql"]
    yield "sluice rollback, exact", [*sluice, "--mode", "exact"]
    if server.engine == "mysql":
        yield "mysqlbinlog -v (decodes only)", [f"{server.tools}/mysqlbinlog", "--no-defaults", "-v", "--base64-output=DECODE-ROWS", str(file)]
    else:
        yield "mariadb-binlog -v (decodes only)", ["mariadb-binlog", "--no-defaults", "-v", "--base64-output=DECODE-ROWS", str(file)]
        yield "mariadb-binlog --flashback", ["mariadb-binlog", "--no-defaults", "--flashback", str(file)]


def servers():
    for engine in ("mysql", "mariadb"):
        if f"SLUICE_{engine.upper()}_DIR" in os.environ:
            yield Server(engine)
        else:
            print(f"no {engine} server of this machine in the environment: left out", file=sys.stderr)


def apply():
    """How fast a server takes what undoes the update."""
    print(f"{APPLY_ROWS:,} rows, median of {ROUNDS}\n\n| table | what is applied | wall s | server CPU s | rows per wall s | rows per server CPU s |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "rollback.sql"
        for server in servers():
            for name in ("A", "B"):
                server.fill(name, APPLY_ROWS)
                figures = {}
                for _ in range(ROUNDS):
                    for mode in ("sluice rollback, SQL, batched", "sluice rollback, SQL, a statement a row", "sluice rollback, exact"):
                        command = dict(commands(server, *server.log_of_update(name, pathlib.Path(folder))))[mode]
                        script.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
                        figures.setdefault(mode, []).append(server.apply(script))
                for mode, taken in figures.items():
                    wall, cpu = (statistics.median(column) for column in zip(*taken))
                    print(f"| {server.engine} {name} | {mode.removeprefix('sluice rollback, ')} | {wall:.2f} | {cpu:.2f} | {APPLY_ROWS / wall:,.0f} | {APPLY_ROWS / cpu:,.0f} |", flush=True)
                server.sql(f"DROP DATABASE {DATABASE}")


def main():
    if sys.argv[1:] == ["apply"]:
        return apply()
    names = sys.argv[1:] or ["A", "B"]
    print(f"{ROWS:,} rows, median of {ROUNDS}\n\n| log | run | wall s | CPU s | rows per CPU s | peak RSS MB |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for server in servers():
            for name in names:
                server.fill(name, ROWS)
                file, schema = server.log_of_update(name, pathlib.Path(folder))
                runs = dict(commands(server, file, schema))
                figures = {run: [] for run in runs}
                for _ in range(ROUNDS):
                    for run, command in runs.items():
                        figures[run].append(measure(command))
                for run, taken in figures.items():
                    wall, cpu, rss = (statistics.median(column) for column in zip(*taken))
                    print(f"| {server.engine} {name}, {file.stat().st_size / 1e6:.0f} MB | {run} | {wall:.2f} | {cpu:.2f} | {ROWS / cpu:,.0f} | {rss:.0f} |", flush=True)
                server.sql(f"DROP DATABASE {DATABASE}")
    return None


if __name__ == "__main__":
    main()
