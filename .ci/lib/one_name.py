"""One name, one type: two types of one name in one namespace are undefined behaviour that no compiler has to report, and the linker
joins their functions. Prints each pair of places; exit status 1 when there is one."""
import collections
import pathlib
import re
import sys

TYPE = re.compile(r"^(?:struct|class|enum class|union) (\w+)(?:\s+final)?(?:\s*:(?!:)[^;{]*)?\s*\{", re.M)
NAMESPACE = re.compile(r"^namespace (sluice[\w:]*) \{", re.M)
UNNAMED = re.compile(r"^namespace \{.*?^\}  // namespace$", re.M | re.S)


def main():
    places = collections.defaultdict(list)
    for root in ("proxy", "parser", "policy", "admin", "tests", "bench"):
        for path in sorted(pathlib.Path(root).rglob("*")):
            if path.suffix not in (".h", ".cpp") or "node_modules" in path.parts:
                continue
            text = UNNAMED.sub("", path.read_text(errors="replace"))
            for space in NAMESPACE.findall(text)[:1]:
                for name in TYPE.findall(text):
                    places[space + "::" + name].append(str(path))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    for name, found in twice.items():
        print(f"{name} is defined in {' and in '.join(found)}: give one of them another name, or put it in an unnamed namespace")
    return 1 if twice else 0


sys.exit(main())
