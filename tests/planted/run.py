"""Plants each bug of bugs.py in a copy of the tree, rebuilds, and shows that the tests see it.

    run.py [--work DIR] [--only TEXT]

The copy is of the last commit; what is built there is kept in DIR, so that a second run is quick.
A bug is caught when one of CHECKS fails; they are tried in turn. Exit code 0: every bug is caught.
Minutes a bug where a header changes, so ctest does not run this.
"""

import argparse
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from bugs import BUGS

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = ("fastrsi", "fastrsi_tests", "fastrsi_levels_states")
CHECKS = (
    ("quick tests", ("-L", "quick", "-E", "^(cli: bad|fuzz:)")),
    ("levels", ("-R", "^levels:")),
    ("oracle", ("-R", "^oracle: made-up")),
)


def run(*words, **options):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)


def copy_tree(tree):
    packed = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True,
                            stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            path = tree / member.name
            if not member.isfile():
                continue
            content = archive.extractfile(member).read()
            # Untouched files keep their times, so that little is built anew.
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(member.mode)


def build(tree):
    built = run("cmake", "--build", tree / "build", "--target", *TARGETS)
    if built.returncode:
        sys.exit(f"the build failed:\n{built.stdout[-3000:]}")


def first_failure(tree):
    """The first test that fails, as "check: test"; nothing when all pass."""
    for name, chosen in CHECKS:
        tested = run("ctest", "--test-dir", tree / "build", "--stop-on-failure", "--no-tests=error",
                     "-j", os.cpu_count(), *chosen)
        if tested.returncode:
            failed = [line for line in tested.stdout.splitlines() if "***" in line]
            what = failed[0].partition(": ")[2].partition(" ..")[0].strip() if failed else "?"
            return f"{name}: {what}"
    return None


def planted(tree, changes):
    """Changes the files; returns what they held before."""
    before = {}
    for name, old, new in changes:
        path = tree / name
        text = path.read_text()
        before.setdefault(path, text)
        if text.count(old) != 1:
            sys.exit(f"{name}: {old!r} stands there {text.count(old)} times (mend bugs.py)")
        path.write_text(text.replace(old, new))
    return before


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--work", type=pathlib.Path, help="where to build (default: a new folder)")
    words.add_argument("--only", default="", help="only bugs whose sentence holds this text")
    args = words.parse_args()
    work = args.work or pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-planted-"))
    tree = work.resolve() / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    copy_tree(tree)
    configured = run("cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0",
                     "-DBUILD_TESTING=ON")
    if configured.returncode:
        sys.exit(configured.stdout)
    build(tree)
    if failure := first_failure(tree):
        sys.exit(f"without any bug: {failure} fails")
    chosen = [bug for bug in BUGS if args.only in bug[0]]
    caught = 0
    for sentence, *changes in chosen:
        before = planted(tree, changes)
        build(tree)
        failure = first_failure(tree)
        caught += failure is not None
        print(f"{'caught' if failure else 'MISSED':7} {sentence}  <- {failure or '-'}", flush=True)
        for path, text in before.items():
            path.write_text(text)
    print(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
