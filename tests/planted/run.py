"""Plants each bug of bugs.py in a copy of the tree, rebuilds, and shows that the tests see it.

    run.py [--work DIR] [--only TEXT] [--tree DIR] [--at-once]

A bug is caught when one of CHECKS fails; they are tried in turn. Exit code 0: every bug is caught.
Minutes a bug where a header changes, so ctest does not run this.
"""

import os
import sys

import planting
from bugs import BUGS

TARGETS = ("fastrsi", "fastrsi_tests", "fastrsi_levels_states")
CHECKS = (
    ("quick tests", ("-L", "quick", "-E", "^(cli: bad|fuzz:)")),
    ("levels", ("-R", "^levels:")),
    ("oracle", ("-R", "^oracle: made-up")),
)


def first_failure(tree):
    """The first test that fails, as "check: test"; nothing when all pass."""
    for name, chosen in CHECKS:
        tested = planting.run("ctest", "--test-dir", tree / "build", "--stop-on-failure",
                              "--no-tests=error", "-j", os.cpu_count(), *chosen)
        if tested.returncode:
            return f"{name}: {planting.failed_test(tested.stdout) or '?'}"
    return None


def main():
    args = planting.arguments(__doc__.splitlines()[0])
    tree = planting.prepare(args, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    return planting.plant_each(args, tree, BUGS, TARGETS, first_failure)


if __name__ == "__main__":
    sys.exit(main())
