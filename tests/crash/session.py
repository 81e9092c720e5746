"""One crash session: a service with a state folder of its own, its consumer, and what the same
session leaves when nothing happens to it.
"""

import argparse
import atexit
import dataclasses
import multiprocessing
import os
import pathlib
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import captures
import oracle
from consumer import Fault, ProcessConsumer, ThreadConsumer

HERE = pathlib.Path(__file__).resolve().parent
HANG_SECONDS = 60  # no run takes a second; this only ends one that never would
CALLS = ("write", "sync", "rename", "truncate", "unlink", "send", "allocate", "create",
         "commit", "unsynced", "tainted")  # the order of Call in shim_order.hpp
CLASSES = CALLS[:8]
BALLAST_MIB = 1  # folders are made by the thousand
FEW_ROWS = 200  # a capture that gives fewer records shows nothing


@dataclasses.dataclass
class Undisturbed:
    journal: oracle.Journal
    shown: list  # the consumer's (seq, line)
    log: bytes
    seconds: float  # from the start of the process to its end
    calls: dict  # of each class, under the shim


@dataclasses.dataclass(frozen=True)
class Kind:
    """What makes sessions comparable with each other."""

    capture: str
    shards: int = 1
    checkpoint_every: str = "20ms"


def arguments(description):
    words = argparse.ArgumentParser(description=description)
    words.add_argument("program", type=pathlib.Path)
    words.add_argument("--shim", type=pathlib.Path,
                       help="the library to preload (default: built into a temporary folder)")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--shards", type=int, default=1)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--keep", action="store_true", help="keep every state folder")
    words.add_argument("--folder", type=pathlib.Path,
                       help="where sessions have their folders (default: /dev/shm)")
    return words


class Bench:
    """The program, the shim, the captures and their undisturbed results: made once, then shared
    with the processes that are forked off."""

    def __init__(self, args):
        self.program = args.program.resolve()
        self.keep = args.keep
        shm = pathlib.Path("/dev/shm")
        place = args.folder or (shm if shm.is_dir() and os.access(shm, os.W_OK) else None)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-crash-", dir=place))
        self.owner = os.getpid()
        atexit.register(self.remove)
        self.shim = args.shim.resolve() if args.shim else self.build_shim()
        self.files = {}
        self.results = {}

    def build_shim(self):
        made = self.folder / "shim.so"
        subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-fPIC", "-shared",
                        "-fvisibility=hidden", f"-I{HERE.parents[1]}", "-o", made,
                        *HERE.glob("shim*.cpp")], check=True)
        return made

    def remove(self):
        if os.getpid() == self.owner and not any(self.folder.glob("kept-*")) and not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def session(self, kind, strict=True, apart=False):
        return Session(self, kind, strict, apart)

    def capture(self, name):
        if name not in self.files:
            self.files[name] = captures.write(name, self.folder)
        return self.files[name]

    def undisturbed(self, kind):
        """Of two runs, which must be the same, so that a difference means something."""
        kind = dataclasses.replace(kind, checkpoint_every="20ms")
        if kind not in self.results:
            try:
                first, second = self.run_through(kind, None), self.run_through(kind, "count")
            except Fault as fault:
                sys.exit(f"FAULT an undisturbed run over {kind}: {fault}")
            findings = oracle.compare_journals(first.journal, second.journal, kind.shards == 1)
            if findings.faults:
                sys.exit(f"FAULT two undisturbed runs over {kind} differ: {findings.faults}")
            if len(first.journal.rows) < FEW_ROWS:
                sys.exit(f"{kind} gives {len(first.journal.rows)} records, which show nothing")
            first.calls = second.calls
            self.results[kind] = first
        return self.results[kind]

    def run_through(self, kind, order):
        with self.session(kind) as session:
            begun = time.monotonic()
            run = session.start(order)
            run.end((0,))
            seconds = time.monotonic() - begun
            session.drain()
            calls = session.calls() if order else {}
            return Undisturbed(oracle.read_journal(session.state), session.consumer.stored(),
                               session.log_bytes(), seconds, calls)


class Run:
    """One life of the service."""

    def __init__(self, session, order, more_words):
        self.session = session
        environment = dict(os.environ)
        environment.pop("STATE_DIRECTORY", None)
        if order:
            page = session.base / "calls"
            orders = [f"count:{page}"] + ([order] if order != "count" else [])
            environment["FASTRSI_SHIM"] = ";".join(orders)
            environment["FASTRSI_SHIM_PATHS"] = session.watched
            environment["FASTRSI_SHIM_HEAL"] = str(session.base / "healed")
            environment["LD_PRELOAD"] = str(session.bench.shim)
        self.errors = session.base / "stderr"
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [session.bench.program, "run", "--config", session.config, *more_words],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                env=environment)

    def ended_within(self, seconds):
        if self.process.poll() is not None:
            return True
        watched = os.pidfd_open(self.process.pid)  # Popen's own wait looks every 50 ms
        try:
            ended = bool(select.select([watched], [], [], seconds)[0])
        finally:
            os.close(watched)
        if ended:
            self.process.wait()
        return ended

    def settle(self):
        """The process is gone: its last words are read and what it left is noted."""
        self.session.consumer.pause()
        if self.session.newcomer is not None:
            self.session.newcomer.pause()
        self.session.note_end()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.settle()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.end((0, 3, -signal.SIGTERM))
        return self.process.returncode

    def end(self, codes):
        """Waits for an end of its own with one of these exit codes."""
        if not self.ended_within(HANG_SECONDS):
            self.kill()
            raise Fault(f"the service did not end within {HANG_SECONDS} s")
        self.settle()
        if self.process.returncode not in codes:
            said = self.errors.read_text(errors="replace").splitlines()[-3:]
            raise Fault(f"exit code {self.process.returncode}, expected {codes}: {said}")


class Session:
    def __init__(self, bench, kind, strict, apart):
        self.bench = bench
        self.kind = kind
        self.strict = strict
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="session-", dir=bench.folder))
        self.folder = self.base / "s"  # what the shim watches
        self.folder.mkdir()
        self.watched = f"{self.folder}/"
        self.state = self.folder / "state"
        self.log = self.folder / "log.json"
        self.socket = self.folder / "socket"
        self.config = self.base / "service.toml"
        self.config.write_text(self.config_text())
        self.marks = []  # whole lines in the log at each end of a life
        self.kills = 0
        self.consumer = (ProcessConsumer(self.socket, self.base / "consumer", strict) if apart
                         else ThreadConsumer(self.socket, strict))
        # In every life but the first: one that asks for everything, while the service goes on.
        self.newcomer = None
        self.newcomers_got = {}  # by seq
        self.life = None
        self.faulty = False

    def config_text(self):
        files = ",".join(str(path) for path in self.bench.capture(self.kind.capture))
        return f"""
[[feed]]
venue = "binance"
url = "file:{files}"
speed = "max"
backfill = false

[engine]
shards = {self.kind.shards}

[state]
dir = "{self.state}"
checkpoint_every = "{self.kind.checkpoint_every}"
ballast_mib = {BALLAST_MIB}

[socket]
path = "{self.socket}"

[[sink]]
type = "log"
name = "log"
format = "json"
path = "{self.log}"
stages = ["provisional", "confirmed", "retracted"]
{captures.RULES}"""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.life is not None and self.life.process.poll() is None:
            self.life.process.kill()
            self.life.process.wait()
        self.consumer.close()
        if self.newcomer is not None:
            self.newcomer.close()
        told = error is not None and not isinstance(error, SystemExit)
        if told or self.faulty:
            kept = self.base.rename(self.base.parent / f"kept-{self.base.name}")
            print(f"kept: {kept}", flush=True)
        elif not self.bench.keep:
            shutil.rmtree(self.base, ignore_errors=True)

    def start(self, order=None, stay=False):
        run = self.life = Run(self, order, ["--stay"] if stay else [])
        self.consumer.resume()
        if self.marks:
            self.newcomer = ThreadConsumer(self.socket, self.strict)
            self.newcomer.resume()
        return run

    def log_bytes(self):
        return self.log.read_bytes() if self.log.exists() else b""

    def note_end(self):
        """After each life: what anybody was shown is in the journal, and the log is whole."""
        data = self.log_bytes()
        self.marks.append(data.count(b"\n"))
        torn = oracle.torn_in_the_middle(data)
        if torn is not None:
            raise Fault(f"the log has a torn line: {torn[:200]!r}")
        shown = max(self.consumer.last, self.take_newcomer())
        if self.strict and shown > 0:
            newest = oracle.newest_seq(self.state)
            if shown > newest:
                raise Fault(f"seq {shown} was shown, the journal ends at {newest}")

    def take_newcomer(self):
        """The last seq that it got; everything up to there must have come, once and in order."""
        if self.newcomer is None:
            return 0
        got = self.newcomer.stored()
        self.newcomer.close()
        self.newcomer = None
        seqs = [seq for seq, _ in got]
        if seqs != list(range(1, len(seqs) + 1)):
            place = next(i for i, seq in enumerate(seqs, 1) if seq != i)
            raise Fault(f"a consumer that asked for everything got seq {seqs[place - 1]} where "
                        f"{place} belongs")
        for seq, line in got:
            if self.newcomers_got.setdefault(seq, line) != line:
                raise Fault(f"seq {seq} was {self.newcomers_got[seq]!r} and is {line!r} now")
        return len(seqs)

    def run_out(self):
        """Starts the service and lets it come to its end."""
        self.start().end((0,))

    def drain(self):
        """Keeps the service up until the consumer has all that is in the journal."""
        newest = oracle.newest_seq(self.state)
        run = self.start(stay=True)
        got_all = self.consumer.wait_for(newest, HANG_SECONDS)
        if not got_all:
            last = self.consumer.last
            run.kill()
            raise Fault(f"the consumer got {last} of {newest} within {HANG_SECONDS} s")
        code = run.stop()
        if code not in (0, 3):
            raise Fault(f"stopped with exit code {code}")

    def calls(self):
        data = (self.base / "calls").read_bytes()
        return dict(zip(CALLS, struct.unpack(f"{len(CALLS)}Q", data)))

    def findings(self):
        """After the drain: everything against the undisturbed session."""
        wanted = self.bench.undisturbed(self.kind)
        one_shard = self.kind.shards == 1
        journal = oracle.read_journal(self.state)
        found = oracle.compare_journals(wanted.journal, journal, one_shard)
        found.add(oracle.compare_consumer(wanted.shown, self.consumer.stored(), journal,
                                          self.consumer.own_kills, one_shard))
        found.faults += oracle.different_lines(self.newcomers_got, self.consumer.stored())
        # Where the disk failed, what was delivered is made, and delivered, once more.
        repeats_max = 1 if self.strict else len(wanted.journal.rows)
        found.add(oracle.compare_log(wanted.log, self.log_bytes(), self.marks, repeats_max))
        self.faulty = bool(found.faults)
        return found


def guarded(body, *words):
    """Findings of `body(...)`; a Fault becomes one of theirs."""
    try:
        return body(*words)
    except Fault as fault:
        return oracle.Findings(faults=[str(fault)])


def in_parallel(jobs, function, items):
    """Results of `function` over `items`, as they come, from forked processes. What the parent has
    made so far is theirs too; there is nothing to send but the item and the result. One job needs
    no other process, and nothing that a fork could leave locked."""
    if jobs == 1:
        yield from map(function, items)
        return
    # A worker that is ended takes its service with it.
    with multiprocessing.get_context("fork").Pool(jobs, end_by_exit) as pool:
        yield from pool.imap_unordered(function, items)


def end_by_exit():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def be_nice():
    os.nice(5)


class Figures:
    """What a whole test found, printed as one line at its end."""

    def __init__(self):
        self.begun = time.monotonic()
        self.findings = oracle.Findings()
        self.counts = {}

    def count(self, **numbers):
        for name, number in numbers.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def line(self):
        found = self.findings
        numbers = self.counts | {
            "lost": found.lost, "invented": found.invented, "out of order": found.disorder,
            "repeats at the socket": found.socket_repeats,
            "repeats in the log": found.log_repeats,
            "most repeats for a kill": found.log_repeats_most,
            "seconds": round(time.monotonic() - self.begun, 1)}
        return ", ".join(f"{name} {number}" for name, number in numbers.items())
