"""What each command prints, through the whole program.

    commands_test.py PROGRAM        FASTRSI_BLESS=1 writes the golden files anew
"""

import collections
import csv
import hashlib
import io
import json
import os
import pathlib
import pty
import re
import shutil
import tempfile
import unittest

import program
from program import DEMO, ROOT, RULES, check_golden, made_up_session, run

KINDS = ("buy", "sell", "overbought", "oversold", "rising", "falling", "phase_up", "phase_down")


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.rules = self.write("rules.toml", RULES.encode())

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def good(self, *words, **options):
        result = run(*words, **options)
        self.assertEqual(result.code, 0, result.err)
        return result


class Help(Commands):
    def commands(self, *path):
        """Every command under `path`, itself first, with its help."""
        text = self.good(*path, "--help").out.decode()
        yield path, text
        listed = text.partition("Subcommands:\n")[2].split("\n\n")[0]
        for name in re.findall(r"^  (\w+) ", listed, re.M):
            yield from self.commands(*path, name)

    def test_every_command_and_option_says_what_it_is(self):
        found = list(self.commands())
        self.assertEqual(len(found), 25)
        for path, text in found:
            with self.subTest(path=path):
                self.assertIn("Usage: fastrsi", text)
                self.assertLessEqual(max(map(len, text.splitlines())), 160)
                # An item, then its description behind it or on the next line.
                entries = re.findall(r"^  (\S.*?)(?:  +|\n {10,})(\S.*)$",
                                     text.partition("ptions:\n")[2].split("\n\n")[0], re.M)
                options = re.findall(r"^  (-\S+)", text, re.M)
                self.assertGreaterEqual(len(entries), len(options))
                for entry, description in entries:
                    self.assertRegex(description, r"\w+ \w+", entry)

    def test_what_help_promises_as_examples_parses(self):
        for _, text in self.commands():
            for example in re.findall(r"^  fastrsi (.*)$", text, re.M):
                words = re.findall(r"'[^']*'|\S+", example)
                result = run(*(word.strip("'") for word in words), cwd=self.folder)
                self.assertNotIn("try fastrsi", result.err, example)

    def test_the_version_names_compiler_and_kernel(self):
        text = self.good("--version").out.decode()
        self.assertRegex(text, r"^fastrsi [\d.]+ \((g\+\+|clang) \d+.*, simdjson \w+/\w+\)\n$")


class Demo(Commands):
    def test_the_demo_shows_the_same_lines_everywhere(self):
        result = self.good("replay", "--demo")
        check_golden(self, "demo.log", result.out)
        for kind in KINDS:
            self.assertRegex(result.err, rf"(?m)^ +{kind} +\d+ +\d+ +\d+$")

    def test_the_demo_leaves_nothing_behind(self):
        self.good("replay", "--demo", env=os.environ | {"TMPDIR": str(self.folder)})
        self.assertEqual([path.name for path in self.folder.iterdir()], ["rules.toml"])


class Records(Commands):
    def test_a_made_up_session_gives_the_same_records_everywhere(self):
        """Golden by rule, kind and stage: how many records there are, and a digest of them."""
        session = self.write("made-up.capture", b"".join(made_up_session(12, 180, seed=11)))
        out = self.good("replay", "--config", self.rules, "--stats", "none", session).out
        groups = collections.defaultdict(list)
        for line in out.splitlines(keepends=True):
            record = json.loads(line)
            groups[record["rule"], record["kind"], record.get("stage", "listed")].append(line)
        digests = [f"{' '.join(group)} {len(lines)} {hashlib.sha256(b''.join(lines)).hexdigest()}"
                   for group, lines in sorted(groups.items())]
        check_golden(self, "records.txt", ("\n".join(digests) + "\n").encode())


class SmallSessions(Commands):
    """A rule of one second's bars over a few trades: every close is a signal or a step to one."""
    RULE = ('[[rule]]\nname = "r"\ntimeframes = ["1s"]\nwarmup_bars = 4\nevaluate = "close"\n'
            'rsi = { default = 2, first = 2, second = 3 }\n')
    PRICES = (10, 11, 10, 12, 9, 13, 8, 14, 7, 15)

    def records(self, config, *words):
        return self.good("replay", "--config", self.write("own.toml", config.encode()),
                         "--stats", "none", *words).out.splitlines()

    def test_a_letter_of_a_glob_is_one_of_any_alphabet(self):
        rows = "".join(f"{1723161250 + i},{price},1,فملی\n" for i, price in enumerate(self.PRICES))
        trades = self.write("trades.csv", ("time,price,qty,symbol\n" + rows).encode())
        for glob, is_it in (("binance:????", True), ("binance:[ف]*", True), ("binance:???", False)):
            with self.subTest(glob=glob):
                said = self.records(self.RULE + f'symbols = ["{glob}"]\n', "--venue", "binance", trades)
                self.assertEqual(bool(said), is_it)

    def test_frames_of_the_generic_venue_are_read_as_the_configuration_says(self):
        frames = "".join(f'{{"symbol":"A","last":{price},"ts":{1723161250000 + 1000 * i}}}\n'
                         for i, price in enumerate(self.PRICES))
        capture = self.write("frames.txt", frames.encode())
        feed = '[[feed]]\nvenue = "generic"\ngeneric = {{ price = "{}", time = "ts" }}\n'
        said = self.records(feed.format("last") + self.RULE, "--venue", "generic", capture)
        self.assertTrue(said)
        result = program.run("replay", "--venue", "generic", "--stats", "none", "--config",
                             self.write("own.toml", (feed.format("symbol") + self.RULE).encode()),
                             capture)
        self.assertEqual(result.code, 1)
        self.assertIn("frames.txt: none of its 10 frames is a message that generic can read",
                      result.err)

    def test_words_for_ids_are_no_numbers_that_rise(self):
        trades = [f"{1723161250 + i},{price},1," for i, price in enumerate(self.PRICES)]
        plain = self.write("plain.csv", ("time,price,qty\n" + "".join(
            row.rstrip(",") + "\n" for row in trades)).encode())
        named = self.write("named.csv", ("time,price,qty,id\n" + "".join(
            f"{row}tx-{i}\n" for i, row in enumerate(trades))).encode())
        said = [[line.replace(b"named", b"plain") for line in
                 self.records(self.RULE, "--venue", "binance", file)] for file in (plain, named)]
        self.assertTrue(said[0])
        self.assertEqual(said[0], said[1])


class Rsi(Commands):
    def test_a_vector_comes_out_to_nine_digits(self):
        path = ROOT / "tests" / "data" / "rsi" / "talib_lib_252_p14.csv"
        rows = list(csv.DictReader(path.read_text().splitlines()))
        closes = "Close,Volume\r\n" + "".join(f'"{row["close"]}", 1\r\n' for row in rows)
        bars = self.write("bars.csv", ("\ufeff" + closes).encode())
        out = self.good("rsi", "--period", "14", "--column", "Close", bars).out.decode()
        got = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual(len(got), len(rows))
        for index, (row, expected) in enumerate(zip(got, rows)):
            self.assertEqual(int(row["index"]), index)
            self.assertEqual(float(row["close"]), float(expected["close"]))
            self.assertEqual(row["rsi"] == "", index < 14)
            if index >= 14:
                wanted = float(expected["expected_rsi"])
                self.assertAlmostEqual(float(row["rsi"]), wanted, delta=1e-9)

    def test_a_comma_within_quotes_is_no_border(self):
        rows = b'"date","close"\r\n"Jan 01, 2024","100"\r\n"Jan 02, 2024","101"\r\n"Jan 03, 2024",99\r\n'
        out = self.good("rsi", "--period", "2", self.write("quoted.csv", rows)).out.decode()
        self.assertEqual(out.splitlines()[1:], ["0,100,", "1,101,", "2,99,33.33333333333333"])
        result = program.run("rsi", self.write("thousands.csv", b'close\n"1,234.5"\n'))
        self.assertEqual(result.code, 1)
        self.assertIn('thousands.csv:2: no number in column "close"', result.err)

    def test_a_flat_series_is_worth_what_the_profile_says(self):
        bars = self.write("flat.csv", b"close\n" + b"7\n" * 5)
        for profile, value in (("mt5", "50"), ("tradingview", "100"), ("talib", "0")):
            out = self.good("rsi", "--period", "2", "--profile", profile, bars).out.decode()
            self.assertEqual(out.splitlines()[-1], f"4,7,{value}")


class Levels(Commands):
    def test_the_levels_at_the_demos_end_are_the_same_everywhere(self):
        out = self.good("levels", "--json", "--config", self.rules, DEMO).out
        check_golden(self, "levels.ndjson", out)
        for level in map(json.loads, out.splitlines()):
            self.assertIn(level["kind"], KINDS)
            self.assertGreater(level["price"], 0)
            self.assertTrue(level["below"] is None or level["below"] < level["price"], level)
            self.assertTrue(level["above"] is None or level["above"] > level["price"], level)

    def test_text_shows_one_block_a_series_and_globs_choose(self):
        out = self.good("levels", "--config", self.rules, "--symbol", "binance:BTC*",
                        "--timeframe", "5s", DEMO).out.decode()
        heads = re.findall(r"^(\S+ \S+) rule=(\w+) price=[\d.]+$", out, re.M)
        self.assertEqual(heads, [("binance:BTCUSDT 5s", rule)
                                 for rule in ("forming", "closing", "scanning")])
        self.assertEqual(len(out.splitlines()), 3 * (1 + len(KINDS)))


class Config(Commands):
    def test_the_default_file_is_good_and_dumps_to_itself(self):
        path = self.folder / "default.toml"
        self.good("config", "default", path)
        self.assertEqual(path.read_bytes(), self.good("config", "default").out)
        self.assertRegex(self.good("config", "check", path).out.decode(),
                         r"good: \d feeds?, 1 rule, 1 sink\n$")
        dump = self.write("dump.toml", self.good("config", "dump", path).out)
        self.assertEqual(self.good("config", "dump", dump).out, dump.read_bytes())

    def test_a_dumped_configuration_gives_the_same_records(self):
        dump = self.write("dump.toml", self.good("config", "dump", self.rules).out)
        words = ("replay", "--stats", "none", DEMO, "--config")
        records = self.good(*words, self.rules).out
        self.assertTrue(records)
        self.assertEqual(self.good(*words, dump).out, records)

    def test_symbols_from_a_file_are_watched_and_no_others(self):
        self.write("list.txt", b"# two of them\nETHUSDT\nXRPUSDT\n")
        feed = '[[feed]]\nvenue = "binance"\nsymbols_file = "list.txt"\n'
        config = self.write("feed.toml", (RULES + feed).encode())
        result = self.good("replay", "--config", config, "--stats", "json", DEMO)
        symbols = {json.loads(line).get("symbol", "ETHUSDT") for line in result.out.splitlines()}
        self.assertEqual(symbols, {"ETHUSDT"})
        statistics = json.loads(result.err)
        self.assertEqual(statistics["symbols"], 2)
        self.assertGreater(statistics["unwatched_trades"], 1000)


class Statistics(Commands):
    def check_adds_up(self, words):
        result = self.good("replay", "--stats", "json", *words)
        statistics = json.loads(result.err)
        records = [json.loads(line) for line in result.out.splitlines()]
        counted = collections.Counter((record["kind"], record["stage"]) for record in records
                                      if record["type"] == "signal")
        for kind in KINDS:
            for stage in ("provisional", "confirmed", "retracted"):
                self.assertEqual(statistics["signals"][kind][stage], counted[kind, stage])
        listed = sum(len(record["symbols"]) for record in records if record["type"] == "snapshot")
        self.assertEqual(statistics["listed"], listed)
        self.assertEqual(sum(statistics["frames"].values()), statistics["messages"])
        latency = statistics["latency_ns"]
        self.assertLessEqual(latency["p50"], latency["p99"])
        return statistics, records

    def test_numbers_are_those_of_the_records(self):
        for shards in (1, 3):
            session = self.write("made-up.capture", b"".join(made_up_session(12, 40)))
            words = ["--config", self.rules, "--shards", shards, session]
            statistics, records = self.check_adds_up(words)
            self.assertGreater(len(records), 500)
            self.assertEqual((statistics["symbols"], statistics["shards"]), (12, shards))
            for fate in ("gaps", "duplicates", "late_ticks", "older_ticks"):
                self.assertGreater(statistics[fate], 0)

    def test_frames_that_are_refused_count_too(self):
        lines = made_up_session(12, 40)
        lines[50] = lines[50].replace(b'"p":"', b'"p":"-')
        lines[60] = lines[60][:60] + b"\n"
        session = self.write("made-up.capture", b"".join(lines))
        result = run("replay", "--stats", "json", session)
        self.assertEqual((result.code, len(result.errors)), (1, 2))
        statistics = json.loads(result.errors[1])
        self.assertEqual(statistics["rejected"], {"truncated": 1, "bad_price": 1})
        self.assertEqual(sum(statistics["frames"].values()), statistics["messages"])

    def test_text_says_the_same_as_json(self):
        words = ("replay", "--config", self.rules, DEMO)
        numbers = json.loads(self.good(*words, "--stats", "json").err)
        text = self.good(*words).err
        self.assertRegex(text, rf"(?m)^messages +{numbers['messages']} in [\d.]+ s \(\d+ a "
                               rf"second\), {numbers['symbols']} symbols, 1 shard$")
        self.assertRegex(text, rf"(?m)^ticks +{numbers['ticks']}: gaps {numbers['gaps']} ")
        self.assertRegex(text, rf"(?m)^bars +{numbers['bars_closed']} closed, "
                               rf"{numbers['bars_carried']} of them carried")
        for kind, stages in numbers["signals"].items():
            self.assertRegex(text, rf"(?m)^ +{kind} +" + " +".join(map(str, stages.values())) + "$")

    def test_a_replay_without_signals_says_what_it_waits_for(self):
        text = self.good("replay", DEMO).err
        self.assertRegex(text, r"(?m)^hint +no signals: rule tars begins after \d+ closed .*\)$")
        text = self.good("replay", "--config", self.rules, DEMO).err
        self.assertNotIn("hint", text)

    def test_watching_other_symbols_than_those_traded_is_said(self):
        feed = '[[feed]]\nvenue = "binance"\nsymbols = ["BTCUSD"]\n'
        config = self.write("feed.toml", (RULES + feed).encode())
        self.assertRegex(self.good("replay", "--config", config, DEMO).err,
                         r"(?m)^hint +none of the 34419 trades of binance is of a symbol")


class Progress(Commands):
    def on_terminal(self, *words):
        """Standard error of a run whose standard error is a terminal."""
        ours, theirs = pty.openpty()
        result = run(*words, "--out", self.folder / "records", stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        os.close(ours)
        self.assertEqual(result.code, 0)
        return seen.decode()

    def test_a_long_replay_draws_a_bar_on_a_terminal_and_only_there(self):
        session = self.write("made-up.capture", b"".join(made_up_session(4, 10)))
        words = ("replay", "--speed", "5", "--stats", "none", session)
        seen = self.on_terminal(*words)
        shares = [int(share) for share in re.findall(r"\r\[[#.]{40}\] +(\d+) %", seen)]
        self.assertGreater(len(shares), 2)
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(shares[-1], 100)
        self.assertLess(shares[0], 100)
        self.assertTrue(seen.endswith("\n"))
        self.assertEqual(self.good(*words, "--out", self.folder / "records").err, "")


if __name__ == "__main__":
    program.main()
