"""Plants each bug of planted.py in a copy of the tree, rebuilds, and shows that a test sees it.

    planted_run.py [--work DIR] [--only TEXT] [--tree DIR] [--at-once]

Exit code 0: every bug is caught. Half a minute a bug, so ctest does not run this.
"""

import os
import pathlib
import sys

from planted import BUGS

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "planted"))

import planting  # noqa: E402

TESTS = ("local_test.py", "http_test.py", "smtp_test.py", "smtp_tls_test.py")


def failure_of(tree):
    """The first test that fails, by its name; nothing when all pass."""
    for script in TESTS:
        tested = planting.run(sys.executable, tree / "tests" / "transport" / script,
                              tree / "build" / "fastrsi_send", "--failfast")
        if tested.returncode not in (0, 77):
            told = [line for line in tested.stdout.splitlines() if line.startswith(("FAIL:", "ERROR:"))]
            return f"{script} {told[0] if told else '?'}"[:160]
    return None


def main():
    args = planting.arguments(__doc__.splitlines()[0])
    os.nice(5)
    tree = planting.prepare(args, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    return planting.plant_each(args, tree, BUGS, ("fastrsi_send",), failure_of)


if __name__ == "__main__":
    sys.exit(main())
