"""Plants each bug of planted.py in a copy of the tree, rebuilds, and shows that it is seen: by a
quick suite of the crash harness, or by the tests of the journal and the socket.

    planted_run.py [--work DIR] [--only TEXT] [--tree DIR] [--at-once]

The copy is of the last commit, or with --tree of that folder as it stands; what is built there is
kept in the work folder, so that a second run is quick. Exit code 0: every bug is caught. Minutes a
bug, so ctest does not run this.
"""

import argparse
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from planted import BUGS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LEFT_OUT = {"build", ".git", "__pycache__"}
# In turn, until one fails: the quickest and most telling first.
SUITE = (
    ("crash_loop.py", "--points", "--points-max", "10"),
    ("crash_loop.py", "--kills", "40"),
    ("crash_loop.py", "--kills", "40", "--shards", "2", "--seed", "101"),
    ("restart_points.py", "--points", "10"),
    ("faults.py", "--to", "10", "--no-mount"),
    ("ctest", "^(journal|local socket|socket|state|restart)"),
)


def run(*words, **options):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)


def committed():
    packed = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True,
                            stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            if member.isfile():
                yield member.name, archive.extractfile(member).read(), member.mode


def standing(folder):
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT & set(name.parts):
            yield name, path.read_bytes(), path.stat().st_mode & 0o777


def copy_tree(tree, files):
    for name, content, mode in files:
        path = tree / name
        # Untouched files keep their times, so that little is built anew.
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)


def build(tree, target):
    built = run("cmake", "--build", tree / "build", "--target", target)
    if built.returncode:
        sys.exit(f"the build failed:\n{built.stdout[-3000:]}")


def memory():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def suite_failure(tree, shim):
    """The first part of the suite that fails, with its first word on it; nothing when all pass."""
    for script, *words in SUITE:
        if script == "ctest":
            build(tree, "fastrsi_tests")
            done = run("ctest", "--test-dir", tree / "build", "--stop-on-failure", "-j", 2,
                       "--no-tests=error", "-R", *words, "-E", "^crash:")
            told = [line for line in done.stdout.splitlines() if "***" in line]
        else:
            with tempfile.TemporaryDirectory(prefix="fastrsi-planted-", dir=memory()) as folder:
                done = run(sys.executable, HERE / script, tree / "build" / "fastrsi", "--shim",
                           shim, "--folder", folder, *words)
            told = [line for line in done.stdout.splitlines() if line.startswith("  ")]
        if done.returncode:
            why = told[0].strip()[:160] if told else done.stdout.strip()[-160:]
            return f"{script} {' '.join(words)}: {why}"
    return None


def plant(tree, changes):
    """Changes the files; returns what they held before."""
    before = {}
    for name, old, new in changes:
        path = tree / name
        text = path.read_text()
        before.setdefault(path, text)
        if text.count(old) != 1:
            sys.exit(f"{name}: {old!r} stands there {text.count(old)} times (mend planted.py)")
        path.write_text(text.replace(old, new))
    return before


def prepare(work, given):
    tree = work.resolve() / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    copy_tree(tree, standing(given.resolve()) if given else committed())
    configured = run("cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=ON")
    if configured.returncode:
        sys.exit(configured.stdout)
    build(tree, "fastrsi")
    return tree


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--work", type=pathlib.Path, help="where to build (default: a new folder)")
    words.add_argument("--tree", type=pathlib.Path, help="a folder to copy (default: the commit)")
    words.add_argument("--only", default="", help="only bugs whose sentence holds this text")
    words.add_argument("--at-once", action="store_true", help="do not test the whole tree first")
    args = words.parse_args()
    os.nice(5)
    work = args.work or pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-planted-"))
    tree = prepare(work, args.tree)
    shim = work.resolve() / "shim.so"
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-fPIC", "-shared",
                    "-fvisibility=hidden", f"-I{ROOT}", "-o", shim, *HERE.glob("shim*.cpp")],
                   check=True)
    if not args.at_once and (failure := suite_failure(tree, shim)):
        sys.exit(f"without any bug: {failure}")
    chosen = [bug for bug in BUGS if args.only in bug[0]]
    caught = 0
    for sentence, *changes in chosen:
        before = plant(tree, changes)
        build(tree, "fastrsi")
        failure = suite_failure(tree, shim)
        caught += failure is not None
        print(f"{'caught' if failure else 'MISSED':7} {sentence}  <- {failure or '-'}", flush=True)
        for path, text in before.items():
            path.write_text(text)
    print(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
