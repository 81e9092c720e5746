#!/usr/bin/env python3
"""The history fetcher against a simulated exchange: its bars are those of the trades that were played.

Run: history_test.py FASTRSI FASTRSI_HISTORY_LISTS
"""

import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

BEGIN_MS = 1_723_161_600_000  # 2024-08-09T00:00:00Z
LENGTHS = {"5s": 5, "1m": 60, "2m": 120, "15m": 900, "1h": 3600, "3h": 10800, "1d": 86400}
fastrsi, history_lists = sys.argv[1:3]


def trades(seconds, seed=7):
    """Time in ms and price in hundredths; quiet for some minutes now and then."""
    dice = random.Random(seed)
    price, time_ms, made = 10_000, BEGIN_MS, []
    while time_ms < BEGIN_MS + seconds * 1000:
        made.append((time_ms, price))
        price += dice.randint(-9, 9)
        time_ms += dice.randint(200, 3000) + (dice.random() < 0.002) * 180_000
    return made


def bars(parts, length_s):
    """Parts are (time, open, high, low, close); bars of a UTC calendar."""
    merged = {}
    for time_ms, first, high, low, last in parts:
        bar = merged.setdefault(time_ms // (length_s * 1000), [first, high, low, last])
        bar[1], bar[2], bar[3] = max(bar[1], high), min(bar[2], low), last
    return merged


class HistoryTest(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-history-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.trades = trades(7300)
        lines = [b'%d {"fastrsi":{"capture":1,"venue":"binance","url":"made-up"}}\n' % (BEGIN_MS * 10**6)]
        for number, (time_ms, price) in enumerate(self.trades):
            text = "%d.%02d" % divmod(price, 100)
            lines.append(b'%d {"e":"trade","E":%d,"s":"AAAUSDT","t":%d,"p":"%s","q":"1.0","T":%d,"m":true,"M":true}\n'
                         % (time_ms * 10**6, time_ms, number, text.encode(), time_ms))
        (folder / "binance.capture").write_bytes(b"".join(lines))
        self.process = subprocess.Popen(
            [fastrsi, "simulate", "--listen", "127.0.0.1:0", "--speed", "max", "--history", "2h",
             str(folder / "binance.capture")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.stop)
        self.url = "http://127.0.0.1:" + re.search(rb":(\d+)\s", self.process.stdout.readline())[1].decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)

    def fetch(self, symbol, now_ms, wished, *timeframes):
        return subprocess.run([history_lists, self.url, "binance", symbol, str(now_ms * 10**6), str(wished), *timeframes],
                              capture_output=True, timeout=60)

    def test_each_list_tells_what_the_trades_tell(self):
        now_ms = BEGIN_MS + 7_200_000 - 20_000
        until_ms = (now_ms - 2000) // 60_000 * 60_000
        for wished in (7, 100):
            done = self.fetch("AAAUSDT", now_ms, wished, *LENGTHS)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            *lists, last = done.stdout.decode().splitlines()
            self.assertEqual(len(lists), len(LENGTHS))
            for line in lists:
                told = json.loads(line)["fastrsi"]
                length_s = LENGTHS[told["timeframe"]]
                got = bars([(bar[0] // 10**6, *bar[1:5]) for bar in told["bars"]], length_s)
                from_ms = until_ms // (length_s * 1000) * (length_s * 1000) - wished * length_s * 1000
                want = bars([(t, p / 100, p / 100, p / 100, p / 100) for t, p in self.trades if from_ms <= t < until_ms],
                            length_s)
                with self.subTest(timeframe=told["timeframe"], wished=wished):
                    self.assertGreater(len(want), 0)
                    self.assertEqual(got, want)
            self.assertLessEqual(int(last.split()[0]), 2 * len(LENGTHS) + 6)

    def test_a_symbol_that_is_not_there_is_refused_in_words(self):
        done = self.fetch("NONEUSDT", BEGIN_MS + 7_100_000, 7, "1m")
        self.assertEqual(done.returncode, 1)
        self.assertIn("NONEUSDT", done.stderr.decode())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
