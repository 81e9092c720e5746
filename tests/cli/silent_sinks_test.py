#!/usr/bin/env python3
"""A stop beside sinks that wait for what never comes: servers that take a connection and say nothing, programs
that do not end. SIGTERM ends the service all the same, and what was under way is in doubt at the next start.

    silent_sinks_test.py PROGRAM
"""

import contextlib
import json
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

import program
from program import DEMO, PLACES, main

# A hang; it takes some 8 s. Each of the sinks alone would take 30 s or more, after which systemd kills.
HANG_SECONDS = 25
CONFIG = """
[[feed]]
venue = "binance"
url = "file:{capture}"
[[rule]]
timeframes = ["1s"]
warmup_bars = 15
first_load = {{ sinks = [{names}] }}
""" + PLACES
SINK = """[[sink]]
name = "{name}"
group_wait = "0s"
rate = ["1000/1s"]
{keys}
"""
ADDRESS = 'from = "rsi@example.test"\nto = ["a@example.test"]'


class SilentSinks(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))  # short, because the socket's path is
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.files = contextlib.ExitStack()
        self.addCleanup(self.files.close)

    def server(self):
        listening = self.files.enter_context(socket.create_server(("127.0.0.1", 0)))
        listening.settimeout(60)
        return listening, listening.getsockname()[1]

    def program_that_stays(self, name):
        """Words that say in a FIFO that they run, and a reader of it."""
        fifo = self.folder / name
        subprocess.run(["mkfifo", fifo], check=True)
        return ["/bin/sh", "-c", f"echo >{fifo}; exec sleep 3600"], fifo

    def test_a_stop_waits_for_none_of_them(self):
        hook, hook_port = self.server()
        mail, mail_port = self.server()
        exec_words, exec_fifo = self.program_that_stays("exec")
        token_words, token_fifo = self.program_that_stays("token")
        sinks = {
            "hook": f'type = "push"\nservice = "webhook"\nurl = "http://127.0.0.1:{hook_port}/"\nallow_private = true',
            "mail": f'type = "email"\nsmtp = [{{ host = "127.0.0.1", port = {mail_port}, tls = "none" }}]\n{ADDRESS}',
            "exec": f'type = "exec"\ntimeout = "1h"\ncommand = {json.dumps(exec_words)}',
            "token": f'type = "email"\n{ADDRESS}\nsmtp = [{{ host = "127.0.0.1", port = {mail_port}, tls = "none", '
                     f'user = "u", password = {{ command = {json.dumps(token_words)} }} }}]',
        }
        config = self.folder / "c.toml"
        names = ", ".join(f'"{name}"' for name in sinks)
        config.write_text(CONFIG.format(capture=DEMO, folder=self.folder, names=names) +
                          "".join(SINK.format(name=name, keys=keys) for name, keys in sinks.items()))
        service = subprocess.Popen([program.program, "run", "--stay", "--config", config],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        for server in (hook, mail):
            self.files.enter_context(server.accept()[0])
        for fifo in (exec_fifo, token_fifo):
            fifo.read_text()  # opened by its writer alone: all four are under way

        began = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, words = service.communicate(timeout=HANG_SECONDS)
        print(f"ended {time.monotonic() - began:.1f} s after SIGTERM")
        self.assertIn("a sink has not taken", words)
        self.assertEqual(service.returncode, 3, words)
        with contextlib.closing(sqlite3.connect(self.folder / "state/journal.db")) as journal:
            states = journal.execute("SELECT DISTINCT sink, state FROM delivery_targets").fetchall()
        self.assertEqual({sink for sink, state in states if state == "in_flight"}, set(sinks))


if __name__ == "__main__":
    main()
