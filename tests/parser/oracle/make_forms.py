#!/usr/bin/python3
"""Writes tests/parser/cases/forms.txt: statements made from every branch of the grammar, with what two live servers say.

usage: eval "$(./dev mysql status --engine mysql)"; eval "$(./dev mysql status --engine mariadb)"; make_forms.py ROOT [COUNT]

The grammar's rules are walked with branches taken in turn, those taken least first, until COUNT statements are made. The
servers judge each by oracle.py; a line is

    <MySQL><MariaDB> <class on MySQL> <class on MariaDB> <MySQL's digest> <text>

where + is taken, - a syntax error, ? left open by the server; a class or digest that is not known is `-`.
"""
import glob
import random
import re
import sys

from oracle import Oracle

WORDS = {
    "IDENT": ["a", "b", "t", "u"], "IDENT_QUOTED": ["`q`"], "TEXT_STRING": ["'x'"], "NCHAR_STRING": ["N'x'"],
    "DOLLAR_STRING": ["$$ x $$"], "UNDERSCORE_CHARSET": ["_utf8mb4"], "HOSTNAME": ["h"], "INT_NUM": ["1", "2"],
    "LONG_NUM": ["4294967296"], "ULONG_NUM": ["18446744073709551615"], "DECIMAL_NUM": ["1.5"], "FLOAT_NUM": ["1e3"],
    "HEX_NUM": ["0x41"], "BIN_NUM": ["b'1'"], "OPTIMIZER_HINT": [""], "WITH_ROLLUP": ["WITH ROLLUP"], "NULL_": ["NULL"],
    "ON_DUPLICATE": ["ON DUPLICATE"], "TEMPORAL_TEXT": ["DATE '2026-01-01'"], "DOT_DOT": [".."], "EOF": [""], "NOT2": ["!"],
    "OP_CONCAT": ["||"], "OP_QUESTION": ["1"],
}
# Rules that are long lists of words, or of which one form says enough.
FIXED = {"keywordName": "c", "identifier": "a", "statement": "SELECT 1", "programStatement": "SELECT 1", "mariaLeadingDot": "",
         "mariaNoPartitionWord": "PARTITION"}
DEPTH = 8


def tokens(root):
    spelled = dict(WORDS)
    for line in open(root + "/parser/grammar/SluiceTokens.tokens", encoding="utf-8"):
        match = re.match(r"'(.*)'=(\d+)$", line.strip())
        if match:
            spelled["#" + match.group(2)] = match.group(1)
    for line in open(root + "/parser/grammar/SluiceTokens.tokens", encoding="utf-8"):
        match = re.match(r"(\w+)=(\d+)$", line.strip())
        if match and "#" + match.group(2) in spelled:
            spelled.setdefault(match.group(1), [spelled["#" + match.group(2)]])
    return {k: v for k, v in spelled.items() if not k.startswith("#")}


def parse_rules(root):
    """Each rule as nested lists: ("alt", […]), ("seq", […]), ("opt" | "star" | "plus", node), or a name."""
    rules = {}
    for path in sorted(glob.glob(root + "/parser/grammar/*.g4")):
        text = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8").read())
        text = re.sub(r"(?s)\A.*?grammar \w+;|options \{.*?\}|tokens \{.*?\}|@[\w:]+ \{(?:[^{}]|\{[^{}]*\})*\}|import [^;]*;", "", text)
        for name, body in re.findall(r"(?s)\b([a-z]\w*)\s*:(.*?);", text):
            rules[name] = read_alt(re.findall(r"\w+|[()|?*+]", body))
    return rules


def read_alt(words):
    branches, sequence = [], []
    while words and words[0] != ")":
        word = words.pop(0)
        if word == "|":
            branches.append(("seq", sequence))
            sequence = []
            continue
        if word == "(":
            node = read_alt(words)
            words.pop(0)
        else:
            node = word
        while words and words[0] in "?*+":
            node = ({"?": "opt", "*": "star", "+": "plus"}[words.pop(0)], node)
        sequence.append(node)
    branches.append(("seq", sequence))
    return ("alt", branches) if len(branches) > 1 else branches[0]


class Maker:
    """Texts of one engine: the other's rules (their names begin with it) are not taken."""

    def __init__(self, rules, words, other, seed):
        self.rules = {name: rule for name, rule in rules.items() if not name.startswith(other)}
        self.banned = {name for name in rules if name.startswith(other)}
        self.words, self.random, self.taken = words, random.Random(seed), {}
        self.least = {}
        for _ in range(40):
            for name, node in self.rules.items():
                self.least[name] = min(self.least.get(name, 99), self.cost(node))

    def cost(self, node):
        """How deep the shallowest text of a node is."""
        if node in self.banned if isinstance(node, str) else False:
            return 99
        if isinstance(node, str):
            return 0 if node in FIXED or node in self.words or node not in self.rules else 1 + self.least.get(node, 98)
        kind, inner = node
        if kind == "alt":
            return min(self.cost(one) for one in inner)
        if kind == "seq":
            return max([self.cost(one) for one in inner], default=0)
        return self.cost(inner) if kind == "plus" else 0

    def choose(self, key, count, allowed):
        taken = self.taken.setdefault(key, [0] * count)
        least = min(taken[i] for i in allowed)
        pick = self.random.choice([i for i in allowed if taken[i] == least])
        taken[pick] += 1
        return pick

    def make(self, node, depth, where):
        if isinstance(node, str):
            if node in FIXED and depth < DEPTH:
                return FIXED[node]
            if node in self.rules:
                return self.make(self.rules[node], depth - 1, node)
            return self.random.choice(self.words.get(node, [node]))
        kind, inner = node
        if kind == "alt":
            fits = [i for i, one in enumerate(inner) if self.cost(one) < depth]
            if not fits:
                fits = [min(range(len(inner)), key=lambda i: self.cost(inner[i]))]
            return self.make(inner[self.choose((where, id(node)), len(inner), fits)], depth, where)
        if kind == "seq":
            return " ".join(filter(None, (self.make(one, depth, where) for one in inner)))
        once = self.cost(inner) < depth and self.choose((where, id(node)), 2, [0, 1])
        if kind == "plus" or once:
            return self.make(inner, depth, where)
        return ""


def statements(rules):
    """The rules of single statements: what `statement` comes to through rules that are lists of rules."""
    found, waiting = [], ["statement"]
    while waiting:
        name = waiting.pop()
        node = rules[name]
        branches = node[1] if node[0] == "alt" else [node]
        inner = [one[1][0] for one in branches if one[0] == "seq" and len(one[1]) == 1 and one[1][0] in rules]
        if len(inner) == len(branches) and len(inner) > 1:
            waiting += inner
        else:
            found.append(name)
    return sorted(found)


def main():
    root, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    rules = parse_rules(root)
    makers = [Maker(rules, tokens(root), "maria", 1), Maker(rules, tokens(root), "mysql", 2)]
    forms = statements(rules)
    texts = {}
    for turn in range(count * 3):
        maker = makers[turn % 2]
        form = forms[turn // 2 % len(forms)]
        if form in maker.banned:
            continue
        text = maker.make(form, DEPTH, "statement")
        text = re.sub(r"@ (?=[\w'`(])", "@", re.sub(r"@ @ ", "@@", text))
        text = re.sub(r" ?\. ?", ".", text)
        text = re.sub(r"(\w) \(", lambda m: m.group(1) + "(", text)
        texts.setdefault(text, None)
        if len(texts) >= count:
            break
    verdicts = {}
    for engine in ("mysql", "mariadb"):
        oracle = Oracle(engine)
        try:
            verdicts[engine] = oracle.ask([text.encode() for text in texts])
        finally:
            oracle.close()
    sign = {True: "+", False: "-", None: "?"}
    with open(root + "/tests/parser/cases/forms.txt", "w", encoding="utf-8") as file:
        file.write("# Statements from every branch of the grammar, with what MySQL 9.7 and MariaDB 10.11 say of them. Written by\n"
                   "# oracle/make_forms.py: taken by each (+, -, or ? when the server leaves it open), the class on each, MySQL's\n"
                   "# digest, the text.\n")
        for text, my, ma in zip(texts, verdicts["mysql"], verdicts["mariadb"]):
            classes = [v["class"] if v["accepted"] and v["class"] else "-" for v in (my, ma)]
            digest = my["digest"] if my["accepted"] and my["digest"] else "-"
            file.write(f"{sign[my['accepted']]}{sign[ma['accepted']]} {classes[0]} {classes[1]} {digest} {text}\n")


main()
