"""What every run of planted bugs does: copies the tree, plants each bug there, rebuilds, and asks
whether the tests see it.

A bug is a sentence and its changes: (file, what stands there once, what stands there instead).
"""

import argparse
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = {"build", ".git", "__pycache__"}


def run(*words, **options):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)


def arguments(sentence):
    words = argparse.ArgumentParser(description=sentence)
    words.add_argument("--work", type=pathlib.Path, help="where to build (default: a new folder)")
    words.add_argument("--tree", type=pathlib.Path, help="a folder to copy (default: the commit)")
    words.add_argument("--only", default="", help="only bugs whose sentence holds this text")
    words.add_argument("--from", type=int, default=1, dest="first", metavar="N",
                       help="begin with the N-th bug of the list")
    words.add_argument("--at-once", action="store_true", help="do not test the whole tree first")
    return words.parse_args()


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


def prepare(args, *definitions):
    """The copy, configured; what is built there is kept in the work folder for a second run."""
    work = args.work or pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-planted-"))
    tree = work.resolve() / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    copy_tree(tree, standing(args.tree.resolve()) if args.tree else committed())
    configured = run("cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja",
                     "-DBUILD_TESTING=ON", *definitions)
    if configured.returncode:
        sys.exit(configured.stdout)
    return tree


def build(tree, *targets):
    built = run("cmake", "--build", tree / "build", "--target", *targets)
    if built.returncode:
        sys.exit(f"the build failed:\n{built.stdout[-3000:]}")


def failed_test(told):
    """The first test that ctest says has failed; nothing when none has."""
    failed = [line for line in told.splitlines() if "***" in line]
    return failed[0].partition(": ")[2].partition(" ..")[0].strip() if failed else None


def plant(tree, changes):
    """Changes the files; returns what they held before."""
    before = {}
    for name, old, new in changes:
        path = tree / name
        text = path.read_text()
        before.setdefault(path, text)
        if text.count(old) != 1:
            sys.exit(f"{name}: {old!r} stands there {text.count(old)} times (mend the list of bugs)")
        path.write_text(text.replace(old, new))
    return before


def plant_each(args, tree, bugs, targets, failure_of):
    """Plants, builds and judges one bug after the other; the exit code: 0 when each is caught."""
    build(tree, *targets)
    if not args.at_once and (failure := failure_of(tree)):
        sys.exit(f"without any bug: {failure}")
    chosen = [bug for bug in bugs[args.first - 1:] if args.only in bug[0]]
    caught = 0
    for sentence, *changes in chosen:
        before = plant(tree, changes)
        build(tree, *targets)
        failure = failure_of(tree)
        caught += failure is not None
        print(f"{'caught' if failure else 'MISSED':7} {sentence}  <- {failure or '-'}", flush=True)
        for path, text in before.items():
            path.write_text(text)
    print(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1
