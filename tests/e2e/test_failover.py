"""A writer that becomes read-only under its clients, on real servers. Names that move are in tests/session/failover_test.cpp."""

import dataclasses

import pymysql
import pytest

import harness


def test_a_server_set_read_only_has_its_connections_dropped(server, database, tmp_path):
    # An account that read_only stops, as an application's is.
    server.sql("CREATE USER IF NOT EXISTS plain@'%' IDENTIFIED BY 'plain-password'; "
               "GRANT SELECT, INSERT, PROCESS ON *.* TO plain@'%'")
    server.sql(f"CREATE TABLE {database}.t (a INT)")
    plain = dataclasses.replace(server, user="plain", password="plain-password")
    own_thread = "SELECT id FROM information_schema.processlist WHERE id = CONNECTION_ID()"
    with harness.Proxy(plain, tmp_path) as proxy:
        def connect():
            return proxy.connect(database, autocommit=True)

        def ask(connection, sql):
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()

        client = connect()
        ask(client, "INSERT INTO t VALUES (1)")
        thread = ask(client, own_thread)[0]
        server.sql("SET GLOBAL read_only = ON")
        try:
            with pytest.raises(pymysql.Error) as refused:
                ask(client, "INSERT INTO t VALUES (2)")
            assert refused.value.args[0] == 1290
            assert "read-only" in refused.value.args[1]
            assert ask(client, "SELECT COUNT(*) FROM t") == (1,), "the session goes on where it is"
            client.close()
            harness.wait_for(lambda: not server.sql(f"SELECT id FROM information_schema.processlist WHERE id = {thread}"),
                             "the connection to be dropped instead of kept", proxy.explain)
        finally:
            server.sql("SET GLOBAL read_only = OFF")
        after = connect()
        assert ask(after, own_thread)[0] != thread
        ask(after, "INSERT INTO t VALUES (3)")
        after.close()
    server.sql("DROP USER plain@'%'")
