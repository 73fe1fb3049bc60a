"""Both real servers, `sluice serve` before each, and the stock clients that run through it.

Every client runs a script of features twice, directly and through the proxy; the outcomes must be equal. See harness.py.
"""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402


@pytest.fixture(scope="session", params=["mysql", "mariadb"])
def server(request):
    """A private instance of one engine, stopped with its data at the end of the session."""
    if not harness.has_serve():
        pytest.skip("this build has no `sluice serve`")
    found = harness.start_server(request.param)
    if found is None:
        pytest.skip(f"{request.param} cannot be had on this machine")
    yield found
    harness.stop_server(request.param)


@pytest.fixture(scope="module")
def proxy(server, tmp_path_factory):
    """A `sluice serve` before that server, on ports of its own; it must end cleanly on SIGTERM."""
    with harness.Proxy(server, tmp_path_factory.mktemp("sluice")) as running:
        yield running


@pytest.fixture
def database(server, request):
    """The name of an empty database of the test's own."""
    name = "e2e_" + "".join(c if c.isalnum() else "_" for c in request.node.originalname)[:40]
    server.sql(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield name
    server.sql(f"DROP DATABASE IF EXISTS {name}")
