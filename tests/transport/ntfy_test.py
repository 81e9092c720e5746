#!/usr/bin/env python3
"""Against a real ntfy: tokens, passwords and what they may not, the longest message and one byte more, and
out of its rate limit again with nothing lost and nothing twice.

    ntfy_test.py SEND      the program of send.cpp. Skipped, with a word, without ntfy on the PATH or in
                           FASTRSI_NTFY (Debian 13 has a package, which runs on 12, too, unpacked by dpkg -x).
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import harness
from harness import Sender, outcomes
from lossy_proxy import LossyProxy

NTFY = os.environ.get("FASTRSI_NTFY") or shutil.which("ntfy") or harness.skip(
    "ntfy is not installed", "apt install ntfy on Debian 13, or FASTRSI_NTFY=/path/to/ntfy")
USER, PASSWORD, MID = "rsi", "canary pass", "abcdefghijklmnopqrstuvwxyz"
BYTES_MOST = 4095

CONFIG = """
base-url: "http://127.0.0.1:{port}"
listen-http: "127.0.0.1:{port}"
cache-file: "{folder}/cache.db"
auth-file: "{folder}/auth.db"
auth-default-access: "deny-all"
visitor-request-limit-burst: {burst}
visitor-request-limit-replenish: "{replenish}"
"""


class Ntfy:
    def __init__(self, folder, burst=1000, replenish="1s"):
        self.folder = pathlib.Path(folder)
        self.port, = harness.free_ports(1)
        self.base = f"http://127.0.0.1:{self.port}"
        self.config = self.folder / "server.yml"
        self.config.write_text(CONFIG.format(port=self.port, folder=folder, burst=burst, replenish=replenish))
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen([NTFY, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=subprocess.STDOUT)
        harness.until_it_listens(self.process, self.port)
        self.order("user", "add", "--role=user", USER)
        self.order("access", USER, "fastrsi*", "rw")
        self.token = next(word for word in self.order("token", "add", USER).split() if word.startswith("tk_"))

    def order(self, command, *words):
        done = subprocess.run([NTFY, command, "--config", self.config, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=True,
                              env=os.environ | {"NTFY_PASSWORD": PASSWORD})
        return done.stdout

    def stored(self, topic="fastrsi"):
        """Asked for as another visitor would, past the limit."""
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(f"{self.base}/{topic}/json?poll=1", headers={"Authorization": f"Basic {login}"})
        deadline = time.monotonic() + harness.HANG_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=harness.HANG_SECONDS) as answer:
                    return [json.loads(line) for line in answer]
            except urllib.error.HTTPError as error:
                if error.code != 429 or time.monotonic() > deadline:
                    raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Real(unittest.TestCase):
    def setUp(self):
        scratch = harness.scratch()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def sender(self, base, **more):
        return Sender("push", {"service": "ntfy", "api_base": base, **more})

    def holds(self, answer, outcome, row):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)

    def send(self, sender, topic="fastrsi", **octets):
        return sender.send([topic], json.dumps(octets, ensure_ascii=False), MID)

    def test_what_was_sent_is_what_a_subscriber_reads(self):
        told = {"title": "سیگنال خرید", "message": "Alert: خرید - \u2068BTCUSDT\u2069", "priority": 4, "tags": ["rsi"]}
        with Ntfy(self.folder) as server:
            for more in ({"token": server.token}, {"user": USER, "password": PASSWORD}):
                with self.sender(server.base, **more) as sender:
                    self.holds(sender.probe(), "done", "ok")
                    for _ in range(2):
                        self.holds(self.send(sender, **told), "done", "ok")
                    for secret in (server.token, "canary"):
                        self.assertNotIn(secret, "".join(sender.said))
            stored = server.stored()
            self.assertEqual([{key: one.get(key) for key in told} for one in stored], [told] * 4)

    def test_who_may_not_is_told_apart_from_what_cannot_be(self):
        with Ntfy(self.folder) as server:
            for more in ({"token": "tk_canarycanarycanarycanarycana"}, {"user": USER, "password": "canary wrong"}):
                with self.sender(server.base, **more) as sender:
                    for _ in range(2):
                        self.holds(self.send(sender, message="x"), "auth_failure", "http_auth")
                    self.assertIn("401", sender.said[-1])
                    self.assertNotIn("canary", "".join(sender.said))
            with self.sender(server.base, token=server.token) as sender:
                self.holds(self.send(sender, message="before"), "done", "ok")
                self.holds(self.send(sender, "another", message="x"), "auth_failure", "http_auth")
                self.assertIn("40301", sender.said[-1])
                self.holds(self.send(sender, "no/topic", message="x"), "permanent", "http_refused")
                self.holds(self.send(sender, message="after"), "done", "ok")
            self.assertEqual([one["message"] for one in server.stored()], ["before", "after"])

    def test_the_longest_message_and_one_byte_more(self):
        with Ntfy(self.folder) as server, self.sender(server.base, token=server.token) as sender:
            whole = "س" * (BYTES_MOST // 2) + "x"
            self.assertEqual(len(whole.encode()), BYTES_MOST)
            self.holds(self.send(sender, message=whole), "done", "ok")
            self.assertEqual([one["message"] for one in server.stored()], [whole])
            answer = self.send(sender, message=whole + "x")
            self.assertEqual(outcomes(answer), ["permanent"], answer)
            self.holds(self.send(sender, message="after"), "done", "ok")
            self.assertEqual([one["message"] for one in server.stored()], [whole, "after"])

    def test_out_of_its_rate_limit_again_nothing_is_lost_or_twice(self):
        with Ntfy(self.folder, burst=5, replenish="500ms") as server, \
                self.sender(server.base, token=server.token) as sender:
            limited = 0
            for number in range(9):
                deadline = time.monotonic() + harness.HANG_SECONDS
                while (answer := self.send(sender, message=str(number)))["row"] == "rate":
                    limited += 1
                    self.assertEqual((outcomes(answer), answer["retry_after_ms"], answer["targets"][0]["code"]),
                                     (["rate_limited"], 5000, 429), answer)  # it tells no time: the least
                    self.assertLess(time.monotonic(), deadline)
                self.holds(answer, "done", "ok")
            self.assertGreater(limited, 0)
            self.assertEqual([one["message"] for one in server.stored()], [str(number) for number in range(9)])

    def test_an_answer_that_gets_lost_is_in_doubt(self):
        with Ntfy(self.folder) as server, LossyProxy(server.port, 1) as proxy, \
                self.sender(f"http://127.0.0.1:{proxy.port}", token=server.token) as sender:
            self.holds(self.send(sender, message="before"), "done", "ok")
            self.holds(self.send(sender, message="lost"), "in_doubt", "http_no_answer")
            self.holds(self.send(sender, message="after"), "done", "ok")
            self.assertEqual([one["message"] for one in server.stored()], ["before", "lost", "after"])


if __name__ == "__main__":
    harness.main(unittest.main)
