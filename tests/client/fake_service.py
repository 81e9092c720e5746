"""A running service as its clients see it (INTERFACE.md, section 4), with faults on demand: it cuts
connections within a record, says bye, falls silent, and keeps note of what it was asked."""

import contextlib
import fnmatch
import json
import os
import socket
import threading
import time

KINDS = ("buy", "sell", "overbought", "oversold", "rising", "falling", "phase_up", "phase_down")


def record(seq, **changed):
    """A signal as the service sends it."""
    kind, symbol = KINDS[seq % len(KINDS)], ("BTCUSDT", "ETHUSDT", "نماد")[seq % 3]
    return {"seq": seq, "type": "signal",
            "id": f"tars/binance:{symbol}/1m/{kind}/2024-08-08T23:54:00Z/{seq}",
            "stage": "provisional", "rule": "tars", "kind": kind, "venue": "binance",
            "symbol": symbol, "timeframe": "1m", "bar_open": "2024-08-08T23:54:00Z",
            "time": f"2024-08-08T23:54:12.{seq % 1000:03}000000Z", "price": 61837.63 + seq,
            "rsi": {"2": 81.25, "12": 55.1, "14": 54}, "quality": "complete"} | changed


class FakeService:
    """Faults happen once each, at the record of the given seq: `cuts` (in the middle of its line),
    `byes` (before it), `silences` (before it, the connection stays)."""

    def __init__(self, path, records=(), cuts=(), byes=(), silences=(), tokens=None, replies=None,
                 heartbeat=5.0, oldest=None, hello=None):
        self.path, self.records, self.oldest = str(path), list(records), oldest
        self.cuts, self.byes, self.silences = set(cuts), set(byes), set(silences)
        self.tokens, self.replies, self.heartbeat = tokens or {}, replies or {}, heartbeat
        self.hello = hello
        self.asked, self.connects = [], 0
        self.grown, self.over = threading.Condition(), False
        self.open = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.over = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        with self.grown:
            self.over = True
            self.grown.notify_all()
        os.unlink(self.path)
        for one in [self.listener, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.open = []

    def add(self, one):
        with self.grown:
            self.records.append(one)
            self.grown.notify_all()

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connects += 1
                self.open.append(connection)
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ValueError):
            lines = connection.makefile("r", encoding="utf-8")
            newest = self.records[-1]["seq"] if self.records else 0
            oldest = self.oldest or (self.records[0]["seq"] if self.records else 0)
            self.say(connection, self.hello or {
                "type": "hello", "protocol": 1, "server": "fastrsi 0.1.0", "seq": newest,
                "oldest": oldest})
            allowed = not self.tokens
            for line in lines:
                asked = json.loads(line)
                with self.grown:
                    self.asked.append(asked)
                    self.grown.notify_all()
                cmd = asked["cmd"]
                if cmd == "auth":
                    allowed = self.tokens.get(asked["name"]) == asked["token"]
                    self.reply(connection, cmd, {} if allowed else {"error": "wrong token"})
                elif not allowed:
                    self.reply(connection, cmd, {"error": "log in first"})
                elif cmd == "subscribe":
                    self.reply(connection, cmd, {})
                    threading.Thread(target=self.feed, args=(connection, asked),
                                     daemon=True).start()
                else:
                    answer = self.replies.get(cmd, {"error": f"no such command: {cmd}"})
                    self.reply(connection, cmd, answer(asked) if callable(answer) else answer)

    def reply(self, connection, cmd, answer):
        self.say(connection, {"type": "reply", "cmd": cmd, "ok": "error" not in answer} | answer)

    @staticmethod
    def say(connection, message):
        connection.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    @staticmethod
    def wants(asked, one):
        """Lists pass the filters of symbols and stages."""
        return all(key not in asked or name not in one or
                   any(fnmatch.fnmatchcase(text, glob) for glob in asked[key])
                   for key, name, text in (
                       ("kinds", "kind", one["kind"]), ("stages", "stage", one.get("stage")),
                       ("timeframes", "timeframe", one["timeframe"]),
                       ("symbols", "symbol", f"{one.get('venue')}:{one.get('symbol')}")))

    def feed(self, connection, asked):
        with contextlib.suppress(OSError):
            after, place, beat = asked["since"], 0, time.monotonic()
            while not self.over:
                with self.grown:
                    if place == len(self.records):
                        self.grown.wait(self.heartbeat / 2)
                    ready = self.records[place:]
                place += len(ready)
                for one in ready:
                    if one["seq"] > after and self.wants(asked, one):
                        if not self.send(connection, one):
                            return
                if time.monotonic() - beat >= self.heartbeat:
                    beat = time.monotonic()
                    self.say(connection, {"type": "heartbeat", "time": "2024-08-08T23:54:12Z",
                                          "seq": len(self.records)})

    def send(self, connection, one):
        """False when this connection hears no more."""
        seq = one["seq"]
        if seq in self.silences:
            self.silences.remove(seq)
            return False
        if seq in self.byes:
            self.byes.remove(seq)
            self.say(connection, {"type": "bye", "reason": "slow"})
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if seq in self.cuts:
            self.cuts.remove(seq)
            line = json.dumps(one, ensure_ascii=False).encode()
            connection.sendall(line[:seq % len(line)])
            connection.shutdown(socket.SHUT_RDWR)
            return False
        self.say(connection, one)
        return True
