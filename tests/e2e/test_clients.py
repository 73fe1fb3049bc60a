"""Stock drivers: each runs its script of features directly and through the proxy, on both engines, with equal outcomes.

The number at the end is how many features a script has at least, so that one that stops early cannot pass.
"""

import os
import shutil
import subprocess

import pytest

import harness



CLIENTS = harness.HERE / "clients"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's drivers


def program(name):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} cannot be had on this machine")
    return found


def test_pymysql(server, proxy, database):
    harness.same_outcomes([PYTHON, CLIENTS / "features_pymysql.py"], server, proxy, database, 40)


def test_mysqldb(server, proxy, database):
    harness.same_outcomes([PYTHON, CLIENTS / "features_mysqldb.py"], server, proxy, database, 17)


def test_mysql2_for_node(server, proxy, database):
    if not (harness.HERE / "node/node_modules").is_dir():
        pytest.skip("mysql2 cannot be had: run ./dev test, which installs it")
    harness.same_outcomes([program("node"), harness.HERE / "node/features.mjs"], server, proxy, database, 16)


def test_mysqlnd(server, proxy, database):
    harness.same_outcomes([program("php"), CLIENTS / "features.php"], server, proxy, database, 24)


def test_dbd_mysql(server, proxy, database):
    harness.same_outcomes([program("perl"), CLIENTS / "features.pl"], server, proxy, database, 19)


@pytest.fixture(scope="session")
def go_client(tmp_path_factory):
    target = tmp_path_factory.mktemp("go") / "client"
    subprocess.run([program("go"), "build", "-o", target, CLIENTS / "features.go"], check=True, cwd=target.parent,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": str(target.parent)})
    return target


def test_go_sql_driver(server, proxy, database, go_client):
    harness.same_outcomes([go_client], server, proxy, database, 16)


@pytest.fixture(scope="session")
def java_classes(tmp_path_factory):
    target = tmp_path_factory.mktemp("java")
    subprocess.run([program("javac"), "-d", target, CLIENTS / "Features.java"], check=True)
    return target


def test_mariadb_connector_j(server, proxy, database, java_classes):
    command = [program("java"), "-cp", f"{java_classes}:/usr/share/java/mariadb-java-client.jar", "Features"]
    harness.same_outcomes(command, server, proxy, database, 21)
