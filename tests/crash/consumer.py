"""Durable consumers of the local socket: each stores what it got, and asks for what follows it.

ThreadConsumer lives in the test's process and outlives the service. ProcessConsumer is a process of
its own, to be killed too: it stores a record first and its seq behind it, so that a kill of its own
may bring a record again, and nothing else may.
"""

import json
import os
import pathlib
import select
import signal
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from folder_watch import FolderWatch  # noqa: E402

POLL_SECONDS = 0.05  # how often a waiting reader looks whether it is to stop


class Fault(Exception):
    """The service did what it must not."""


def connected(path):
    """A connection, or None while nobody listens."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.connect(str(path))
        return link
    except OSError:
        link.close()
        return None


def ask_for(link, since):
    try:
        link.sendall(json.dumps({"cmd": "subscribe", "since": since}).encode() + b"\n")
    except OSError:
        pass  # it is gone already; reading will say so


def lines_of(link, goes_on):
    """Whole lines until the other side is gone; a torn one at the end is not told."""
    rest = b""
    link.settimeout(POLL_SECONDS)
    while goes_on():
        try:
            data = link.recv(1 << 16)
        except TimeoutError:
            continue
        except OSError:
            return
        if not data:
            return
        *whole, rest = (rest + data).split(b"\n")
        yield from whole


def parsed(line):
    try:
        return json.loads(line)
    except ValueError as error:
        raise Fault(f"the socket sent a line that is no JSON: {line[:200]!r} ({error})") from None


class Reader:
    """What both consumers do with a connection's lines; `store(seq, line)` keeps a record.

    `strict`: whatever was shown is durable, so no later hello may know less than we have."""

    def __init__(self, strict):
        self.strict = strict
        self.last = 0
        self.greeted = False  # by the service's present life

    def read(self, link, goes_on, store, told):
        for line in lines_of(link, goes_on):
            record = parsed(line)
            kind = record.get("type")
            if kind == "hello":
                if self.strict and record["seq"] < self.last:
                    raise Fault(f"seq {self.last} was shown, and now the journal ends at "
                                f"{record['seq']}")
                ask_for(link, self.last)
                self.greeted = True
                told()
            elif "seq" in record and kind in ("signal", "snapshot"):
                store(record["seq"], line)
            elif kind == "reply" and not record.get("ok"):
                # Where the disk failed, what was shown may have to be made once more first.
                if not self.strict and "beyond the newest" in record.get("error", ""):
                    return
                raise Fault(f"subscribe was refused: {line.decode()}")


class ThreadConsumer:
    def __init__(self, path, strict=True):
        self.path = path
        self.lines = []  # (seq, line), as they came
        self.own_kills = 0
        self.error = None
        self.reader = Reader(strict)
        self.change = threading.Condition()
        self.open = False
        self.idle = True
        self.over = False
        self.watch = FolderWatch(path.parent)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def resume(self):
        with self.change:
            self.open = True
            self.reader.greeted = False
            self.change.notify_all()

    def pause(self):
        """The service is gone: reads what it still sent, then rests."""
        with self.change:
            self.open = False
            self.watch.wake()
            self.change.wait_for(lambda: self.idle or self.error)
        if self.error:
            raise self.error

    def wait_for(self, seq, seconds):
        """Until the service has greeted and everything up to `seq` is here; False: it is not."""
        with self.change:
            done = self.change.wait_for(
                lambda: (self.reader.greeted and self.last >= seq) or self.error, seconds)
        if self.error:
            raise self.error
        return done

    @property
    def last(self):
        return self.reader.last

    def stored(self):
        return self.lines

    def close(self):
        with self.change:
            self.over = True
            self.change.notify_all()
        self.thread.join()
        self.watch.close()

    def store(self, seq, line):
        with self.change:
            self.lines.append((seq, line))
            self.reader.last = max(self.reader.last, seq)
            self.change.notify_all()

    def told(self):
        with self.change:
            self.change.notify_all()

    def run(self):
        try:
            while not self.over:
                with self.change:
                    self.change.wait_for(lambda: self.open or self.over)
                    self.idle = False
                self.serve()
                with self.change:
                    self.idle = True
                    self.change.notify_all()
        except Exception as error:  # told by whoever waits for us
            with self.change:
                self.error = error
                self.change.notify_all()

    def serve(self):
        while not self.over:
            link = connected(self.path)
            if link is None:
                if not self.open:
                    return
                self.watch.wait(POLL_SECONDS)
                continue
            with link:
                self.reader.read(link, lambda: not self.over, self.store, self.told)


class ProcessConsumer:
    """Files of its folder: `records` (a line each), `seq` (the last one, stored after it)."""

    def __init__(self, path, folder, strict=True):
        self.path = path
        self.folder = folder
        self.strict = strict
        self.own_kills = 0
        self.repeats = 0
        self.pid = None
        self.pipe = None
        folder.mkdir(exist_ok=True)
        (folder / "records").touch()

    def resume(self):
        mine, its = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(mine)
                child = StoringChild(self.folder, its, self.strict)
                child.run(self.path)
                code = 0
            except Fault as fault:
                (self.folder / "fault").write_text(str(fault))
            finally:
                os._exit(code)
        os.close(its)
        self.pipe = mine

    def pause(self):
        if self.pid is None:
            return
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.pipe)
        self.pid = self.pipe = None
        self.own_kills += 1
        self.tell_fault()

    def tell_fault(self):
        if (self.folder / "fault").exists():
            raise Fault((self.folder / "fault").read_text())

    def wait_for(self, seq, seconds):
        until = time.monotonic() + seconds
        greeted = False
        while self.last < seq or not greeted:
            left = until - time.monotonic()
            ready = left > 0 and select.select([self.pipe], [], [], left)[0]
            if not ready or not os.read(self.pipe, 4096):
                break
            greeted = True
        self.tell_fault()
        return greeted and self.last >= seq

    @property
    def last(self):
        return last_seq(self.folder)

    def stored(self):
        lines = whole_lines(self.folder)
        return [(json.loads(line)["seq"], line) for line in lines]

    def close(self):
        if self.pid is not None:
            self.pause()


class StoringChild:
    def __init__(self, folder, pipe, strict):
        self.records = os.open(folder / "records", os.O_RDWR | os.O_APPEND)
        # A record that was cut by our own kill is not stored.
        os.ftruncate(self.records, sum(len(line) + 1 for line in whole_lines(folder)))
        self.seq = os.open(folder / "seq", os.O_RDWR | os.O_CREAT, 0o600)
        os.set_blocking(pipe, False)
        self.pipe = pipe
        self.reader = Reader(strict)
        self.reader.last = last_seq(folder)

    def store(self, seq, line):
        os.write(self.records, line + b"\n")
        self.reader.last = max(self.reader.last, seq)
        os.pwrite(self.seq, struct.pack("<Q", self.reader.last), 0)
        self.told()

    def told(self):
        try:
            os.write(self.pipe, b".")
        except BlockingIOError:
            pass

    def run(self, path):
        parent = os.getppid()
        watch = FolderWatch(path.parent)
        while os.getppid() == parent:
            link = connected(path)
            if link is None:
                watch.wait(POLL_SECONDS)
                continue
            with link:
                self.reader.read(link, lambda: os.getppid() == parent, self.store, self.told)


def last_seq(folder):
    try:
        data = (folder / "seq").read_bytes()
    except FileNotFoundError:
        return 0
    return struct.unpack("<Q", data)[0] if len(data) == 8 else 0


def whole_lines(folder):
    return (folder / "records").read_bytes().split(b"\n")[:-1]
