"""Large and many: results beyond memory, clients that stop reading, thousands of connections, servers that are killed. Nothing may grow
and nothing may be left."""

import dataclasses
import os
import signal
import threading

import pymysql
import pytest

import harness
import raw
import wires
from test_bad_peers import at_rest, metric, own_descriptors

MIB = 1 << 20
FLAT = 8 * MIB  # what a result of any size may add to the proxy's memory


def read_away(connection, size):
    """Reads so many bytes, or to the end of the connection; how many."""
    room, have = memoryview(bytearray(MIB)), 0
    while have < size:
        count = connection.socket.recv_into(room[:min(MIB, size - have)])
        if not count:
            break
        have += count
    return have


def settled(value):
    """The value once two looks at it in a row agree."""
    seen = []

    def again():
        seen.append(value())
        return len(seen) > 2 and seen[-1] == seen[-2]

    harness.wait_for(again, "a value to settle")
    return seen[-1]


def rows_of(server, database, count):
    server.sql(f"CREATE TABLE {database}.r (id INT PRIMARY KEY)")
    server.sql(f"INSERT INTO {database}.r VALUES " + ",".join(f"({i})" for i in range(count)))


def test_two_gigabytes_with_a_paused_client(server, proxy, database):
    """2,048 rows of a MiB. The client stops in the middle: the server stops, the proxy's memory stays, and then the rest comes whole."""
    rows_of(server, database, 2048)
    serving = metric(proxy, "sluice_client_sent_bytes_total")
    with raw.logged_in(proxy, database=database) as c:
        raw.rows(c.query("SELECT 1"))
        before = raw.memory(proxy.process.pid)
        c.send(3, f"SELECT REPEAT('m', {MIB}) FROM r")
        for _ in range(3):  # column count, definition, EOF
            c.read()
        received = read_away(c, 20 * MIB)
        sent = settled(lambda: metric(proxy, "sluice_client_sent_bytes_total"))
        assert sent - serving < 64 * MIB, "the proxy goes on while nobody reads"
        assert raw.memory(proxy.process.pid) - before < FLAT
        running = server.sql(f"SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT REPEAT%' AND user = '{server.user}'")
        assert running == ((1,),), "the server waits in the middle of its answer"
        total = 2048 * (MIB + 4 + 4)  # each with its length and its frame's header
        received += read_away(c, total - received)
        assert received == total
        assert c.read()[:1] == b"\xfe"
        assert raw.rows(c.query("SELECT 'after'")) == [("after",)]
        assert raw.memory(proxy.process.pid, "VmHWM") - before < FLAT, "at no time did it hold more"


def test_a_row_larger_than_any_buffer(server, proxy):
    """One value of 256 MiB, in frames of 16 MiB."""
    size = 256 * MIB
    with raw.logged_in(proxy) as c:
        raw.rows(c.query("SELECT 1"))
        before = raw.memory(proxy.process.pid)
        c.send(3, f"SELECT REPEAT('v', {size})")
        read_away(c, size)
        assert raw.memory(proxy.process.pid, "VmHWM") - before < FLAT or raw.memory(proxy.process.pid) - before < FLAT
    harness.wait_for(lambda: server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT REPEAT%'") == ((0,),),
                     "the statement to end")


def test_a_client_that_vanishes_while_it_is_paused(server, proxy, database):
    """Its statement is killed on the server, and its connections are closed."""
    rows_of(server, database, 2048)
    kills = metric(proxy, "sluice_kills_sent_total")
    c = raw.logged_in(proxy, database=database)
    c.send(3, f"SELECT REPEAT('m', {MIB}) FROM r")
    read_away(c, 4 * MIB)
    settled(lambda: metric(proxy, "sluice_client_sent_bytes_total"))
    c.abort()
    harness.wait_for(lambda: metric(proxy, "sluice_sessions") == 0, "the session to end", proxy.explain)
    assert metric(proxy, "sluice_kills_sent_total") == kills + 1
    harness.wait_for(lambda: server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT REPEAT%'") == ((0,),),
                     "the statement to end")


# --- many -------------------------------------------------------------------------------------------------------------------------

CYCLES = 10_000


def cycle(proxy, number, database):
    """One connection that ends in one of many ways."""
    way = number % 10
    c = raw.Raw(proxy.host, proxy.port, greet=way > 0)
    try:
        if way == 1:
            c.write(b"\x00\x01\x02", 1)
        if way < 2:
            return
        answer = c.login(proxy.user, proxy.password if way > 2 else "wrong", database=database if way % 2 else None)
        assert (answer[:1] == b"\0") == (way > 2), raw.error(answer)
        if way < 4:
            return
        if way == 4:
            assert raw.rows(c.query("SELECT 1")) == [("1",)]
        elif way == 5:
            c.send(3, "SELECT SLEEP(30)")
        elif way == 6:
            c.send(3, "SELECT REPEAT('k', 3000000)")
            read_away(c, 100_000)
        elif way == 7:
            c.query("BEGIN")
            c.query("INSERT INTO t VALUES (1)")
        elif way == 8:
            with raw.logged_in(proxy) as killer:
                assert killer.query(f"KILL {c.thread_id}")[0][:1] == b"\0"
            assert c.ends()
        else:
            c.socket.sendall(b"\x50\0\0\0\x03SELECT")
    finally:
        if number % 3:
            c.abort()
        else:
            c.close()


def test_ten_thousand_cycles_leave_nothing(server, tmp_path, database):
    """Connections that are made and broken in ten ways, some in the middle of an answer or of a transaction, some by KILL."""
    server.sql(f"CREATE TABLE {database}.t (a INT)")
    own, environment = harness.as_account(server, "cycles")
    limits = {"max_connections": 200, "max_idle": 10, **own}
    with harness.Proxy(server, tmp_path, mysql={"vanish_grace_seconds": 0}, instance=limits, environment=environment) as busy:
        harness.wait_for(busy.is_ready, "the server to be known", busy.explain)
        for number in range(100):
            cycle(busy, number, database)
        at_rest(busy)
        descriptors = own_descriptors(busy)
        memory = raw.memory(busy.process.pid)
        problems, threads = [], []

        def work(part):
            try:
                for number in range(part, CYCLES, 4):
                    cycle(busy, number, database)
            except Exception as problem:  # noqa: BLE001 – it is the test's to report
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert not problems, problems
        at_rest(busy)
        harness.wait_for(lambda: own_descriptors(busy) <= descriptors,
                         "the descriptors to be closed", busy.explain)
        assert metric(busy, "sluice_connections_total") >= CYCLES
        assert raw.memory(busy.process.pid) - memory < 4 * FLAT
        harness.wait_for(lambda: harness.sessions_of(server, "cycles") == metric(busy, "sluice_instance_connections"),
                         "the server to have the pool's sessions and no other", busy.explain)
        assert server.sql(f"SELECT COUNT(*) FROM {database}.t") == ((0,),), "no transaction of a broken connection was committed"
    harness.wait_for(lambda: harness.sessions_of(server, "cycles") == 0, "the server to have no session of the proxy")


# --- killed -----------------------------------------------------------------------------------------------------------------------

def backend_of(server, mark):
    """The server's thread that runs or last ran the statement with this mark."""
    found = []
    harness.wait_for(lambda: found.extend(server.sql(
        f"SELECT id FROM information_schema.processlist WHERE user = '{server.user}' AND info LIKE '%{mark}%'")) or found, "the statement to run")
    return found[0][0]


def test_backend_killed_in_the_middle_of_a_result(server, proxy, database):
    rows_of(server, database, 2048)
    with raw.logged_in(proxy, database=database) as c:
        c.send(3, f"SELECT /* middle */ REPEAT('m', {MIB}) FROM r")
        read_away(c, 4 * MIB)
        server.sql(f"KILL {backend_of(server, 'middle')}")
        rest = read_away(c, 4096 * MIB)
        assert rest < 2000 * MIB, "the answer was cut"
    with raw.logged_in(proxy) as c:
        assert raw.rows(c.query("SELECT 'next'")) == [("next",)]


def test_backend_killed_before_its_answer_and_in_a_transaction(server, proxy, database):
    """The client is told (2013), its session ends, and what it had not committed is gone."""
    server.sql(f"CREATE TABLE {database}.t (a INT PRIMARY KEY)")
    with raw.logged_in(proxy, database=database) as c:
        c.query("BEGIN")
        c.query("INSERT INTO t VALUES (1)")
        c.send(3, "SELECT /* answer */ SLEEP(50)")
        server.sql(f"KILL {backend_of(server, 'answer')}")
        assert raw.error(c.read())[0] in (2013, 1317, 1053, 1927)
        assert c.ends()
    with raw.logged_in(proxy, database=database) as c:
        assert raw.rows(c.query("SELECT COUNT(*) FROM t")) == [("0",)]


def test_backend_killed_between_two_statements_of_a_transaction(server, proxy, database):
    server.sql(f"CREATE TABLE {database}.t (a INT PRIMARY KEY)")
    with raw.logged_in(proxy, database=database) as c:
        c.query("BEGIN")
        c.query("INSERT INTO t VALUES (1)")
        mine = raw.rows(c.query("SELECT id FROM information_schema.processlist WHERE info LIKE '%find me%' -- find me"))[0][0]
        server.sql(f"KILL {mine}")
        try:
            problem = raw.error(c.query("INSERT INTO t VALUES (2)")[-1])
            assert problem and problem[0] in (2013, 2006, 1927, 4031, 1053, 1317), problem
        except (raw.Closed, ConnectionError):
            pass  # as directly
        assert c.ends()
    assert server.sql(f"SELECT COUNT(*) FROM {database}.t") == ((0,),), "the second INSERT did not run by itself on another connection"


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_server_that_is_killed_and_comes_back(tmp_path, engine):
    """SIGKILL while statements run. Clients are told; new ones get 2003 while it is away, and are served when it is back."""
    crashing = harness.start_server(engine, "crash")
    if crashing is None:
        pytest.skip(f"{engine} cannot be had on this machine")
    try:
        with wires.Wire(crashing.host, crashing.port) as wire, harness.Proxy(dataclasses.replace(crashing, port=wire.port), tmp_path) as proxy:
            harness.wait_for(proxy.is_ready, "the server to be known", proxy.explain)
            waiting, idle = raw.logged_in(proxy), raw.logged_in(proxy)
            idle.query("SET @a = 1")
            waiting.send(3, "SELECT /* crash */ SLEEP(50)")
            backend_of(crashing, "crash")
            os.kill(crashing.pid, signal.SIGKILL)
            assert raw.error(waiting.read())[0] == 2013
            assert waiting.ends() and idle.ends()
            with raw.Raw(proxy.host, proxy.port) as c:
                answer = c.login(proxy.user, proxy.password)
                answer = c.query("SELECT 1")[0] if answer[:1] == b"\0" else answer
                assert raw.error(answer)[0] == 2003
            back = harness.start_server(engine, "crash")
            wire.target = back.host, back.port
            with raw.logged_in(proxy) as c:
                assert raw.rows(c.query("SELECT 'back'")) == [("back",)]
    finally:
        harness.stop_server(engine, "crash")


def test_a_full_pool_and_too_many_clients(server, tmp_path):
    """1203 for a statement that finds no server connection in time, 1040 for a client too many; both go on afterwards."""
    with harness.Proxy(server, tmp_path, mysql={"max_connections": 3}, instance={"max_connections": 1, "max_wait_ms": 200}) as small:
        harness.wait_for(small.is_ready, "the server to be known", small.explain)
        harness.wait_for(lambda: metric(small, "sluice_sessions") == 0, "the look whether it listens to end", small.explain)
        harness.wait_for(lambda: metric(small, "sluice_instance_connections") == 0, "the look at the server to end", small.explain)
        with raw.logged_in(small) as first, raw.logged_in(small) as second, raw.logged_in(small):
            assert raw.rows(first.query("SELECT 1")) == [("1",)]
            assert raw.error(second.query("SELECT 1")[0])[0] == 1203
            with pytest.raises(ConnectionRefusedError) as refused:
                raw.Raw(small.host, small.port)
            assert refused.value.args[0][0] == 1040
            first.send(1)
            assert first.ends()
            harness.wait_for(lambda: metric(small, "sluice_instance_connections_idle") == 1, "the connection to be free", small.explain)
            assert raw.rows(second.query("SELECT 2")) == [("2",)]


def test_many_clients_at_once(server, tmp_path):
    """sysbench-like load from stock clients in threads, more clients than server connections: each answer is its own."""
    with harness.Proxy(server, tmp_path, instance={"max_connections": 8, "max_wait_ms": 60000}) as shared:
        harness.wait_for(shared.is_ready, "the server to be known", shared.explain)
        problems = []

        def work(number):
            try:
                for i in range(5):
                    with shared.connect() as connection, connection.cursor() as cursor:
                        cursor.execute("SET @mine = %s", (number,))
                        cursor.execute("SELECT @mine, %s, REPEAT('x', %s)", (i, number * 100))
                        assert cursor.fetchone() == (number, i, "x" * (number * 100))
            except (AssertionError, pymysql.MySQLError) as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(40)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert not problems, problems[:3]
        assert metric(shared, "sluice_instance_connections") <= 8
