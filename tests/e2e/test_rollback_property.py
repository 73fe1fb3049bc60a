"""Random tables, random changes by several sessions at once, one of them the change: undone, everything is as if it had not been.

Rounds go in batches, which share two databases with some tables, three sessions, a log file and one `sluice rollback`; each round is a seed of
its own, with rows of its own in one to three of the tables. SLUICE_ROLLBACK_ROUNDS rounds an engine from SLUICE_ROLLBACK_SEED on.

2026-11-26: rounds 1 to 2,060 on MySQL 9.7.4 and 1 to 1,480 on MariaDB 10.11.19, all as without the change. By default 500 an engine: a thousand.
"""

import os
import random

import pytest

import rollback_rounds
from rollback_case import Case, execute

ROUNDS = int(os.environ.get("SLUICE_ROLLBACK_ROUNDS", "500"))
SEED = int(os.environ.get("SLUICE_ROLLBACK_SEED", "1"))
BATCH = 20
TABLES = 12  # a batch
GROUPS = 14  # statements and transactions a round
MODES = ("sql", "exact", "auto")


class Round:
    """What a seed's sessions do to some of the tables."""

    def __init__(self, seed, engine, number, tables):
        self.r = random.Random(f"{seed} {engine}")
        self.seed = seed
        self.tables = self.r.sample(tables, self.r.randint(1, 3))
        self.sessions = [rollback_rounds.Session(self.r, own, self.tables, 1 + number * 4000) for own in rollback_rounds.OWNERS]
        self.fill = [session.insert() for session in self.sessions for _ in range(3)]

    def group(self):
        """A session's name, and the statements of its next transaction."""
        session = self.r.choice(self.sessions)
        return session.own, session.transaction() if self.r.random() < 0.5 else [session.statement()]


class Batch:
    def __init__(self, case, seed, engine, count, database):
        self.case, self.engine, self.database, self.twin = case, engine, database, database + "_twin"
        self.r = random.Random(f"batch {seed} {engine}")
        self.tables = [rollback_rounds.Table(self.r, engine, f"t{i}") for i in range(TABLES)]
        self.rounds = [Round(seed + i, engine, i, self.tables) for i in range(count)]
        self.control = case.connect(None)

    def value(self, query):
        with self.control.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0].replace("\n", "")

    def make(self):
        """Both databases, with the same rows."""
        for name in (self.database, self.twin):
            execute(self.control, f"DROP DATABASE IF EXISTS {name}")
            execute(self.control, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            with self.case.connect(name) as connection:
                for statement in [table.create() for table in self.tables] + ["BEGIN"] + [s for one in self.rounds for s in one.fill] + ["COMMIT"]:
                    execute(connection, statement)

    def options(self):
        """What the session of the change asks of the log."""
        if self.engine == "mariadb":
            return []
        return [option for option in ("SET binlog_transaction_compression = 1", "SET binlog_row_value_options = 'PARTIAL_JSON'",
                                      "SET binlog_rows_query_log_events = 1") if self.r.random() < 0.3]

    def run(self):
        """All rounds' sessions by turns, in both databases but for the change, which is A's. Its log, thread and GTIDs."""
        executed = "SELECT @@GLOBAL.gtid_executed" if self.engine == "mysql" else "SELECT @@GLOBAL.gtid_binlog_pos"
        gtids = []
        log = self.case.log()
        connections = {own: self.case.connect(self.database, *(self.options() if own == "A" else ())) for own in rollback_rounds.OWNERS}
        twin = self.case.connect(self.twin)
        for connection in (*connections.values(), twin):  # the rows' moments, not the clock's
            execute(connection, "SET timestamp = 1700000000")
        turns = [one for one in self.rounds for _ in range(GROUPS)]
        self.r.shuffle(turns)
        before = self.value(executed)
        for one in turns:
            own, statements = one.group()
            for statement in statements:
                outcome = execute(connections[own], statement)
                if own != "A":
                    assert execute(twin, statement) == outcome, f"seed {one.seed}: {statement}"
            after = self.value(executed)
            if own == "A" and after != before:
                gtids.append(after if self.engine == "mariadb" else self.value(f"SELECT GTID_SUBTRACT('{after}', '{before}')"))
            before = after
        thread = connections["A"].thread_id()
        for connection in (*connections.values(), twin):
            connection.close()
        return log, thread, gtids

    def content(self, database):
        """Each table's rows and sum."""
        found = {}
        with self.case.connect(database) as connection, connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(table.show())
                rows = cursor.fetchall()
                # MariaDB's sum of a table with generated columns differs between copies of the same rows.
                if self.engine == "mysql" or not table.generated:
                    cursor.execute(f"CHECKSUM TABLE {table.name}")
                    rows = (rows, cursor.fetchone()[1])
                found[table.name] = rows
        return found

    def compare(self, expected):
        found = self.content(self.database)
        for table in self.tables:
            seeds = [one.seed for one in self.rounds if table in one.tables]
            assert found[table.name] == expected[table.name], f"one of the seeds {seeds}: {table.create()} in {self.case.folder}"

    def drop(self):
        execute(self.control, f"DROP DATABASE {self.twin}")
        self.control.close()


@pytest.fixture(autouse=True)
def unhurried(server):
    """A server that waits for no disk: what a round waits for most."""
    kept = server.sql("SELECT @@GLOBAL.sync_binlog, @@GLOBAL.innodb_flush_log_at_trx_commit")[0]
    server.sql("SET GLOBAL sync_binlog = 0, GLOBAL innodb_flush_log_at_trx_commit = 0")
    yield
    server.sql("SET GLOBAL sync_binlog = %d, GLOBAL innodb_flush_log_at_trx_commit = %d" % kept)


@pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS, BATCH))
def test_the_change_is_gone_and_nothing_else(server, tmp_path, database, seed):
    case = Case(server, tmp_path)
    batch = Batch(case, seed, server.engine, min(BATCH, SEED + ROUNDS - seed), database)
    batch.make()
    log, thread, gtids = batch.run()
    expected = batch.content(batch.twin)
    by_thread = server.engine == "mysql" and batch.r.random() < 0.5
    chosen = ["--thread-id", thread] if by_thread else ["--gtid", ",".join(gtids)]
    schema = case.schema(database, [table.name for table in batch.tables])
    done = case.rollback("--binlog", log, *chosen, "--schema", schema, "--mode", MODES[seed // BATCH % 3])
    if not gtids or (done.returncode == 3 and b"no row of such a change" in done.stderr):
        return batch.compare(expected)
    assert done.returncode == 0, done.stderr.decode()
    (tmp_path / "rollback.sql").write_bytes(done.stdout)
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, f"{tmp_path}: {applied.stderr.decode()}"
    batch.compare(expected)
    batch.drop()
    return None
