"""The service, as a user meets it: journal, restart, socket, commands, over the bundled capture.

    service_test.py PROGRAM        FASTRSI_BLESS=1 writes the golden files anew
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import program
from program import DEMO, check_golden, demo_lines, main, run

CONFIG = """
[[feed]]
venue = "binance"
url = "file:{capture}"
{feed}
[[rule]]
timeframes = ["1s", "5s", "15s"]
warmup_bars = 15
{rule}
[engine]
shards = {shards}
[state]
dir = "{folder}/state"
checkpoint_every = "20ms"
ballast_mib = 1
[socket]
path = "{folder}/s"
{socket}
[[sink]]
type = "log"
format = "json"
path = "{folder}/log.json"
stages = ["provisional", "confirmed", "retracted"]
"""
ID = "tars/binance:BTCUSDT/15s/sell/2024-08-08T23:58:30Z/1"


class Service(unittest.TestCase):
    def setUp(self):
        # Short, because the socket's path is.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.config()

    def config(self, capture=DEMO, feed="", rule="", socket="", shards=1):
        (self.folder / "c.toml").write_text(CONFIG.format(
            capture=capture, folder=self.folder, feed=feed, rule=rule, socket=socket, shards=shards))

    def run_to_the_end(self, code=0):
        result = run("run", "--config", self.folder / "c.toml")
        self.assertEqual(result.code, code, result.err)
        return result

    def start(self):
        """A service that stays; it has answered once."""
        process = subprocess.Popen(
            [program.program, "run", "--stay", "--config", self.folder / "c.toml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        # Its line on standard error is not waited for: the socket is there before run() begins.
        while run("status", "--config", self.folder / "c.toml").code != 0:
            self.assertIsNone(process.poll(), "the service has ended")
        while not self.is_done(self.status()):
            self.assertIsNone(process.poll(), "the service has ended")
        return process

    @staticmethod
    def is_done(status):
        return status["state"] == "drained" and not any(one["behind"] for one in status["sinks"])

    def ask(self, *words, code=0):
        result = run(words[0], "--config", self.folder / "c.toml", *words[1:])
        self.assertEqual(result.code, code, result.err)
        return result

    def status(self):
        return json.loads(self.ask("status", "--json").out)

    def stop(self, process, number=signal.SIGTERM, code=0):
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, err)
        return err.decode()

    def log(self):
        return (self.folder / "log.json").read_bytes().splitlines()

    def replayed(self):
        result = run("replay", "--stats", "none", "--config", self.folder / "c.toml", DEMO)
        self.assertEqual(result.code, 0, result.err)
        return result.out.splitlines()

    def test_it_says_what_a_replay_says_with_any_number_of_shards(self):
        for shards in (1, 3):
            with self.subTest(shards=shards):
                self.config(shards=shards)
                self.assertEqual(self.run_to_the_end().err, "")
                signals = [line for line in self.log() if b'"signal"' in line]
                expected = [line for line in self.replayed() if b'"signal"' in line]
                self.assertEqual(sorted(signals), sorted(expected))
                shutil.rmtree(self.folder / "state")
                (self.folder / "log.json").unlink()

    def test_a_second_run_over_the_same_input_adds_nothing(self):
        self.run_to_the_end()
        before = self.log()
        self.run_to_the_end()
        self.assertEqual(self.log(), before)

    def test_another_input_goes_on_with_the_state_and_marks_what_was_missed(self):
        lines = demo_lines()
        first, second = self.folder / "1.capture", self.folder / "2.capture"
        third = len(lines) // 3
        first.write_bytes(b"".join(lines[:third]))
        second.write_bytes(lines[0] + b"".join(lines[2 * third:]))
        self.config(capture=first)
        self.run_to_the_end()
        count = len(self.log())
        self.assertFalse([line for line in self.log() if b'"offline":true' in line])
        self.config(capture=second)
        self.run_to_the_end()
        fresh = [json.loads(line) for line in self.log()[count:]]
        offline = [one for one in fresh if one.get("offline")]
        self.assertTrue(offline)
        # Of each series only its first look after the break can say so.
        last = {}
        for at, one in enumerate(fresh):
            if one["type"] == "signal" and one["stage"] == "provisional":
                last.setdefault((one["symbol"], one["timeframe"]), []).append(one)
        for series, signals in last.items():
            times = {one["time"] for one in signals if one.get("offline")}
            self.assertLessEqual(len(times), 1, series)
            self.assertTrue(all(one["time"] >= min(times) for one in signals if times), series)

    def test_why_tells_the_whole_way_from_service_and_replay(self):
        self.start()
        text = self.ask("why", ID).out.decode()
        # Our own clock is another each time, and so is where the folder is.
        text = re.sub(r"20[23]\d-(?!08-0[89])\S+Z", "<our clock>", text)
        text = re.sub(r"\+[\d.]+ (us|ms|s)", "+<time>", text).replace(str(self.folder), "<folder>")
        check_golden(self, "why_of_service.txt", text.encode())
        replayed = run("why", ID, "--config", self.folder / "c.toml", DEMO)
        self.assertEqual(replayed.code, 0, replayed.err)
        check_golden(self, "why_of_replay.txt", replayed.out)
        missing = self.ask("why", ID[:-1] + "9", code=1)
        self.assertEqual(len(missing.errors), 1)
        self.assertIn(ID, missing.err)

    def test_the_watch_list_changes_without_a_restart_and_over_one(self):
        process = self.start()
        self.assertIn(b"binance:ETHUSDT", self.ask("watch", "remove", "ETHUSDT").out)
        self.assertEqual(self.status()["watch"]["removed"], ["binance:ETHUSDT"])
        self.assertEqual(self.status()["engine"]["symbols"], 1)
        self.stop(process)
        process = self.start()
        self.assertEqual(self.status()["watch"]["removed"], ["binance:ETHUSDT"])
        self.assertEqual(self.status()["engine"]["symbols"], 1)
        self.ask("watch", "add", "binance:ETHUSDT")
        self.assertEqual(self.status()["watch"], {"added": [], "removed": []})
        wrong = self.ask("watch", "add", "kraken:X", code=1)
        self.assertIn("no feed has such symbols", wrong.err)
        wrong = self.ask("watch", "add", "binanse:XRPUSDT", code=1)
        self.assertIn('no venue has the name binanse (did you mean "binance"?)', wrong.err)
        self.stop(process)

    def test_a_silence_is_kept_and_ends(self):
        process = self.start()
        self.ask("silence", "binance:ETH*", "10m")
        self.stop(process)
        process = self.start()
        self.assertEqual([one["glob"] for one in self.status()["silences"]], ["binance:ETH*"])
        self.ask("silence", "binance:ETH*", "0s")
        self.assertEqual(self.status()["silences"], [])
        self.stop(process)

    def test_a_reload_is_all_or_nothing(self):
        process = self.start()
        counted = self.status()["engine"]
        self.config(rule="levels = { overbought = 75 }")
        self.assertIn(b"rule[0].levels.overbought: 70 -> 75", self.ask("reload").out)
        self.assertEqual(self.status()["engine"], counted)
        self.assertEqual(self.ask("reload").out, b"nothing has changed\n")
        # By the socket alone: the command would read the file itself, and stop at its error.
        self.config(rule="levels = { overbought = 20 }")
        refused = run("reload", "--socket", self.folder / "s")
        self.assertEqual(refused.code, 1)
        self.assertIn("nothing is changed", refused.err)
        self.assertIn("c.toml:9:25: rule.levels.oversold", refused.err)
        self.config(rule="levels = { overbought = 75 }", shards=2)
        self.assertIn("engine.shards can only change with a restart", self.ask("reload", code=1).err)
        self.config(rule="levels = { overbought = 80 }")
        process.send_signal(signal.SIGHUP)
        # The answer shows that the signal before it has been worked off.
        self.assertEqual(self.ask("reload").out, b"nothing has changed\n")
        self.assertIn("rule[0].levels.overbought: 75 -> 80", self.stop(process))

    def test_a_second_one_is_refused_and_harms_nothing(self):
        process = self.start()
        second = self.run_to_the_end(code=1)
        self.assertRegex(second.err, rf"state folder .* in use by process {process.pid} \(")
        self.assertEqual(self.status()["journal"]["degraded"], False)
        self.stop(process)

    def test_a_damaged_journal_is_put_aside_and_never_deleted(self):
        self.run_to_the_end()
        path = self.folder / "state" / "journal.db"
        path.write_bytes(b"not a database, but somebody's only copy of something" * 100)
        (self.folder / "state" / "journal.db-wal").unlink(missing_ok=True)
        result = self.run_to_the_end()
        self.assertIn("journal.db.aside-1", result.err)
        self.assertTrue((self.folder / "state" / "journal.db.aside-1").read_bytes()
                        .startswith(b"not a database"))
        self.assertEqual(self.run_to_the_end().err, "")

    def test_tail_resumes_where_it_was(self):
        self.start()
        everything = self.ask("tail", "--since", "0", "--no-follow", "--json").out.splitlines()
        seqs = [json.loads(line)["seq"] for line in everything]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        rest = self.ask("tail", "--since", str(len(seqs) - 5), "--no-follow", "--json").out
        self.assertEqual(rest.splitlines(), everything[-5:])
        buys = self.ask("tail", "--since", "0", "--no-follow", "--json", "--kind", "buy",
                        "--symbol", "*:BTC*", "--timeframe", "5s").out.splitlines()
        self.assertTrue(buys)
        for one in map(json.loads, buys):
            self.assertEqual((one["kind"], one["timeframe"]), ("buy", "5s"))

    def test_consumers_need_their_token(self):
        token = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # of "test"
        consumer = f'[[socket.consumer]]\nname = "desk"\ntoken_sha256 = "{token}"\nexpires = '
        self.config(socket=consumer + "2199-01-01")
        process = subprocess.Popen([program.program, "run", "--stay", "--config",
                                    self.folder / "c.toml"], stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while not (self.folder / "s").exists():
            self.assertIsNone(process.poll())
        (self.folder / "token").write_text("test\n")
        good = self.ask("status", "--json", "--name", "desk", "--token-file", self.folder / "token")
        self.assertTrue(json.loads(good.out)["server"])
        (self.folder / "token").write_text("wrong\n")
        bad = self.ask("status", "--name", "desk", "--token-file", self.folder / "token", code=1)
        self.assertIn("wrong name or token", bad.err)
        self.ask("status", code=1)
        self.stop(process)

    def test_junk_on_the_socket_harms_nobody(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.folder / "s"))
            lines = client.makefile("rb")
            self.assertIn(b'"hello"', lines.readline())
            for junk in (b"\x00\xff\n", b"{}\n", b"[[[[\n", b'{"cmd":"nope"}\n', b"x" * 1_000_000 + b"\n"):
                client.sendall(junk)
                self.assertIn(b'"error"', lines.readline())
            client.sendall(b'{"cmd":"why"}\n')
            self.assertIn(b'"ok":false', lines.readline())
        self.assertEqual(self.status()["socket"]["errors"] >= 5, True)

    def test_no_input_and_no_file_are_clear_errors(self):
        self.config(capture=self.folder / "missing.gz")
        self.assertIn("missing.gz", self.run_to_the_end(code=1).err)
        (self.folder / "c.toml").write_text('[[feed]]\nvenue = "binance"\n')
        self.assertIn("feed binance: names no symbols", self.run_to_the_end(code=2).err)
        (self.folder / "c.toml").write_text("")
        self.assertIn("no [[feed]] is configured", self.run_to_the_end(code=2).err)


if __name__ == "__main__":
    main()
