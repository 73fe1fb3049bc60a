#!/usr/bin/python3
"""Holds `sluice classify` to the verdicts that oracle.py printed.

usage: agree.py SLUICE VERDICTS.jsonl [--engine mysql|mariadb] [--show N]

Counts agreement on acceptance, class and digest, and prints the first N disagreements of each kind. Exit status 1 when a
statement that the server takes for a change is classed as read, session or transaction here.
"""
import argparse
import collections
import json
import subprocess
import sys

HARMLESS = {"read", "session", "transaction"}
CHANGES = ("create_", "alter_", "drop_", "insert", "update", "delete", "replace", "truncate", "rename_", "grant", "revoke",
           "load", "call_procedure", "shutdown", "install_", "uninstall_")
# Temporary tables are of the session: the group of these two depends on a word.
OF_SESSION = {"create_table", "drop_table", "create_index", "drop_index", "alter_table"}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sluice")
    options.add_argument("verdicts")
    options.add_argument("--show", type=int, default=20)
    options.add_argument("--schema", default="oracle")
    options.add_argument("--engine", choices=("mysql", "mariadb"), default="mysql")
    given = options.parse_args()
    verdicts = [json.loads(line) for line in open(given.verdicts, encoding="utf-8")]
    context = {"schema": given.schema}
    if given.engine == "mariadb":
        context |= {"engine": "mariadb", "server_version": 101119}
    asked = "".join(json.dumps({"sql": v["sql"], **context}) + "\n" for v in verdicts)
    answers = subprocess.run([given.sluice, "classify"], input=asked, capture_output=True, text=True, check=True)
    wrong, totals = collections.defaultdict(list), collections.Counter()
    dangerous = []
    for verdict, line in zip(verdicts, answers.stdout.splitlines(), strict=True):
        ours = json.loads(line)
        first = ours["statements"][0] if ours["statements"] else {}
        if (verdict["class"] or "").startswith(CHANGES) and verdict["accepted"] and ours["group"] in HARMLESS:
            # The plan of a change changes nothing.
            plan = verdict["sql"].lstrip().upper().startswith(("EXPLAIN", "DESC"))
            if not plan and not (verdict["class"] in OF_SESSION and "TEMPORARY" in verdict["sql"].upper()):
                dangerous.append(verdict["sql"])
        if verdict["accepted"] is None:
            continue
        totals["accepted"] += 1
        if ours["accepted"] != verdict["accepted"]:
            wrong["accepted"].append((verdict["accepted"], verdict["sql"], (ours.get("error") or {}).get("near")))
            continue
        if not verdict["accepted"]:
            continue
        for key in ("class", "digest"):
            # MariaDB's digests are others, and neither server keeps one of PREPARE and EXECUTE.
            if not verdict[key] or (key == "digest" and given.engine == "mariadb"):
                continue
            totals[key] += 1
            if first.get(key) != verdict[key]:
                wrong[key].append((verdict[key], verdict["sql"], first.get(key)))
    for key, total in totals.items():
        print(f"{key}: {total - len(wrong[key])} of {total} agree ({100 * (total - len(wrong[key])) / total:.3f} %)")
        for theirs, sql, mine in wrong[key][:given.show]:
            print(f"  {theirs} here {mine}: {sql[:200]}")
    for sql in dangerous:
        print(f"DANGEROUS: {sql[:200]}")
    return 1 if dangerous else 0


if __name__ == "__main__":
    sys.exit(main())
