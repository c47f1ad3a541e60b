"""Reduces symbol graphs to sorted lists of declarations: api-list.py GRAPHS LISTS [--update or ''] LIBRARY...

Called by scripts/check-api.
"""

import difflib
import glob
import json
import os
import sys

graphs, lists, mode, *libraries = sys.argv[1:]
# Every type has these unless it says otherwise, and the compiler lists them or not as it likes.
implied = {"Copyable", "Escapable", "BitwiseCopyable", "SendableMetatype"}


def lines(library):
    """The declarations of a library, a line each."""
    names, found = {}, set()
    # Extensions of other modules' types have graphs of their own: ZeroRPC@Swift.symbols.json.
    for path in glob.glob(f"{graphs}/{library}.symbols.json") + glob.glob(f"{graphs}/{library}@*.symbols.json"):
        graph = json.load(open(path, encoding="utf-8"))
        for symbol in graph["symbols"]:
            name = ".".join(symbol["pathComponents"])
            names[symbol["identifier"]["precise"]] = name
            if symbol["kind"]["identifier"] == "swift.extension":
                continue
            declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
            if any(item.get("isUnconditionallyDeprecated") for item in symbol.get("availability", [])):
                declaration += " (deprecated)"
            found.add(f"{name}: {' '.join(declaration.split())}")
        for relation in graph["relationships"]:
            if relation["kind"] != "conformsTo" or relation["source"] not in names:
                continue
            target = relation.get("targetFallback") or names.get(relation["target"], "")
            if target.split(".")[-1] not in implied:
                found.add(f"{names[relation['source']]}: conforms to {target}")
    return sorted(found)


failed = False
os.makedirs(lists, exist_ok=True)
for library in libraries:
    path = f"{lists}/{library}.txt"
    current = [f"{line}\n" for line in lines(library)]
    recorded = open(path, encoding="utf-8").readlines() if os.path.exists(path) else []
    if mode == "--update":
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(current)
    elif current != recorded:
        failed = True
        changed = difflib.unified_diff(recorded, current, path, f"{library}, as built now", n=0)
        sys.stdout.writelines(changed)
for path in glob.glob(f"{lists}/*.txt"):
    if os.path.basename(path)[: -len(".txt")] in libraries:
        continue
    if mode == "--update":
        os.remove(path)
    else:
        failed = True
        print(f"{path}: there is no such library any more")
if failed:
    sys.exit(
        "check-api: the public API is not what Documentation/API records. If the change is meant, run\n"
        "  scripts/check-api --update\n"
        "commit the lists, and say in the commit whether callers must change: a line that is gone or changed breaks them."
    )
print(f"check-api: {'recorded' if mode == '--update' else 'unchanged:'} {', '.join(libraries)}")
