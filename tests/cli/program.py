"""Runs the program for whole-program tests, and makes the captures they read.

Every test file takes the program's path as its first word and unittest's own words behind it.
"""

import gzip
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DEMO = ROOT / "tools" / "demo" / "demo.capture.zst"
GOLDEN = HERE / "golden"
BEGIN_NS = 1_723_161_600 * 10**9  # 2024-08-09T00:00:00Z

# Several rules over several timeframes: forming bars and closed ones, lists and scans.
RULES = """
[[rule]]
name = "forming"
timeframes = ["1s", "5s", "15s"]
warmup_bars = 15
empty_bars = "carry"
edge = { once_per = "none", hysteresis = 0.5 }

[[rule]]
name = "closing"
timeframes = ["1s", "5s"]
warmup_bars = 15
evaluate = "close"
trend = { rule = "both" }
cross = { lookback = 2, filter = false }

[[rule]]
name = "scanning"
timeframes = ["5s"]
warmup_bars = 16
rsi = { default = 9, first = 3, second = 15 }
levels = { middle = 50, overbought = 60, oversold = 40 }
auto = { mode = "scan", every = "30s" }
"""

# Parts of a service's configuration, for format(): where it keeps what it has, and a log that tells all.
# The folder's name is short, because a socket's path is.
PLACES = """[state]
dir = "{folder}/state"
ballast_mib = 1
[socket]
path = "{folder}/s"
"""
JSON_LOG = """[[sink]]
type = "log"
name = "log"
format = "json"
path = "{folder}/log.json"
"""

program = None


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = (done.stderr or b"").decode("utf-8", "replace")
        self.errors = self.err.splitlines()


def run(*words, program_path=None, **options):
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [str(word) for word in (program_path or program, *words)]
    return Result(subprocess.run(command, **(pipes | {"timeout": 300} | options)))


def main():
    """For test files: the program's path, then unittest's words."""
    global program
    if len(sys.argv) < 2:
        sys.exit(f"{sys.argv[0]}: wants the program's path (build/release/fastrsi)")
    program = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(module="__main__")


def check_golden(case, name, content):
    """Compares with tests/cli/golden; FASTRSI_BLESS=1 takes the new content for good."""
    path = GOLDEN / name
    if os.environ.get("FASTRSI_BLESS"):
        path.write_bytes(content)
    case.assertEqual(content.decode().splitlines(), path.read_text().splitlines())


def corpus():
    """The folder of real captures, or None."""
    given = os.environ.get("FASTRSI_CORPUS")
    folder = pathlib.Path(given) if given else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def demo_lines():
    text = subprocess.run(["zstd", "-dcq", DEMO], check=True, stdout=subprocess.PIPE).stdout
    return text.splitlines(keepends=True)


def header(venue="binance"):
    return f'{BEGIN_NS} {{"fastrsi":{{"capture":1,"venue":"{venue}","url":"made-up"}}}}\n'.encode()


def made_up_session(symbols, seconds, seed=1):
    """A capture's lines, header first: trades of `symbols` symbols, some late, some twice, some
    missing. Each symbol walks on its own; the busy ones trade most, as on a real market."""
    chance = random.Random(seed)
    names = [f"S{index}USDT" for index in range(symbols)]
    weights = [1.0 / (index + 1) for index in range(symbols)]
    prices = {name: 10.0 * (index + 1) for index, name in enumerate(names)}
    ids = dict.fromkeys(names, 100)
    lines = [header()]
    now_ns = BEGIN_NS
    while now_ns < BEGIN_NS + seconds * 10**9:
        now_ns += chance.randrange(1, 8_000_000)
        name = chance.choices(names, weights)[0]
        prices[name] = round(prices[name] * (1 + chance.uniform(-0.001, 0.001)), 4)
        fate = chance.random()
        ids[name] += 0 if fate < 0.005 else 3 if fate < 0.008 else 1
        age_ms = chance.randrange(20, 900) if fate > 0.99 else 20
        time_ms = now_ns // 10**6 - age_ms
        lines.append(
            b'%d {"stream":"%s@trade","data":{"e":"trade","E":%d,"s":"%s","t":%d,"p":"%.8f",'
            b'"q":"0.10000000","T":%d,"m":true,"M":true}}\n'
            % (now_ns, name.lower().encode(), time_ms + 2, name.encode(), ids[name],
               prices[name], time_ms)
        )
    return lines


def pack_gzip(lines):
    return gzip.compress(b"".join(lines), mtime=0)


class FaultCase(unittest.TestCase):
    """Every fault in a folder of its own, over one made-up session."""

    @classmethod
    def setUpClass(cls):
        cls.lines = made_up_session(symbols=4, seconds=20)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        self.write("rules.toml", RULES)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def replay(self, *words, **options):
        return run("replay", "--config", "rules.toml", "--stats", "none", *words, **options)

    def records_of(self, lines):
        good = self.replay(self.write("good.capture", b"".join(lines)))
        self.assertEqual((good.code, good.err), (0, ""))
        self.assertTrue(good.out)
        return good.out

    def expect(self, result, code, pattern, records=b""):
        self.assertNotIn("terminate called", result.err)
        self.assertEqual(len(result.errors), 1, result.err)
        self.assertRegex(result.errors[0], f"^(fastrsi: )?{pattern}")
        self.assertLess(len(result.errors[0]), 400)
        self.assertEqual(result.code, code, result.err)
        if records is not None:
            self.assertEqual(result.out, records)
