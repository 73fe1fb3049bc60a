"""The command line clients: mysql 9.7 and mariadb with TLS on and off and compressed, dumps that go round, sysbench."""

import re
import shutil
import subprocess

import pytest
from pymysql.constants import COMMAND

import harness

SCRIPT = """
SELECT VERSION() AS version, DATABASE() AS db, USER() LIKE 'app@%' AS me;
CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(30), j JSON);
INSERT INTO t VALUES (1, 'grün', '{"a": 1}'), (2, NULL, '[]');
SELECT * FROM t;
DELIMITER //
CREATE PROCEDURE p(IN n INT) BEGIN SELECT n; SELECT n + 1; END //
DELIMITER ;
CALL p(5);
UPDATE t SET s = CONCAT(s, '!') WHERE id < 3;
SHOW WARNINGS;
/* a comment */ SELECT /*+ MAX_EXECUTION_TIME(5000) */ 'hinted' AS h;
SELECT * FROM absent;
BEGIN; DELETE FROM t; ROLLBACK; SELECT COUNT(*) FROM t;
SHOW CREATE TABLE t;
\\W
SELECT CAST('9x' AS SIGNED);
USE information_schema
SELECT DATABASE();
"""


def mysql97(server):
    """The 9.7 client; MariaDB's instances have it too, where it was provisioned."""
    path = harness.cache() / "mysql97/current/bin/mysql"
    if not path.exists():
        pytest.skip("the mysql 9.7 client cannot be had on this machine")
    return str(path)


def run_script(command, endpoint, database, tls_options):
    arguments = [*command, "--no-defaults", "-h", endpoint.host, "-P", str(endpoint.port), "-u", endpoint.user, "--force", "-vv", "-t",
                 *tls_options, database]
    done = subprocess.run(arguments, env=endpoint.environment(database), input=SCRIPT.encode(), capture_output=True,
                          timeout=harness.CLIENT_SECONDS, check=False)
    text = (done.stdout + done.stderr).decode()
    return done.returncode, re.sub(r"\d+\.\d+ sec", "", text)


def same_script(command, server, proxy, database, options=()):
    outcomes = []
    for endpoint in (server, proxy):
        server.sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database} CHARACTER SET utf8mb4")
        outcomes.append(run_script(command, endpoint, database, options))
    assert "grün!" in outcomes[0][1] or "Rows matched: 2" in outcomes[0][1], outcomes[0][1]
    assert "1146" in outcomes[0][1]
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("options", [
    ["--ssl-mode=DISABLED", "--get-server-public-key"], ["--ssl-mode=REQUIRED"], ["--ssl-mode=REQUIRED", "--tls-version=TLSv1.2"],
    ["--ssl-mode=DISABLED", "--get-server-public-key", "--compression-algorithms=zlib"],
    ["--ssl-mode=REQUIRED", "--compression-algorithms=zstd"],
], ids=["plain", "tls", "tls-1.2", "zlib", "tls-zstd"])
def test_mysql_97(server, proxy, database, options):
    if server.engine == "mariadb" and "--compression-algorithms=zstd" in options:
        options = ["--ssl-mode=REQUIRED", "--compression-algorithms=zstd,zlib"]
    same_script([mysql97(server)], server, proxy, database, options)


@pytest.mark.parametrize("options", [["--skip-ssl"], ["--ssl"], ["--skip-ssl", "--compress"]], ids=["plain", "tls", "compressed"])
def test_mariadb_cli(server, proxy, database, options):
    if server.engine == "mysql" and options[0] == "--skip-ssl":
        server.connect().close()  # the server now has the account in its cache: this client cannot log in in full without TLS
    same_script(["/usr/bin/mariadb"], server, proxy, database, options)


def test_query_attributes(server, proxy):
    """An attribute before a statement's text reaches the server, and a text without one is not shifted."""
    if server.engine == "mariadb":
        pytest.skip("MariaDB 10.11 knows no query attributes")
    if not server.sql("SELECT 1 FROM mysql.component WHERE component_urn LIKE '%query_attributes'"):
        server.sql("INSTALL COMPONENT 'file://component_query_attributes'")
    select = b"SELECT mysql_query_attribute_string('trace')"
    for endpoint in (server, proxy):
        found = []
        with endpoint.connect(client_flag=1 << 27, autocommit=None) as connection:
            # count, sets, null bitmap, types follow, VAR_STRING, name, value
            for attributes in (b"\1\1\0\1\xfe\0\5trace\3abc", b"\0\1"):
                connection._execute_command(COMMAND.COM_QUERY, attributes + select)
                connection._read_query_result()
                found.append(connection._result.rows)
        assert found == [(("abc",),), ((None,),)]


RICH = """
CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) NOT NULL, at DATETIME(6), KEY (name));
CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, data LONGBLOB, j JSON, CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id));
INSERT INTO parent (name, at) VALUES ('grün', '2026-01-02 03:04:05.000006'), ('it''s', NULL), ('back\\\\slash', NULL);
INSERT INTO child VALUES (1, 1, 0x00ff275c, '{"a": [1]}'), (2, 3, REPEAT('x', 100000), NULL);
CREATE VIEW both_of AS SELECT p.name, c.data FROM parent p JOIN child c ON c.parent_id = p.id;
CREATE TRIGGER before_child BEFORE INSERT ON child FOR EACH ROW SET NEW.j = COALESCE(NEW.j, '{}');
CREATE PROCEDURE add_one(IN n INT) BEGIN INSERT INTO parent (name) VALUES (CONCAT('n', n)); END;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM child WHERE id < 0;
"""


def dump(tool, endpoint, database, ssl):
    arguments = [*tool, "--no-defaults", "-h", endpoint.host, "-P", str(endpoint.port), "-u", endpoint.user, ssl, "--routines", "--events",
                 "--triggers", "--single-transaction", "--skip-dump-date", "--hex-blob", "--databases", database]
    if "mysql97" in tool[0]:
        arguments[2:2] = ["--set-gtid-purged=OFF"]
    return harness.run_client(arguments, endpoint, database)


@pytest.mark.parametrize("tool", ["mysql97", "mariadb"])
def test_dump_and_load(server, proxy, database, tool):
    """A dump through the proxy equals a direct one; loaded through the proxy it gives the same database again."""
    if tool == "mysql97":
        folder, ssl = mysql97(server).rsplit("/", 1)[0], "--ssl-mode=REQUIRED"
        tools = f"{folder}/mysqldump", f"{folder}/mysql"
    else:
        tools, ssl = ("/usr/bin/mariadb-dump", "/usr/bin/mariadb"), "--ssl"
    if (tool == "mysql97") != (server.engine == "mysql"):
        pytest.skip("a dump tool of one engine does not dump the other's dictionary")
    with server.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in RICH.strip().removesuffix(";").split(";\n"):
            cursor.execute(statement)
    direct = dump([tools[0]], server, database, ssl)
    through = dump([tools[0]], proxy, database, ssl)
    ours = re.compile(r"^-- Host:.*$", re.M)
    assert "TRIGGER" in direct and "EVENT" in direct and "FUNCTION" in direct and "VIEW" in direct
    assert ours.sub("", direct) == ours.sub("", through)
    server.sql(f"DROP DATABASE {database}")
    harness.run_client([tools[1], "--no-defaults", "-h", proxy.host, "-P", str(proxy.port), "-u", proxy.user, ssl], proxy, "", through.encode())
    assert ours.sub("", dump([tools[0]], server, database, ssl)) == ours.sub("", direct)


@pytest.mark.parametrize("prepared", ["auto", "disable"])
def test_sysbench(server, proxy, database, prepared):
    tool = shutil.which("sysbench") or pytest.skip("sysbench cannot be had on this machine")
    for endpoint in (server, proxy):
        server.sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}")
        server.connect().close()
        where = ["--db-driver=mysql", f"--mysql-host={endpoint.host}", f"--mysql-port={endpoint.port}", f"--mysql-user={endpoint.user}",
                 f"--mysql-password={endpoint.password}", f"--mysql-db={database}", "--tables=2", "--table-size=1000", "--threads=4",
                 f"--db-ps-mode={prepared}", "--events=200", "--time=60", "--mysql-ignore-errors=1213,1205"]
        for step in ("prepare", "run", "cleanup"):
            output = harness.run_client([tool, "oltp_read_write", *where, step], endpoint, database)
        assert server.sql(f"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{database}'") == ((0,),), output
