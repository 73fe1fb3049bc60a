#!/usr/bin/python3
"""Writes parser/keyword_use.inc: what two live servers let each keyword be.

usage: eval "$(./dev mysql status --engine mysql)"; eval "$(./dev mysql status --engine mariadb)"; make_keyword_use.py ROOT

For each word of keywords.inc both servers are asked, by oracle.py, with how many arguments it can be called without its
schema before it, and whether it can name a label, a role and the variable of a SET.
"""
import re
import sys

from oracle import Oracle

NAMES = ("CREATE PROCEDURE p() {}: BEGIN END", "CREATE ROLE {}", "SET {} = 1")
MOST = 6  # arguments; what holds for six holds for more


def questions(word):
    for count in range(MOST + 1):
        yield f"SELECT {word}({', '.join(['1'] * count)})"
    for template in NAMES:
        yield template.format(word)


def main():
    root = sys.argv[1]
    words = re.findall(r'SLUICE_KEYWORD\((\w+), "(\w+)"', open(root + "/parser/keywords.inc", encoding="utf-8").read())
    asked = [q.encode() for _, word in words for q in questions(word)]
    each = MOST + 1 + len(NAMES)
    masks = {}
    for engine in ("mysql", "mariadb"):
        oracle = Oracle(engine)
        try:
            verdicts = oracle.ask(asked)
        finally:
            oracle.close()
        for i, (kind, _) in enumerate(words):
            taken = [v["accepted"] is not False for v in verdicts[i * each:(i + 1) * each]]
            calls = sum(1 << n for n in range(MOST + 1) if taken[n])
            names = sum(1 << n for n in range(len(NAMES)) if taken[MOST + 1 + n])
            masks.setdefault(kind, []).append((calls, names))
    with open(root + "/parser/keyword_use.inc", "w", encoding="utf-8") as file:
        file.write("// What each server lets a keyword be. Written by tests/parser/oracle/make_keyword_use.py from live servers.\n"
                   "//   SLUICE_USE(kind, calls and names on MySQL, calls and names on MariaDB)\n"
                   "// Calls: bit n is set when it can be called with n arguments, bit 6 for six and more. Names: a label 1, a\n"
                   "// role 2, the variable of a SET 4.\n// clang-format off\n")
        for kind, _ in words:
            (calls, names), (maria_calls, maria_names) = masks[kind]
            file.write(f"SLUICE_USE({kind}, 0x{calls:02X}, {names}, 0x{maria_calls:02X}, {maria_names})\n")
        file.write("// clang-format on\n")


main()
