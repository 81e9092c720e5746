"""The C++ header and the Python example against a service with faults: each record comes once.

    client_test.py COMPILER [WORD...]      words are for the compiler, up to --
"""

import contextlib
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

from fake_service import FakeService, record

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from folder_watch import FolderWatch  # noqa: E402

STRICT = ["-std=c++20", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
STATUS = {"status": {"state": "running", "note": "\\\" نماد \u0007 \U0001F600"}}

compiler = []


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-client-"))
        cls.follow = cls.built / "follow"
        subprocess.run([*compiler, *STRICT, "-I", ROOT, HERE / "follow.cpp", "-o", cls.follow,
                        "-pthread"], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.built, ignore_errors=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-client-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.path = self.folder / "fastrsi.sock"

    def run_follow(self, *words):
        command = [str(word) for word in (self.follow, self.path, *words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def wait_for_subscriber(self, service):
        with service.grown:
            self.assertTrue(service.grown.wait_for(
                lambda: any(asked["cmd"] == "subscribe" for asked in service.asked), 20))

    def check_all(self, output, first, count):
        lines = output.splitlines()
        self.assertEqual([int(line.split()[0]) for line in lines[:count]],
                         list(range(first, first + count)))
        return lines


class Header(Clients):
    def service(self, count, **faults):
        records = [record(seq) for seq in range(1, count + 1)]
        return FakeService(self.path, records, replies={"status": STATUS}, **faults)

    def test_each_record_comes_once_over_fifty_cuts(self):
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        cuts = chance.sample(range(1, 1001), 50)
        with self.subTest(seed=seed), self.service(1000, cuts=cuts) as service:
            done = self.run_follow(1000, 0)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = self.check_all(done.stdout, 1, 1000)
            self.assertEqual(lines[3], "4 binance:ETHUSDT rising provisional 61841.6")
            self.assertEqual(lines[1], "2 binance:نماد overbought provisional 61839.6")
            self.assertEqual(json.loads(lines[1000])["status"], STATUS["status"])
            self.assertEqual(service.connects, 51)
            since = [asked["since"] for asked in service.asked if asked["cmd"] == "subscribe"]
            self.assertEqual(since, sorted(seq - 1 for seq in [1, *cuts]))

    def test_a_bye_and_a_silence_are_lost_connections(self):
        with self.service(20, byes=[5, 6, 15], silences=[10], heartbeat=0.1) as service:
            done = self.run_follow(20, 0, 400)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_all(done.stdout, 1, 20)
            self.assertEqual(service.connects, 5)
            self.assertIn("it says bye: slow", done.stderr)
            self.assertIn("it is silent", done.stderr)

    def test_heartbeats_keep_a_quiet_connection(self):
        with self.service(3, heartbeat=0.1) as service:
            threading.Timer(1.5, service.add, [record(4)]).start()
            done = self.run_follow(4, 0, 500)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(service.connects, 1)

    def test_a_service_may_be_away_for_a_while(self):
        with self.service(3) as service:
            reader = subprocess.Popen([self.follow, self.path, "6", "new"], text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_for_subscriber(service)
            service.add(record(4))
            self.assertTrue(reader.stdout.readline().startswith("4 "))
            service.stop()
            service.records += [record(seq) for seq in range(5, 10)]
            # It has tried, and found nobody.
            while "No such file or directory" not in reader.stderr.readline():
                self.assertIsNone(reader.poll())
            service.start()
            rest, notes = reader.communicate(timeout=30)
            self.check_all(rest, 5, 5)
            self.assertTrue(notes.endswith("connected\n"), notes)

    def test_records_that_are_numbered_anew_are_all_new(self):
        with self.service(3):
            self.check_all(self.run_follow(3, 900).stdout, 1, 3)

    def test_what_cannot_be_mended_is_said(self):
        done = self.run_follow(1, 0)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.splitlines()[-1],
                         f"no service: {self.path}: No such file or directory")
        with self.service(1, tokens={"desk": "right"}):
            done = self.run_follow(1, 0, 5000, "desk", "wrong")
            self.assertEqual((done.returncode, done.stderr),
                             (1, f"error: {self.path}: wrong token\n"))
            self.assertEqual(self.run_follow(1, 0, 5000, "desk", "right").returncode, 0)
            done = self.run_follow(1, 0)
            self.assertEqual((done.returncode, done.stderr),
                             (1, f"error: {self.path}: log in first\n"))

    def test_what_is_no_service_is_not_taken_for_one(self):
        with self.service(1, hello={"type": "hello", "protocol": 2}):
            done = self.run_follow(1, 0)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"no service: .*: it begins with \{.*\"protocol\": 2")


class Example(Clients):
    def test_each_record_comes_once_over_fifty_cuts_and_a_kill(self):
        records = [record(seq) for seq in range(1, 401)]
        kept = self.folder / "last"
        kept.write_text("0")
        seen = []
        watch = FolderWatch(self.folder)
        self.addCleanup(watch.close)
        with FakeService(self.path, records[:150], cuts=range(3, 400, 8)) as service:
            for enough in (150, 400):
                with self.example(kept) as example:
                    while len(seen) < enough:
                        seen.append(json.loads(example.stdout.readline()))
                    # Killed between a record and its seq, it would print that record again.
                    while int(kept.read_text()) != enough:
                        self.assertTrue(watch.wait(20))
                    example.kill()
                for one in records[len(seen):]:
                    service.add(one)
            self.assertEqual(seen, records)
            self.assertGreaterEqual(service.connects, 51)

    def test_without_a_file_it_begins_with_new_records(self):
        kept = self.folder / "last"
        with FakeService(self.path, [record(1)]) as service:
            with self.example(kept) as example:
                self.wait_for_subscriber(service)
                service.add(record(2))
                self.assertEqual(json.loads(example.stdout.readline()), record(2))
                example.kill()

    @contextlib.contextmanager
    def example(self, kept):
        """The example at work; it never outlives a test that waits for it in vain."""
        words = [sys.executable, ROOT / "tools" / "client" / "follow.py", self.path, kept]
        with subprocess.Popen(words, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as running:
            watchdog = threading.Timer(60, running.kill)
            watchdog.start()
            try:
                yield running
            finally:
                watchdog.cancel()
                running.kill()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"{sys.argv[0]}: wants the compiler (g++)")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    compiler = sys.argv[1:end]
    unittest.main(argv=[sys.argv[0], *sys.argv[end + 1:]])
