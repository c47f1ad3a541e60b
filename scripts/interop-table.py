"""Prints the rows that the interop tests have written as a table: interop-table.py FILE.

Ends with status 1 when a case failed, and when there is none.
"""
import json
import os
import sys

COLUMNS = ("case", "Swift is", "peer", "expected", "seen")
LIMITS = (86, 14, 14, 52, 52)


def rows(path):
    if not os.path.exists(path):
        return []
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def cell(text, width):
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def main(path):
    cases = sorted(rows(path), key=lambda row: (row["order"], row["role"], row["peer"]))
    if not cases:
        print("no case ran", file=sys.stderr)
        return 1
    lines = []
    for row in cases:
        values = (row["title"], row["role"], row["peer"], row["expected"], row["seen"])
        lines.append([cell(value, limit) for value, limit in zip(values, LIMITS)])
    widths = [max(len(line[i]) for line in lines + [list(COLUMNS)]) for i in range(len(COLUMNS))]

    def show(mark, values):
        print((mark + "  " + "  ".join(v.ljust(w) for v, w in zip(values, widths))).rstrip())

    show(" ", COLUMNS)
    area = None
    for row, line in zip(cases, lines):
        if row["area"] != area:
            area = row["area"]
            print("\n" + area)
        show("✘" if not row["passed"] else "*" if row.get("reference") else " ", line)
        if row.get("reference"):
            print("     the reference: " + row["reference"])
        if not row["passed"]:
            print("     expected " + row["expected"] + "\n     saw      " + row["seen"])

    failed = [row for row in cases if not row["passed"]]
    marked = [row for row in cases if row.get("reference")]
    print("\n* The reference fails here; expected and seen are what Swift does instead.")
    print("%d cases, %d passed, %d failed; in %d of them the reference fails." % (
        len(cases), len(cases) - len(failed), len(failed), len(marked)))
    if not any(row["peer"] == "zerorpc-python" for row in cases):
        print("no case with zerorpc-python ran: is there a Python with zerorpc?", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
