"""Stock drivers: each runs its script of features directly and through the proxy, on both engines, with equal outcomes."""

import harness

CLIENTS = harness.HERE / "clients"
PYTHON = "/usr/bin/python3"


def test_pymysql(server, proxy, database):
    harness.same_outcomes([PYTHON, CLIENTS / "features_pymysql.py"], server, proxy, database, 42)
