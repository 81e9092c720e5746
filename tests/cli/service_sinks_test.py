"""What the service's sinks do beside a program that fails and beside a system's journal.

    service_sinks_test.py PROGRAM
"""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import struct
import subprocess
import tempfile
import time
import unittest

import program
from program import DEMO, PLACES, main, run

CONFIG = """
[[feed]]
venue = "binance"
url = "file:{capture}"
[[rule]]
timeframes = ["1s", "5s", "15s"]
warmup_bars = 15
first_load = {{ sinks = ["one"] }}
""" + PLACES + """\
[[sink]]
{sink}
"""
# 64 is EX_USAGE: never again. Each message is kept, whatever its end.
SCRIPT = """#!/bin/sh
cat >>{folder}/sent
echo >>{folder}/sent
[ -e {folder}/well ] || exit 64
"""
JOURNAL = pathlib.Path("/run/systemd/journal/socket")


class SinksOfService(unittest.TestCase):
    def setUp(self):
        # Short, because the socket's path is.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def config(self, sink):
        path = self.folder / "c.toml"
        path.write_text(CONFIG.format(capture=DEMO, folder=self.folder, sink=sink))
        return path

    def run_to_the_end(self):
        return run("run", "--config", self.folder / "c.toml")

    def ask(self, *words, code=0):
        result = run(*words, "--config", self.folder / "c.toml")
        self.assertEqual(result.code, code, result.err)
        return result

    def letters(self):
        return [json.loads(line) for line in self.ask("dead", "list", "--json").out.splitlines()]

    def start(self):
        process = subprocess.Popen(
            [program.program, "run", "--stay", "--config", self.folder / "c.toml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while run("status", "--config", self.folder / "c.toml").code != 0:
            self.assertIsNone(process.poll(), "the service has ended")
        return process

    def wait_until(self, process, holds):
        """Asks again and again: each question is a round trip to the service."""
        while not (value := holds()):
            self.assertIsNone(process.poll(), "the service has ended")
        return value

    def delivery(self):
        status = json.loads(self.ask("status", "--json").out)
        return status["sinks"][0]["delivery"]

    def exec_sink(self, script):
        self.config(f'type = "exec"\nname = "one"\ncommand = ["{script}"]\n'
                    'group_wait = "0s"\nrate = ["1000/1s"]')

    # The capture is of 2024, its signals expire at once; first-load lists are of now.
    def test_dead_letters_are_listed_sent_once_more_and_given_up(self):
        script = self.folder / "script"
        script.write_text(SCRIPT.format(folder=self.folder))
        script.chmod(0o700)
        self.exec_sink(script)
        process = self.start()
        self.wait_until(process, lambda: len(self.letters()) >= 2 and self.delivery()["live"] == 0)
        letters = self.letters()
        first, second = letters[0], letters[1]
        self.assertEqual({one["reason"] for one in letters}, {"permanent"})
        self.assertTrue(all(one["symbols"] for one in letters))
        line = self.ask("dead", "list", "one").out.decode().splitlines()[0]
        self.assertRegex(line, rf"one  {first['message']}  to \S+  [^:]+ 1?5?s - .*: permanent")

        out = self.ask("dead", "drop", "one", second["message"]).out.decode()
        self.assertIn(f"dropped   {second['message']}", out)
        self.assertNotIn(second["message"], {one["message"] for one in self.letters()})

        # Once more while the script still fails: a dead letter again, and the same octets.
        self.ask("dead", "requeue", "one", first["message"][:10])
        self.wait_until(process, lambda: self.delivery()["live"] == 0 and
                        first["message"] in {one["message"] for one in self.letters()})
        (self.folder / "well").touch()
        self.ask("dead", "requeue", "one", "all")
        self.wait_until(process, lambda: self.delivery()["live"] == 0)
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.ask("dead", "list").out, b"no dead letters\n")
        sent = (self.folder / "sent").read_text().splitlines()
        copies = [line for line in sent if first["message"] in line]
        self.assertEqual(len(copies), 3)
        self.assertEqual(len(set(copies)), 1)
        self.assertEqual(len([line for line in sent if second["message"] in line]), 1)

        for words, fault in ((("requeue", "one", "all"), "no such dead letter"),
                             (("drop", "nobody", "all"), "has the name nobody")):
            self.assertIn(fault, self.ask("dead", *words, code=1).err)

    def test_a_sink_that_takes_nothing_is_named_and_waited_for_until_the_stop(self):
        self.config('type = "log"\nname = "one"\npath = "/dev/full"\n')
        process = subprocess.Popen([program.program, "run", "--config", self.folder / "c.toml"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while "sink one has not taken all of it" not in (line := process.stderr.readline()):
            self.assertTrue(line, "the service has ended")
        self.assertIn("/dev/full", line)
        process.terminate()
        # Far less than the two minutes that it waits without being asked to stop.
        self.assertEqual(process.wait(timeout=60), 3)
        self.assertIn("a sink has not taken", process.stderr.read())

    def test_a_thousand_dead_letters_are_in_an_answer_and_the_others_are_told_of(self):
        self.exec_sink("/bin/true")
        self.run_to_the_end()
        with contextlib.closing(sqlite3.connect(self.folder / "state/journal.db")) as journal, journal:
            now_ms = time.time_ns() // 10**6
            journal.executemany("INSERT INTO delivery_dead VALUES('one', ?, 't', 'permanent', ?, 0, '')",
                                [(f"m{number}", now_ms + number) for number in range(1200)])
        self.start()
        listed = self.ask("dead", "list", "--json")
        self.assertEqual(len(listed.out.splitlines()), 1000)
        self.assertEqual(json.loads(listed.out.splitlines()[0])["message"], "m1199")
        self.assertIn("there are more", listed.err)
        self.assertIn("ask again", self.ask("dead", "drop", "one", "all").err)
        self.assertEqual(self.ask("dead", "drop", "one", "all").err, "")
        self.assertEqual(self.ask("dead", "list").out, b"no dead letters\n")

    def test_what_a_log_has_had_does_not_come_again(self):
        log = self.folder / "log.txt"
        self.config(f'type = "log"\nname = "one"\npath = "{log}"')
        self.assertEqual(self.run_to_the_end().code, 0)
        lines = log.read_bytes()
        self.assertTrue(lines)
        # Nothing in a text says which records it has: only the sink's cursor does.
        self.assertEqual(self.run_to_the_end().code, 0)
        self.assertEqual(log.read_bytes(), lines)

    @unittest.skipIf(os.geteuid() != 0, "wants to stand in for the system's journal, as root")
    def test_the_systems_journal_gets_each_line_with_its_fields(self):
        lock = open(pathlib.Path(tempfile.gettempdir()) / "fastrsi-journal.lock", "w")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of us at a time
        if JOURNAL.exists():
            self.skipTest("the system has a journal, and we do not stand in for it")
        for part in reversed(JOURNAL.parents):
            if not part.exists():
                part.mkdir()
                self.addCleanup(part.rmdir)
        self.config(f'type = "log"\nname = "one"\nformat = "json"\n'
                    f'path = "{self.folder}/log.json"')
        self.assertEqual(self.run_to_the_end().code, 0)
        expected = (self.folder / "log.json").read_text().splitlines()
        self.assertTrue(expected)
        shutil.rmtree(self.folder / "state")
        self.config('type = "log"\nname = "one"\nformat = "json"\npath = "journald"')
        missing = self.run_to_the_end()
        self.assertEqual(missing.code, 1)
        self.assertIn("sink one: this system has no journal", missing.err)
        entries = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(str(JOURNAL))
            self.addCleanup(JOURNAL.unlink)
            process = self.start()
            while len(entries) < len(expected):
                entries.append(fields_of(journal.recv(1 << 20)))
            self.ask("status")
            process.terminate()
            self.assertEqual(process.wait(), 0)
            journal.setblocking(False)
            self.assertRaises(BlockingIOError, journal.recv, 1)
        self.assertEqual([one["MESSAGE"] for one in entries], expected)
        for one in entries:
            record = json.loads(one["MESSAGE"])
            self.assertEqual((one["FASTRSI_KIND"], one["FASTRSI_TIMEFRAME"], one["FASTRSI_SINK"]),
                             (record["kind"], record["timeframe"], "one"))
            if record["type"] == "signal":
                self.assertEqual(one["FASTRSI_ID"], record["id"])
                self.assertEqual(one["FASTRSI_STAGE"], record["stage"])
                self.assertEqual(one["FASTRSI_SYMBOL"], f"{record['venue']}:{record['symbol']}")


def fields_of(datagram):
    """systemd.journal-fields: NAME=value, or NAME, eight bytes of length and the value."""
    fields = {}
    while datagram:
        end = datagram.index(b"\n")
        line, datagram = datagram[:end], datagram[end + 1:]
        name, is_text, value = line.partition(b"=")
        if not is_text:
            (size,) = struct.unpack("<Q", datagram[:8])
            value, datagram = datagram[8:8 + size], datagram[9 + size:]
        fields[name.decode()] = value.decode()
    return fields


if __name__ == "__main__":
    main()
