"""No password of a statement is in anything that is kept or shown: not in the store's files, the log, an answer of the API, a call's rows or
another client's sight; and what runs is the real text."""

import pymysql
import pytest

import admin
import gated

SECRETS = ("Hush-of-8-recorded", "Hush-of-8-reviewed", "Hush-of-8-failed", "Hush-of-8-edited")


@pytest.fixture
def gate(server, tmp_path):
    with admin.Workspace(tmp_path / "sluice") as workspace:
        found = gated.Gated(server, workspace)
        found.sync()
        for environment in ("Test", "Prod"):
            found.rules(environment)
        found.gate("Test", service={"account": "record"})
        yield found


def found_in(text):
    return [secret for secret in SECRETS if secret.encode() in (text.encode() if isinstance(text, str) else text)]


def test_passwords_are_nowhere(gate, tmp_path):
    user = "hushed_" + str(gate.w.admin_port)
    server = gate.server
    try:
        gate.sql("app", "test", f"CREATE USER '{user}'@'%' IDENTIFIED BY '{SECRETS[0]}'")
        login = pymysql.connect(host=server.host, port=server.port, user=user, password=SECRETS[0])
        login.close()
        # What the server refuses names what it did not understand.
        gate.refused("app", "test", f"ALTER USER '{user}'@'nowhere' IDENTIFIED BY '{SECRETS[2]}'")

        text = f"ALTER USER '{user}'@'%' IDENTIFIED BY '{SECRETS[1]}'"
        issue = gate.issue_of(gate.refused("app", "prod", text)[1])
        assert gate.issue_of(gate.refused("app", "prod", text)[1]) == issue
        other = gate.issue_of(gate.refused("app", "prod", text.replace(SECRETS[1], SECRETS[3]))[1])
        assert other != issue
        shown = gate.sql("bob", "prod", f"CALL sluice.issue({issue})")[0]["statement"]
        assert shown == f"ALTER USER '{user}'@'%' IDENTIFIED BY <secret>"
        gate.approve(issue)
        gate.wait_for(issue, "done")
        login = pymysql.connect(host=server.host, port=server.port, user=user, password=SECRETS[1])
        login.close()
        gate.sql("app", "prod", text)  # once more, and it is told as done

        # An edit that keeps the mark would set another password than was meant.
        whole = gate.w.get(f"/api/v1/issues/{other}").json
        task = whole["stages"][0]["tasks"][0]
        edited = gate.w.call("PUT", f"/api/v1/tasks/{task['id']}/statement", {"statement": task["statement"]})
        assert edited.status == 409 and "write the password" in edited.text, edited.text

        pages = ["issues", "changes", "audit", "digests", "anomalies", "connections"]
        answers = [gate.w.get(f"/api/v1/{page}").text for page in pages]
        answers += [gate.w.get(f"/api/v1/issues/{number}").text for number in (issue, other)]
        answers += [gate.w.get(f"/api/v1/changes/{c['id']}").text for c in gate.w.get("/api/v1/changes")["items"]]
        answers.append(gate.w.get(f"/api/v1/tasks/{task['id']}/statement").text)
        assert any("<secret>" in answer or "\\u003csecret" in answer for answer in answers)
        for answer in answers:
            assert not found_in(answer), answer
        assert not found_in(gate.w.explain())
        files = [path for path in (tmp_path / "sluice").rglob("*") if path.is_file()]
        assert any(path.name.startswith("sluice.db") for path in files), files
        for path in files:
            assert not found_in(path.read_bytes()), path
    finally:
        server.sql(f"DROP USER IF EXISTS '{user}'@'%'")
