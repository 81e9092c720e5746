"""Lets the disk fail under the service: it goes on, says so, and afterwards nothing is missing.

    faults.py PROGRAM --from 1 --to 200               each class, error and call, once and until
                                                      mended, with a journal that is there already
                                                      and (the first calls) with none
    faults.py PROGRAM --fault write:17:EIO:*:grown    one of them
    faults.py PROGRAM --no-mount                 without the really small file system

What fails: writes, syncs and truncations of the state folder, by ENOSPC and EIO. `*` fails until
the trouble has been said on stderr, and is then mended. A service that says in one line why it does
not begin at all has done well, too. Exit code 1 at the first fault.
"""

import os
import re
import subprocess
import sys
import threading

import captures
import session
from consumer import Fault
from session import Figures, Kind

CASES = (("write", "ENOSPC"), ("write", "EIO"), ("sync", "EIO"), ("sync", "ENOSPC"),
         ("truncate", "EIO"), ("truncate", "ENOSPC"))
# The process id in the lock file: a word for people, which nothing waits for.
HARMLESS = {("write", 1), ("truncate", 1)}
NEW_CALLS = 40  # of a service without a journal: making it takes no more
REFUSAL = re.compile(r"fastrsi: .*(cannot|could not) .*\(.+\)$")
DEGRADED = re.compile("wait in memory")
TROUBLE = re.compile(r"no space|disk|full|input/output|i/o|cannot|fail|damaged|aside", re.I)
SMALL_BYTES, LARGE_BYTES = "400k", "256m"

bench = None
args = None


class Watch(threading.Thread):
    """Follows stderr; `said` is set at the first line that tells of trouble of this kind."""

    def __init__(self, path, pattern):
        super().__init__(daemon=True)
        self.path = path
        self.pattern = pattern
        self.text = ""
        self.ended = threading.Event()
        self.said = threading.Event()
        self.on_trouble = lambda: None

    def run(self):
        with open(self.path, encoding="utf-8", errors="replace") as lines:
            while True:
                over = self.ended.is_set()
                text = lines.read()
                self.text += text
                if self.pattern.search(self.text) and not self.said.is_set():
                    self.said.set()
                    self.on_trouble()
                if over and not text:
                    return
                self.ended.wait(0.002)

    def close(self):
        self.ended.set()
        self.join()


def lived_through(one, run, mend, pattern=TROUBLE):
    """Lets a run with trouble come to its end, mending when it is said. Returns what it said."""
    before = one.consumer.last
    watch = Watch(run.errors, pattern)
    watch.on_trouble = mend
    watch.start()
    try:
        if not run.ended_within(session.HANG_SECONDS):
            run.kill()
            raise Fault(f"the service did not end within {session.HANG_SECONDS} s; it said "
                        f"{run.errors.read_text(errors='replace')[-500:]!r}")
    finally:
        watch.close()
    code = run.process.returncode
    run.settle()
    refused = code == 1 and REFUSAL.match(watch.text.strip()) and one.consumer.last == before
    if code not in (0, 3) and not refused:
        raise Fault(f"exit code {code}; it said {watch.text[-500:]!r}")
    watch.refused = bool(refused)
    return watch


def fault_session(fault):
    """Returns (fault, findings, was it met, was the start refused, what was said)."""
    notes = [False, False, ""]
    found = session.guarded(run_fault, fault, notes)
    return fault, found, *notes


def run_fault(fault, notes):
    name, n, error, times, begun = fault
    kind = Kind(args.capture, args.shards, "5ms")
    # What waits in memory only is shown all the same, so it need not be in the journal yet.
    with bench.session(kind, strict=False) as one:
        if begun == "grown":
            first = one.start()
            one.consumer.wait_for(1, session.HANG_SECONDS)
            first.kill()
        one.watched = f"{one.state}/"
        run = one.start(f"fail:{name}:{n}:{error}:{times}")
        watch = lived_through(one, run, (one.base / "healed").touch)
        calls = one.calls()
        notes[0] = calls[name] >= n
        notes[1] = watch.refused
        notes[2] = watch.text
        one.run_out()
        one.drain()
        found = one.findings()
        found.faults += bad_manners(fault, calls, watch)
        one.faulty = bool(found.faults)
        return found


def bad_manners(fault, calls, watch):
    """What no comparison of journals shows."""
    name, n = fault[:2]
    must_say = name in args.must_say.split(",") and (name, n) not in HARMLESS
    if calls[name] >= n and must_say and not watch.said.is_set():
        yield f"nothing of the trouble was said: {watch.text[-300:]!r}"
    if watch.refused:
        return
    if calls["tainted"]:
        yield f"{calls['tainted']} changes to a file whose fsync had failed"
    if calls["commit"] == 0:
        yield "the journal has no write-ahead log"


def faults():
    calls = bench.undisturbed(Kind(args.capture, args.shards, "5ms")).calls
    for name, error in CASES:
        for n in range(args.first, min(args.last, calls[name]) + 1):
            for begun in ("new", "grown") if n <= NEW_CALLS else ("grown",):
                for times in ("1", "*"):
                    yield name, n, error, times, begun


def mount(folder, words):
    done = subprocess.run(["mount", *words, folder], capture_output=True, text=True)
    return done.returncode == 0, done.stderr.strip()


def small_disk(is_mended, notes):
    """A file system that is really full, and grows when that is said, or only before the next
    start. A note, and nothing found, when it may not be mounted."""
    kind = Kind(args.capture, args.shards, "5ms")
    with bench.session(kind, strict=False) as one:
        one.state.mkdir(mode=0o700)
        good, why = mount(one.state, ["-t", "tmpfs", "-o", f"size={SMALL_BYTES},mode=0700",
                                      "tmpfs"])
        if not good:
            notes.append(f"skipped: a small file system may not be mounted here ({why})")
            return session.oracle.Findings()
        try:
            def mend():
                mount(one.state, ["-o", f"remount,size={LARGE_BYTES}"])

            run = one.start()
            watch = lived_through(one, run, mend if is_mended else lambda: None, DEGRADED)
            notes.append(f"small disk: exit code {run.process.returncode}, it said")
            notes.extend(f"  {line[:200]}" for line in watch.text.splitlines()[:6])
            mend()
            one.run_out()
            one.drain()
            found = one.findings()
            if not watch.said.is_set():
                found.faults.append(f"a full disk, and nothing was said: {watch.text[-300:]!r}")
            one.faulty = bool(found.faults)
            return found
        finally:
            subprocess.run(["umount", one.state], check=False)


def tell_fault(fault, found):
    print(f"FAULT {fault}")
    for sentence in found.faults[:10]:
        print(f"  {sentence}")
    print(f"repeat: {sys.argv[0]} {args.program} --jobs 1 --shards {args.shards} "
          f"--capture {args.capture} --fault {fault}", flush=True)


def run_faults(figures):
    chosen = list(faults())
    if args.fault:
        name, n, error, times, begun = args.fault.split(":")
        chosen = [(name, int(n), error, times, begun)]
    silent = {}
    for fault, found, met, refused, said in session.in_parallel(args.jobs, fault_session, chosen):
        figures.findings.add(found)
        figures.count(faults=1, met=int(met))
        figures.count(**{"refused to begin": int(refused)})
        if met and not TROUBLE.search(said) and fault[:2] not in HARMLESS:
            silent.setdefault(f"{fault[0]} ({fault[4]})", []).append(fault[1])
        if args.fault:
            print(said, end="")
        if found.faults:
            tell_fault(":".join(str(word) for word in fault), found)
            if not args.go_on:
                return False
    for name, calls in silent.items():
        print(f"nothing was said of {len(calls)} failed calls of {name}: {sorted(set(calls))[:20]}")
    return not figures.findings.faults


def main():
    global bench, args
    words = session.arguments(__doc__.splitlines()[0])
    words.add_argument("--from", dest="first", type=int, default=1)
    words.add_argument("--to", dest="last", type=int, default=200)
    words.add_argument("--fault", default="")
    words.add_argument("--go-on", action="store_true", help="past the first fault")
    words.add_argument("--no-mount", action="store_true")
    words.add_argument("--must-say", default="write,sync", help="classes that may not fail unsaid")
    words.add_argument("--capture", default="demo", choices=sorted(captures.known()))
    args = words.parse_args()
    session.be_nice()
    bench = session.Bench(args)
    figures = Figures()
    good = run_faults(figures)
    for is_mended in (True, False) if good and not args.no_mount and not args.fault else ():
        notes = []
        found = session.guarded(small_disk, is_mended, notes)
        print("\n".join(notes))
        figures.findings.add(found)
        if found.faults:
            tell_fault("small disk", found)
            good = False
    print(figures.line())
    return 0 if good else 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
