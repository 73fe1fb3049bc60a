"""A server with a log of its own file, and `sluice rollback` on it, for test_rollback_cli.py and test_rollback_property.py. No test is in here."""

import os
import pathlib
import subprocess

import pytest

import harness

SESSION = ("SET time_zone = '+00:00'", "SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'")


class Case:
    """One server with a log of its own file, connections to it, and the command."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        if not server.pid:
            pytest.skip("the log's files are those of a server that this run started")
        self.data = pathlib.Path(server.sql("SELECT @@datadir")[0][0])

    def connect(self, database, *more):
        connection = self.server.connect(database, autocommit=True)
        with connection.cursor() as cursor:
            for statement in (*SESSION, *more):
                cursor.execute(statement)
        return connection

    def log(self):
        """A new file of the log: what it will hold begins now."""
        self.server.sql("FLUSH BINARY LOGS")
        return self.data / self.server.sql("SHOW BINARY LOGS")[-1][0]

    def gtids(self):
        name = "gtid_executed" if self.server.engine == "mysql" else "gtid_binlog_pos"
        return self.server.sql(f"SELECT @@GLOBAL.{name}")[0][0].replace("\n", "")

    def schema(self, database, tables):
        file = self.folder / "schema.sql"
        with self.connect(database) as connection, connection.cursor() as cursor:
            texts = []
            for table in tables:
                cursor.execute(f"SHOW CREATE TABLE {table}")
                texts.append(f"{cursor.fetchone()[1]};\n")
        file.write_text("".join(texts))
        return file

    def rollback(self, *arguments, environment=None):
        return subprocess.run([harness.SLUICE, "rollback", *map(str, arguments)], env={**os.environ, **(environment or {})}, capture_output=True,
                              timeout=120, check=False)

    def apply(self, script):
        client = harness.cache() / "mysql97/current/bin/mysql" if self.server.engine == "mysql" else "mariadb"
        command = [client, "--no-defaults", "-h", self.server.host, "-P", str(self.server.port), "-u", self.server.root_user, "--binary-mode"]
        return subprocess.run(command, env={**os.environ, "MYSQL_PWD": self.server.root_password}, input=script, capture_output=True,
                              timeout=120, check=False)


def execute(connection, statement):
    """True when the server took it. Keys collide and values do not fit now and then: then in the twin, too."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except Exception as fault:  # noqa: BLE001  the driver has a class for each group of errors
            return fault.args[0]
    return 0


def gtid_option(case, pairs):
    if case.server.engine == "mariadb":
        return ",".join(after for _, after in pairs)
    subtracted = [case.server.sql(f"SELECT GTID_SUBTRACT('{after}', '{before}')")[0][0].replace("\n", "") for before, after in pairs]
    return ",".join(subtracted)
