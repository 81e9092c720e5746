#!/usr/bin/env python3
"""Writes each program's and each library's sources as one file, for a linter that spends its time on their headers.

clang-tidy takes 5 s for a file, nearly all of it for what the file includes; joined, 46 files take 20 s. The texts stand
one after another in the main file, so that checks and warnings that look at no other see each. Two things differ from
files alone, and are looked at elsewhere: a using-declaration counts as used when another file says the name (.ci/run
lints those files alone, too), and an include that one file lacks another may bring (the release build compiles every
file of libraries and tools alone).

Names of unnamed namespaces must not repeat within a library (tests/layering_test.py says so in a second).
Usage: .ci/join.py BUILD OUT    BUILD: a tree that cmake has configured with clang. Prints OUT's files, largest first.
       .ci/join.py --names      Copies stdin to stdout, with the names and lines of sources for those of joined files.
"""

import json
import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALONE = {"bench/allocations.cpp"}  # replaces functions that headers behind it declare


def command_of(entry):
    """(target, flags) of a compile command: what can be joined has both in common."""
    words = shlex.split(entry["command"])
    out = words.index("-o")
    target = words[out + 1].split(".dir/")[0]
    kept = words[:out] + words[out + 2:]
    first = 1 if "ccache" in os.path.basename(kept[0]) else 0
    return target, tuple(word for word in kept[first:] if word not in ("-c", entry["file"]))


def groups_of(entries):
    """Every source of the tree once, under the first target that has it."""
    groups, seen = {}, set()
    for entry in entries:
        path = Path(entry["file"])
        is_ours = path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build")
        if is_ours and path not in seen:
            seen.add(path)
            own = path if str(path.relative_to(ROOT)) in ALONE else None
            groups.setdefault((entry["directory"], *command_of(entry), own), []).append(path)
    return groups


def main(build, out):
    out.mkdir(parents=True, exist_ok=True)
    commands = []
    entries = json.loads((build / "compile_commands.json").read_text())
    for (directory, target, flags, _), paths in groups_of(entries).items():
        joined = out / f"{target.replace('/CMakeFiles/', '_').replace('/', '_')}_{len(commands)}.cpp"
        joined.write_text("".join(f'#line 1 "{path}"\n{path.read_text()}\n' for path in sorted(paths)))
        commands.append({"file": str(joined), "directory": directory, "arguments": [*flags, "-c", str(joined)]})
    (out / "compile_commands.json").write_text(json.dumps(commands, indent=1))
    for command in sorted(commands, key=lambda command: -os.path.getsize(command["file"])):
        print(command["file"])


def source_of(match):
    """What a joined file's `NAME:LINE:` was in its source: by the last #line before it."""
    before = Path(match[1]).read_text().splitlines()[:int(match[2])]
    for back, line in enumerate(reversed(before)):
        if line.startswith("#line 1 "):
            return f"{line[9:-1]}:{back}:"
    return match[0]


def names():
    for line in sys.stdin:
        sys.stdout.write(re.sub(r"^(/\S*/joined/\w+\.cpp):(\d+):", source_of, line))


if __name__ == "__main__":
    if sys.argv[1:] == ["--names"]:
        names()
    else:
        main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
