"""Plants each bug of planted.py in a copy of the tree, rebuilds, and shows that it is seen: by a
quick suite of the crash harness, or by the tests of the journal and the socket.

    planted_run.py [--work DIR] [--from N] [--only TEXT] [--tree DIR] [--at-once]

Exit code 0: every bug is caught. A minute a bug, so ctest does not run this.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from planted import BUGS

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "planted"))

import planting  # noqa: E402

# In turn, until one fails: the tests of the journal and the socket take a minute, the rest many.
SUITE = (
    ("ctest", "^(journal|recorder|local socket|socket|state|restart|cli: (the service goes on|dead letters))"),
    ("crash_loop.py", "--points", "--points-max", "10"),
    ("crash_loop.py", "--kills", "40"),
    ("crash_loop.py", "--kills", "40", "--shards", "2", "--seed", "101", "--capture", "made-up"),
    ("restart_points.py", "--points", "10"),
    ("faults.py", "--to", "10", "--no-mount"),
)


def memory():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def build_shim(tree):
    shim = tree.parent / "shim.so"
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-fPIC", "-shared",
                    "-fvisibility=hidden", f"-I{planting.ROOT}", "-o", shim,
                    *HERE.glob("shim*.cpp")], check=True)
    return shim


def suite_failure(tree, shim):
    """The first part of the suite that fails, with its first word on it; nothing when all pass."""
    for script, *words in SUITE:
        if script == "ctest":
            planting.build(tree, "fastrsi_tests")
            done = planting.run("ctest", "--test-dir", tree / "build", "--stop-on-failure", "-j", 2,
                                "--no-tests=error", "-R", *words, "-E", "^crash:")
            told = planting.failed_test(done.stdout)
        else:
            with tempfile.TemporaryDirectory(prefix="fastrsi-planted-", dir=memory()) as folder:
                done = planting.run(sys.executable, HERE / script, tree / "build" / "fastrsi",
                                    "--shim", shim, "--folder", folder, "--jobs", 1, *words)
            told = next((line.strip() for line in done.stdout.splitlines()
                         if line.startswith("  ")), None)
        if done.returncode:
            return f"{script} {' '.join(words)}: {(told or done.stdout.strip()[-160:])[:160]}"
    return None


def main():
    args = planting.arguments(__doc__.splitlines()[0])
    os.nice(5)
    tree = planting.prepare(args, "-DCMAKE_BUILD_TYPE=Release")
    shim = build_shim(tree)
    return planting.plant_each(args, tree, BUGS, ("fastrsi",),
                               lambda planted: suite_failure(planted, shim))


if __name__ == "__main__":
    sys.exit(main())
