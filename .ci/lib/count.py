"""Sums up what a run of ./dev test left in its results folder: count.py RESULTS CI [FAILED_STEP...].

A program of gtest counts by its cases, any other ctest entry as one; pytest and vitest count by their cases. A program that ended
badly without a failed case (a sanitizer's report, a crash) and a failed step that left no failed case count as one failure each.
Prints the failures, then one line alone: `N passed, N failed, N skipped`. Exit status 1 when something failed; with CI=true also when a
skip says that a server could not be had.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped, self.notes = 0, 0, 0, []

    def case(self, where, case):
        name = f"{where}: {case.get('classname', '')}.{case.get('name', '')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            self.failed += 1
            self.notes.append(f"FAILED {name}")
            return False
        if skipped is not None or case.get("result") == "skipped" or case.get("status") in ("disabled", "notrun"):
            self.skipped += 1
            self.notes.append(f"skipped {name}: {skipped.get('message', '') if skipped is not None else ''}")
        else:
            self.passed += 1
        return True


def cases(path):
    return list(xml.parse(path).getroot().iter("testcase"))


def count_preset(count, folder):
    for entry in cases(folder / "ctest.junit"):
        report = folder / f"{entry.get('name')}_tests.xml"
        if not report.exists():
            count.case(folder.name, entry)
            continue
        clean = all([count.case(folder.name, case) for case in cases(report)])
        if clean and entry.get("status") == "fail":
            count.failed += 1
            count.notes.append(f"FAILED {folder.name}: {entry.get('name')}_tests ended badly after its last case")


def main(results, ci, failed_steps):
    count = Count()
    checks = results / "checks"
    for line in checks.read_text().splitlines() if checks.exists() else []:
        count.passed += line == "passed"
        count.failed += line == "failed"
        if line.startswith("skipped "):
            count.skipped += 1
            count.notes.append(line)
    for junit in sorted(results.glob("*/ctest.junit")):
        count_preset(count, junit.parent)
    for junit in sorted(results.glob("*.junit")):
        for case in cases(junit):
            count.case(junit.stem, case)
    for step in failed_steps:
        count.notes.append(f"FAILED step: {step}")
    if failed_steps and not count.failed:
        count.failed += len(failed_steps)
    missing = [note for note in count.notes if note.startswith("skipped") and "cannot be had" in note]
    if ci and missing:
        count.failed += 1
        count.notes.append("FAILED: in CI a test may not be skipped for want of a server or a client")
    print(*count.notes, sep="\n", end="\n" if count.notes else "")
    print(f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2] == "true", sys.argv[3:]))
