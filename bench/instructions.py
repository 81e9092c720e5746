#!/usr/bin/env python3
"""Counts instructions a message under callgrind: G1 and G4 in a form that does not drift with the machine's mood.

    instructions.py PROGRAM            for ctest: exit code 1 when a goal is missed, 77 without valgrind
    instructions.py --table PROGRAM    rows for the benchmarks' table: exit code 0

PROGRAM is fastrsi_bench_count. Each mode runs twice, with no message and with many; the difference is the messages'
own cost. simdjson's kernel is fixed, so that every machine with AVX2 counts alike. Python's standard library only.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

MESSAGES = 20_000
KERNEL = "haswell"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE

# Figure, question, mode, mode it is compared with, goal (at most).
GOALS = [
    ("G1", "whole pipeline / simdjson-only parse, instructions", "graph", "parse", 1.20),
    ("G4", "flow graph / direct calls, instructions", "graph", "plain", 1.08),
]


def instructions(program, mode, messages):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, mode, str(messages)]
    environment = {**os.environ, "SIMDJSON_FORCE_IMPLEMENTATION": KERNEL}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or collected is None:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return int(collected[1])


def per_message(program, mode):
    return (instructions(program, mode, MESSAGES) - instructions(program, mode, 0)) / MESSAGES


def row(figure, question, ratio, goal, ours, other):
    verdict = "ok" if ratio <= goal else "MISSED"
    return f"{figure:<5}{question:<52}{ratio:>8.2f}  {f'<= {goal:.2f}':<9}{verdict:<8}{ours:>8.0f}{other:>10.0f}"


def main(arguments):
    as_table = arguments[:1] == ["--table"]
    if len(arguments) != (2 if as_table else 1):
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("skipped: no valgrind")
        return 0 if as_table else SKIPPED
    modes = sorted({mode for _, _, mode, other, _ in GOALS for mode in (mode, other)})
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        counts = dict(zip(modes, pool.map(lambda mode: per_message(arguments[-1], mode), modes)))
    missed = False
    for figure, question, mode, other, goal in GOALS:
        ratio = counts[mode] / counts[other]
        missed = missed or ratio > goal
        print(row(figure, question, ratio, goal, counts[mode], counts[other]))
    return 1 if missed and not as_table else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
