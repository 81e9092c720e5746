"""Plants each bug of delivery_bugs.py in a copy of the tree, rebuilds, and shows that the random
runs of the delivery engine see it.

    delivery_run.py [--work DIR] [--only TEXT] [--tree DIR] [--at-once] [--all-tests]

Exit code 0: every bug is caught. With --all-tests the other tests of the engine may catch it too.
"""

import os
import sys

import planting
from delivery_bugs import BUGS

RUNS = 3000
RANDOM = "delivery: the invariants hold over random runs with crashes"


def main():
    words = [word for word in sys.argv[1:] if word != "--all-tests"]
    chosen = RANDOM if len(words) == len(sys.argv) - 1 else "[delivery]~[slow]"
    sys.argv[1:] = words
    args = planting.arguments(__doc__.splitlines()[0])

    def failure(tree):
        tested = planting.run(tree / "build" / "fastrsi_tests", chosen,
                              env={**os.environ, "FASTRSI_DELIVERY_RUNS": str(RUNS)}, cwd=tree)
        if tested.returncode == 0:
            return None
        lines = [line.strip() for line in tested.stdout.splitlines()]
        said = [line for line in lines if line[:1] == "I" and line[1:2].isdigit()]
        return (said or lines[-3:] or ["?"])[0]

    tree = planting.prepare(args, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1")
    return planting.plant_each(args, tree, BUGS, ("fastrsi_tests",), failure)


if __name__ == "__main__":
    sys.exit(main())
