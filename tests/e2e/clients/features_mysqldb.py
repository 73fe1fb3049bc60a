"""MySQLdb (libmariadb): compression, TLS, change_user, named conversions, cursors. Prints `feature<TAB>outcome`."""

import os

import MySQLdb
import MySQLdb.cursors

ENV = os.environ
TLS = {"cipher": "HIGH"}  # libmariadb speaks TLS when it is given any option of it


def connect(**more):
    return MySQLdb.connect(**{**dict(host=ENV["DB_HOST"], port=int(ENV["DB_PORT"]), user=ENV["DB_USER"], passwd=ENV["DB_PASSWORD"],
                           db=ENV["DB_NAME"], charset="utf8mb4", autocommit=True, local_infile=1), **more})


def rows(connection, sql, values=None):
    cursor = connection.cursor()
    cursor.execute(sql, values)
    found = cursor.fetchall(), [(d[0], d[1]) for d in cursor.description or ()]
    cursor.close()
    return found


def feature(name, action):
    try:
        outcome = repr(action())
    except MySQLdb.Error as error:
        outcome = f"error {type(error).__name__} {error.args}"
    print(f"{name}\t{outcome}"[:2000], flush=True)


def change_user():
    c = connect()
    rows(c, "SET @v = 1")
    rows(c, "CREATE TEMPORARY TABLE gone (a INT)")
    before = c.thread_id()
    c.change_user(ENV["DB_USER"], ENV["DB_PASSWORD"], ENV["DB_NAME"])
    return rows(c, "SELECT @v, DATABASE()"), before == c.thread_id(), rows(c, "SELECT CONNECTION_ID()")[0][0][0] == c.thread_id()


def change_user_wrong():
    c = connect()
    c.change_user(ENV["DB_USER"], "wrong", ENV["DB_NAME"])


def bulk(c):
    rows(c, "CREATE TABLE bulk (id INT PRIMARY KEY, v VARCHAR(40))")
    cursor = c.cursor()
    cursor.executemany("INSERT INTO bulk VALUES (%s, %s)", [(i, f"value {i}") for i in range(10000)])
    return cursor.rowcount, c.info(), rows(c, "SELECT COUNT(*), SUM(id), MAX(v) FROM bulk")


def streamed(c):
    cursor = c.cursor(MySQLdb.cursors.SSCursor)
    cursor.execute("SELECT id, v FROM bulk ORDER BY id")
    first = cursor.fetchmany(2)
    rest = sum(row[0] for row in cursor)
    cursor.close()
    return first, rest


def compressed():
    # The status variable Compression would tell of the server's own side, which a proxy's other side need not share.
    c = connect(compress=True)
    return (rows(c, "SELECT REPEAT('a', 100000)")[0][0][0].count("a"), rows(c, "SELECT LENGTH(%s)", ("b" * 17_000_000,))[0])


def encrypted():
    c = connect(ssl=TLS)
    return rows(c, "SELECT 1")


def tls_account():
    return rows(connect(user="tls", db="", ssl=TLS), "SELECT 1")


def main():
    c = connect()
    feature("identity", lambda: (c.get_server_info(), rows(c, "SELECT VERSION(), CONNECTION_ID() = %s AS same", (c.thread_id(),))))
    feature("bulk", lambda: bulk(c))
    feature("streamed", lambda: streamed(c))
    feature("change user", change_user)
    feature("refused: change user with a wrong password", change_user_wrong)
    feature("compression", compressed)
    feature("TLS", encrypted)
    feature("an account that requires TLS", tls_account)
    feature("refused: an account that requires TLS, without", lambda: connect(user="tls", db=""))
    feature("ping and statistics", lambda: (c.ping(), c.stat().split(":")[0]))
    feature("init command", lambda: rows(connect(init_command="SET @i = 5"), "SELECT @i"))
    feature("sql_mode", lambda: rows(connect(sql_mode="ANSI_QUOTES"), 'SELECT @@sql_mode, 1 AS "quoted name"'))
    feature("NO_BACKSLASH_ESCAPES", lambda: rows(connect(sql_mode="NO_BACKSLASH_ESCAPES"), "SELECT %s", ("a\\'b",)))
    feature("next id", lambda: (rows(c, "CREATE TABLE n (id INT AUTO_INCREMENT PRIMARY KEY)"), rows(c, "INSERT INTO n VALUES (NULL)"),
                                c.insert_id(), c.affected_rows()))
    feature("warnings", lambda: (rows(c, "SELECT CAST('12x' AS SIGNED)"), c.warning_count(), c.show_warnings()))
    feature("refused: no such column", lambda: rows(c, "SELECT nothing"))
    feature("character sets", lambda: [rows(connect(charset=name, use_unicode=False), "SELECT 0x955c, @@character_set_client")
                                       for name in ("latin1", "gbk", "sjis", "utf8mb3")])


if __name__ == "__main__":
    main()
