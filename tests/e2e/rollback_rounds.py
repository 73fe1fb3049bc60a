"""Random tables, random changes by several sessions, and what a database holds, for test_rollback_property.py. No test is in here.

The change is session A's. Rows belong to a session (column `own`), so that the state without the change is known: a twin database
gets everything but A's statements.
"""

import random

OWNERS = ("A", "B", "C")
TEXT = {  # character set: (Python's codec of it, characters that it has)
    "latin1": ("cp1252", "aZ0 éüß'\"\\\n%_"),
    "utf8mb4": ("utf-8", "aZ0 é漢😀'\"\\\n\r\t;"),
    "utf8mb3": ("utf-8", "bY9 ä漢'\\"),
    "ascii": ("ascii", "abc XYZ'\"\\~"),
    "gbk": ("gbk", "a 縗漢誠\\'"),
    "sjis": ("shift_jis", "a ソ能表'"),
    "big5": ("big5", "a 功許蓋'"),
    "cp1251": ("cp1251", "aжЯ\\'"),
    "utf16": ("utf-16-be", "aé漢😀'\\"),
    "utf32": ("utf-32-be", "aé漢😀'"),
    "ucs2": ("utf-16-be", "aé漢'"),
    "koi8r": ("koi8_r", "aжЯ'"),
}


def text(r, charset, most):
    codec, letters = TEXT[charset]
    value = "".join(r.choice(letters) for _ in range(r.randint(0, most)))
    return f"_{charset} 0x{value.encode(codec).hex()}" if value else "''"


def blob(r, most):
    size = r.randint(0, most)
    return "0x" + bytes(r.choice((0, 0, 39, 92, 255, r.randrange(256))) for _ in range(size)).hex() if size else "''"


def integer(bits, unsigned):
    low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return lambda r: str(r.choice((low, high, 0, r.randint(low, high), r.randint(0, 100))))


def decimal(digits, scale):
    def value(r):
        whole = "".join(r.choice("0129") for _ in range(r.randint(1, max(1, digits - scale)))) if digits > scale else "0"
        fraction = "." + "".join(r.choice("0159") for _ in range(scale)) if scale else ""
        return r.choice(("", "-")) + whole + fraction
    return value


def real(r, least, most):
    return r.choice(("0e0", "-0e0", "1e0", "0.1e0", repr(r.uniform(-1e5, 1e5)) + "e0", f"{r.choice((-1, 1)) * r.uniform(1, 9.9)}e{r.randint(least, most)}"))


def clock(r, decimals):
    sign, hours = r.choice(("", "-")), r.choice((0, r.randint(0, 838)))
    fraction = "." + "".join(r.choice("0189") for _ in range(decimals)) if decimals else ""
    return f"'{sign}{hours}:{r.randint(0, 59):02}:{r.randint(0, 58):02}{fraction}'"


def moment(r, decimals, first=1000, last=9999):
    if r.random() < 0.1:
        return "'0000-00-00 00:00:00'"
    fraction = "." + "".join(r.choice("0189") for _ in range(decimals)) if decimals else ""
    return (f"'{r.randint(first, last):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02} "
            f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}{fraction}'")


def json_value(r, mysql, depth=0):
    kind = r.randint(0, 12 if mysql else 7)
    if depth < 3 and kind in (0, 1):
        inner = ", ".join(json_value(r, mysql, depth + 1) for _ in range(r.randint(0, 4)))
        return f"JSON_ARRAY({inner})"
    if depth < 3 and kind in (2, 3):
        inner = ", ".join(f"'{key}', {json_value(r, mysql, depth + 1)}" for key in r.sample(("a", "key", "é", "x\"y", "b b"), r.randint(0, 4)))
        return f"JSON_OBJECT({inner})"
    return ("NULL", "true", str(r.randint(-2**40, 2**40)), "'t\"ext é \\\\ /'", "1.5e0", "0.1e0", "''", "'\\n'", "CAST(7 AS UNSIGNED)", "CAST('2024-02-03' AS DATE)",
            "CAST(12.50 AS DECIMAL(8,3))", "CAST('-01:02:03.5' AS TIME(6))", repr(r.uniform(-1e300, 1e300)))[kind]


def point(r):
    return f"ST_GeomFromText('{r.choice(('POINT(1 2)', 'LINESTRING(0 0, 1 1, 2 5.5)', 'POLYGON((0 0, 4 0, 4 4, 0 0))'))}')"


def uuid(r):
    digits = "".join(r.choice("0123456789abcdef") for _ in range(32))
    digits = digits[:12] + r.choice("147") + digits[13:16] + r.choice("89ab") + digits[17:]
    return f"'{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}'"


def columns_of(engine):
    """Type: (a random value's literal, the column as an expression that shows all of it)."""
    types = {}
    for name, bits in (("TINYINT", 8), ("SMALLINT", 16), ("MEDIUMINT", 24), ("INT", 32), ("BIGINT", 64)):
        types[name] = (integer(bits, False), "{}")
        types[name + " UNSIGNED"] = (integer(bits, True), "{}")
    types |= {f"DECIMAL({d},{s})": (decimal(d, s), "{}") for d, s in ((65, 30), (10, 2), (9, 0), (30, 30), (18, 9))}
    types |= {
        "FLOAT": (lambda r: real(r, -38, 38), "{} * 1e0"), "DOUBLE": (lambda r: real(r, -300, 300), "{} * 1e0"),
        "BIT(1)": (integer(1, True), "{} + 0"), "BIT(10)": (integer(10, True), "{} + 0"), "BIT(64)": (integer(64, True), "{} + 0"),
        "YEAR": (lambda r: r.choice(("0", "1901", "2155", "2024")), "{}"), "DATE": (lambda r: moment(r, 0)[:11] + "'", "{}"),
        "ENUM('a','b''c','d,e')": (lambda r: r.choice(("0", "1", "2", "3")), "{} + 0"), "ENUM('','x') NOT NULL": (lambda r: r.choice(("0", "1", "2")), "{} + 0"), "SET('x','y','z','w')": (lambda r: str(r.randint(0, 15)), "{} + 0"),
        "GEOMETRY": (point, "HEX({})"),
    }
    for decimals in (0, 1, 3, 6):
        types[f"TIME({decimals})"] = (lambda r, d=decimals: clock(r, d), "{}")
        types[f"DATETIME({decimals})"] = (lambda r, d=decimals: moment(r, d), "{}")
        types[f"TIMESTAMP({decimals}) NULL"] = (lambda r, d=decimals: moment(r, d, 1971, 2037), "{}")
    types["TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP"] = (lambda r: moment(r, 0, 1971, 2037), "{}")
    types["DATETIME(3) DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(3)"] = (lambda r: moment(r, 3), "{}")
    for charset in TEXT:
        for shape, most in (("VARCHAR(40)", 40), ("CHAR(12)", 12), ("TEXT", 300)):
            types[f"{shape} CHARACTER SET {charset}"] = (lambda r, c=charset, m=most: text(r, c, m), "HEX({})")
    types["VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] = (lambda r: text(r, "utf8mb4", 300), "HEX({})")
    types["LONGTEXT CHARACTER SET latin1"] = (lambda r: text(r, "latin1", 2000), "HEX({})")
    for shape, most in (("BINARY(8)", 8), ("BINARY(16)", 16), ("VARBINARY(300)", 300), ("TINYBLOB", 255), ("BLOB", 1000), ("MEDIUMBLOB", 2000), ("LONGBLOB", 40)):
        types[shape] = (lambda r, m=most: blob(r, m), "HEX({})")
    if engine == "mysql":
        types["JSON"] = (lambda r: f"CAST({json_value(r, True)} AS JSON)", "HEX(CAST({} AS CHAR))")
        types["VECTOR(3)"] = (lambda r: "0x" + bytes((0, 0, 128, r.randint(0, 63)) * 3).hex(), "HEX({})")
        types["POINT SRID 4326"] = (lambda r: f"ST_GeomFromText('POINT({r.randint(0, 80)} {r.randint(0, 90)})', 4326)", "HEX({})")
    else:
        types["JSON"] = (lambda r: f"JSON_COMPACT({json_value(r, False)})" if r.random() < 0.1 else f"JSON_ARRAY({json_value(r, False)})", "HEX({})")
        types |= {"UUID": (uuid, "{}"), "INET6": (lambda r: r.choice(("'::1'", "'2001:db8::'", "'ffff::ff00'")), "{}"), "INET4": (lambda r: f"'{r.randint(0, 255)}.0.{r.randint(0, 255)}.0'", "{}"),
                  "VARCHAR(300) COMPRESSED CHARACTER SET utf8mb4": (lambda r: r.choice((text(r, "utf8mb4", 300), "REPEAT('abc', 90)")), "HEX({})"),
                  "BLOB COMPRESSED": (lambda r: r.choice((blob(r, 100), "REPEAT('x', 900)")), "HEX({})")}
    return types


KEYS = ("PRIMARY KEY (id)", "PRIMARY KEY (own, id)", "PRIMARY KEY (id, own), UNIQUE KEY (k)", "PRIMARY KEY (k)", "UNIQUE KEY (k)", "KEY (id)", "")


class Table:
    def __init__(self, r, engine, name):
        self.name = name
        self.types = columns_of(engine)
        self.columns = {f"c{i}": r.choice(list(self.types)) for i in range(r.randint(1, 9))}
        self.key = r.choice(KEYS)
        self.generated = ["g1 BIGINT AS (id * 2) VIRTUAL", "g2 VARCHAR(60) CHARACTER SET utf8mb4 AS (CONCAT(k, '-', own)) STORED"] if r.random() < 0.5 else []

    def create(self):
        parts = ["id INT NOT NULL", "own VARCHAR(4) CHARACTER SET ascii NOT NULL", "k VARCHAR(30) CHARACTER SET utf8mb4 NOT NULL", *self.generated,
                 *(f"{name} {kind}" for name, kind in self.columns.items())]
        return f"CREATE TABLE {self.name} ({', '.join(parts + ([self.key] if self.key else []))}) ENGINE=InnoDB"

    def value(self, r, column):
        return "NULL" if r.random() < 0.12 else self.types[self.columns[column]][0](r)

    def show(self):
        """A query of everything in the table, in an order of its own."""
        shown = ["id", "HEX(own)", "HEX(k)", *(f"{g.split()[0]}" for g in self.generated), *(self.types[kind][1].format(name) for name, kind in self.columns.items())]
        return f"SELECT {', '.join(shown)} FROM {self.name} ORDER BY {', '.join(str(i + 1) for i in range(len(shown)))}"


class Session:
    """Makes statements about one owner's rows of the tables, with numbers from `first` on, below 100,000."""

    def __init__(self, r, own, tables, first=1):
        self.r, self.own, self.tables, self.next_id = r, own, tables, first

    def insert(self):
        table = self.r.choice(self.tables)
        rows = []
        for _ in range(self.r.choice((1, 1, 2, 5, 40))):
            values = ", ".join(self.value(table, c) for c in table.columns)
            rows.append(f"({self.next_id + OWNERS.index(self.own) * 100000}, '{self.own}', 'Key{self.own}{self.next_id}', {values})")
            self.next_id += 1
        duplicate = self.r.random() < 0.05 and len(rows) == 1 and table.key == ""
        return f"INSERT INTO {table.name} (id, own, k, {', '.join(table.columns)}) VALUES {', '.join(rows * (3 if duplicate else 1))}"

    def value(self, table, column):
        return table.value(self.r, column)

    def update(self):
        table = self.r.choice(self.tables)
        r = self.r
        if r.random() < 0.15:  # keys move through each other
            return f"UPDATE {table.name} SET id = id + 1 WHERE own = '{self.own}' ORDER BY id DESC"
        if r.random() < 0.1:
            return f"UPDATE {table.name} SET k = UPPER(k) WHERE own = '{self.own}' AND id % 2 = 0"
        some = r.sample(list(table.columns), r.randint(1, min(3, len(table.columns))))
        changes = ", ".join(f"{c} = {self.value(table, c)}" for c in some)
        json = next((c for c, kind in table.columns.items() if kind == "JSON"), None)
        if json and r.random() < 0.5 and json not in some:
            changes += f", {json} = JSON_SET({json}, '$.a', {r.randint(0, 9)}, '$.key', 'v')"
        return f"UPDATE {table.name} SET {changes} WHERE own = '{self.own}' AND id % {r.choice((1, 2, 3, 7))} = 0"

    def delete(self):
        return f"DELETE FROM {self.r.choice(self.tables).name} WHERE own = '{self.own}' AND id % {self.r.choice((3, 5, 11))} = 0"

    def statement(self):
        return self.r.choices((self.insert, self.update, self.delete), (3, 4, 2))[0]()

    def transaction(self):
        """Statements of one transaction; what is in it stays or not, as the last one says."""
        statements = [self.statement() for _ in range(self.r.randint(1, 4))]
        if self.r.random() < 0.3:
            statements[1:1] = ["SAVEPOINT s", self.statement(), "ROLLBACK TO SAVEPOINT s"]
        return ["BEGIN", *statements, self.r.choices(("COMMIT", "ROLLBACK"), (5, 1))[0]]
