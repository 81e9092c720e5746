"""Plants each bug of canary_bugs.py in a copy of the tree, rebuilds, and shows that a secret is then seen
to leave.

    canary_run.py [--work DIR] [--only TEXT] [--tree DIR] [--at-once]

Exit code 0: every bug is caught. A minute a bug, so ctest does not run this.
"""

import os
import sys

import planting
from canary_bugs import BUGS


def failure_of(tree):
    """The first test that fails, by its name; nothing when all pass."""
    tested = planting.run(sys.executable, tree / "tests" / "cli" / "canary_test.py", tree / "build" / "fastrsi",
                          "--failfast")
    if tested.returncode == 0:
        return None
    told = [line for line in tested.stdout.splitlines() if line.startswith(("FAIL:", "ERROR:", "AssertionError:"))]
    return " ".join(line[:110] for line in told) or "?"


def main():
    args = planting.arguments(__doc__.splitlines()[0])
    os.nice(5)
    tree = planting.prepare(args, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    return planting.plant_each(args, tree, BUGS, ("fastrsi",), failure_of)


if __name__ == "__main__":
    sys.exit(main())
