#!/usr/bin/env python3
"""A stand-in for `fastrsi run`, as small as can be, so that the harness itself can be tested.

It says a made-up signal at every fifth trade of a symbol. FASTRSI_STANDIN_FLAW plants one mistake;
selftest.py shows that the harness sees each.
"""

import collections
import gzip
import json
import os
import pathlib
import signal
import socket
import sqlite3
import sys
import threading
import time
import tomllib

FLAW = os.environ.get("FASTRSI_STANDIN_FLAW", "")
SCHEMA = """
CREATE TABLE IF NOT EXISTS signals(seq INTEGER PRIMARY KEY, key TEXT UNIQUE, id TEXT, stage TEXT,
                                   price TEXT, venue TEXT, symbol TEXT, journaled INTEGER);
CREATE TABLE IF NOT EXISTS cursors(sink TEXT PRIMARY KEY, seq INTEGER);
CREATE TABLE IF NOT EXISTS checkpoint(name TEXT PRIMARY KEY, bytes BLOB, sum INTEGER);
"""
BATCH_SECONDS = 0.002


class Journal:
    def __init__(self, folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        self.base = sqlite3.connect(folder / "journal.db", isolation_level=None,
                                    check_same_thread=False)
        self.mutex = threading.Lock()
        for pragma in ("locking_mode=exclusive", "journal_mode=wal",
                       "synchronous=" + ("off" if FLAW == "no-sync" else "full")):
            self.base.execute("PRAGMA " + pragma).fetchall()
        self.base.executescript(SCHEMA)
        self.newest = self.base.execute("SELECT coalesce(max(seq),0) FROM signals").fetchone()[0]

    def commit(self, records, cursor, checkpoint):
        with self.mutex:
            self.base.execute("BEGIN")
            if FLAW == "checkpoint-first":
                for name, value in (checkpoint or {}).items():
                    self.base.execute("INSERT OR REPLACE INTO checkpoint VALUES(?,?,0)",
                                      (name, value))
                self.base.execute("COMMIT")
                self.base.execute("BEGIN")
            for record in records:
                self.base.execute(
                    "INSERT INTO signals VALUES(?,?,?,?,?,'binance',?,?)",
                    (record["seq"], f"{record['id']}|{record['stage']}", record["id"],
                     record["stage"], record["price"], record["id"].split("/")[1],
                     time.time_ns()))
            self.base.execute("INSERT OR REPLACE INTO cursors VALUES('log',?)", (cursor,))
            for name, value in (checkpoint or {}).items():
                self.base.execute("INSERT OR REPLACE INTO checkpoint VALUES(?,?,0)", (name, value))
            self.base.execute("COMMIT")
            self.newest = max([self.newest, *(record["seq"] for record in records)])

    def read(self, after):
        with self.mutex:
            rows = self.base.execute("SELECT seq,id,stage,price FROM signals WHERE seq>? "
                                     "ORDER BY seq", (after,)).fetchall()
        return [{"seq": seq, "type": "signal", "id": name, "stage": stage, "price": price}
                for seq, name, stage, price in rows]


class Service:
    def __init__(self, config):
        self.config = config
        self.dir = pathlib.Path(config["state"]["dir"])
        every = config["state"]["checkpoint_every"]
        self.every = float(every[:-2]) / 1000 if every.endswith("ms") else float("inf")
        self.journal = Journal(self.dir)
        self.wake = threading.Condition()
        self.over = False
        self.clients = []

    def restore(self):
        parts = dict(self.journal.base.execute("SELECT name,bytes FROM checkpoint").fetchall())
        position = int(parts.pop("input", b"0"))
        counts = collections.Counter({name: int(value) for name, value in parts.items()})
        return position, collections.Counter() if FLAW == "state-lost" else counts

    def lines(self):
        for path in self.config["feed"][0]["url"].removeprefix("file:").split(","):
            with gzip.open(path) as lines:
                yield from lines

    def open_log(self):
        self.log = os.open(self.config["sink"][0]["path"], os.O_RDWR | os.O_CREAT | os.O_APPEND)
        data = pathlib.Path(self.config["sink"][0]["path"]).read_bytes()
        whole = data.rfind(b"\n") + 1
        if FLAW != "torn-tail":
            os.ftruncate(self.log, whole)
        last = data[:whole].rstrip(b"\n").rsplit(b"\n", 1)[-1]
        self.logged = json.loads(last)["seq"] if last and FLAW != "log-repeats" else 0
        if FLAW == "log-cursor":
            row = self.journal.base.execute("SELECT seq FROM cursors").fetchone()
            self.logged = row[0] if row else 0

    def write_log(self):
        for record in self.journal.read(self.logged):
            os.write(self.log, json.dumps(record).encode() + b"\n")
            self.logged = record["seq"]

    def work(self):
        position, counts = self.restore()
        self.open_log()
        self.write_log()
        waiting, seq = [], self.journal.newest
        committed = saved = time.monotonic()
        for place, line in enumerate(self.lines()):
            if place < position or b'"trade"' not in line or self.over:
                continue
            symbol = "symbol/" + json.loads(line.split(b" ", 1)[1])["data"]["s"]
            counts[symbol] += 1
            if counts[symbol] % 5 == 0:
                name = f"r/binance:{symbol[7:]}/1s/buy/{counts[symbol]}/1"
                if not any(old["id"] == name for old in waiting):
                    seq += 1
                    waiting.append({"seq": seq, "id": name, "stage": "provisional", "price": "1"})
                if FLAW == "send-early":
                    self.say([waiting[-1] | {"type": "signal"}])
            now = time.monotonic()
            if now - committed > BATCH_SECONDS:
                state = self.state(place + 1, counts) if now - saved > self.every else None
                saved = now if state else saved
                fresh = [old for old in waiting if not self.is_known(old)]
                for number, record in enumerate(fresh, self.journal.newest + 1):
                    record["seq"] = number
                self.finish_batch(fresh, state)
                waiting, committed, seq = [], now, self.journal.newest
        if not self.over:
            self.finish_batch(waiting, self.state(10**9, counts))

    def is_known(self, record):
        with self.journal.mutex:
            return self.journal.base.execute("SELECT 1 FROM signals WHERE key=?", (
                f"{record['id']}|{record['stage']}",)).fetchone()

    @staticmethod
    def state(position, counts):
        return {"input": b"%d" % position} | {name: b"%d" % n for name, n in counts.items()}

    def finish_batch(self, records, state):
        try:
            self.journal.commit(records, self.logged, state)
        except sqlite3.Error as error:
            print(f"journal: {error}", file=sys.stderr)
            sys.stderr.flush()
            os._exit(3)
        self.write_log()
        with self.wake:
            self.wake.notify_all()

    def say(self, records):
        for link in self.clients:
            link.sendall(b"".join(json.dumps(record).encode() + b"\n" for record in records))

    def serve(self, link):
        hello = {"type": "hello", "protocol": 1, "seq": self.journal.newest}
        link.sendall(json.dumps(hello).encode() + b"\n")
        since = json.loads(link.makefile().readline())["since"]
        link.sendall(b'{"type":"reply","cmd":"subscribe","ok":true}\n')
        since += {"since-more": 1, "since-less": -1}.get(FLAW, 0) if since else 0
        self.clients.append(link)
        while not self.over:
            with self.wake:
                self.wake.wait_for(lambda: self.journal.newest > since or self.over)
            records = self.journal.read(since)
            for record in records:
                link.sendall(json.dumps(record).encode() + b"\n")
                since = record["seq"]

    def listen(self):
        path = self.config["socket"]["path"]
        if os.path.exists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        while True:
            link, _ = listener.accept()
            threading.Thread(target=self.served, args=(link,), daemon=True).start()

    def served(self, link):
        try:
            self.serve(link)
        except (OSError, ValueError, KeyError):
            pass


def main():
    with open(sys.argv[3], "rb") as file:
        service = Service(tomllib.load(file))
    stopped = threading.Event()

    def stop(*_):
        service.over = True
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=service.listen, daemon=True).start()
    service.work()
    if "--stay" in sys.argv:
        stopped.wait()
    with service.journal.mutex:  # for good: the socket's threads read no more
        service.journal.base.close()
        os._exit(0)


if __name__ == "__main__":
    main()
