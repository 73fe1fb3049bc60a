"""Fills the workspace of `./dev demo --filled` over the HTTP API: two people, two instances, a project, and an account for each person.

demo.py ADMIN_URL NAME=HOST:PORT:USER:PASSWORD_VARIABLE...   (NAME is an environment's, in lower case)
"""

import json
import os
import sys
import urllib.error
import urllib.request

PASSWORD = os.environ["DEMO_PEOPLE_PASSWORD"]


class Api:
    def __init__(self, url):
        self.url, self.token = url, None

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token or self.token:
            request.add_header("Authorization", f"Bearer {token or self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"{method} {path}: {refused.code}: {refused.read().decode(errors='replace')}") from None


def main(url, *servers):
    api = Api(url)
    made = api.call("POST", "/setup", {"name": "Ada", "email": "ada@example.org", "password": PASSWORD})
    api.token = made["token"]
    ada = api.call("GET", "/me")["id"]
    bob = api.call("POST", "/users", {"name": "Bob", "email": "bob@example.org", "password": PASSWORD, "role": "dba"})["id"]
    project = api.call("POST", "/projects", {"name": "Shop", "key": "SHOP", "mode": "standard"})
    for server in servers:
        name, _, where = server.partition("=")
        host, port, user, variable = where.split(":")
        instance = api.call("POST", "/instances", {
            "name": name, "engine": "mysql", "environment": name.capitalize(), "host": host, "port": int(port), "username": user,
            "password": os.environ[variable], "tls": {"mode": "preferred"}})
        api.call("POST", f"/instances/{instance['id']}/sync", {})
        found = api.call("GET", f"/databases?instance={instance['id']}&name=test")["items"]
        for database in found:
            api.call("PATCH", f"/databases/{database['id']}", {"project": project["id"]})
    for name, person in (("ada", ada), ("bob", bob)):
        api.call("POST", "/accounts", {"name": name, "kind": "human", "user": person, "password": PASSWORD,
                                       "plugin": os.environ["DEMO_PLUGIN"]})


if __name__ == "__main__":
    main(*sys.argv[1:])
