"""Wrong words, wrong configurations, files of the wrong kind: each is one clear line, the right
exit code, and nothing is begun.

    wrong_use_test.py PROGRAM
"""

import program
from program import FaultCase, run


class WrongUse(FaultCase):
    def test_words_that_mean_nothing_are_met_with_what_was_meant(self):
        self.write("good.capture", b"".join(self.lines[:10]))
        cases = (
            ((), r"no command is given: run, test, capture, replay, tail, status, scan, levels, why, silence, watch, dead, reload, rsi, simulate, config \(try fastrsi --help\)"),
            (("repaly",), r'no such command: repaly; did you mean "replay"\? .*'),
            (("--verison",), r'no such option: --verison; did you mean "--version"\? .*'),
            (("config",), r"no command is given: check, .* \(try fastrsi config --help\)"),
            (("config", "chekc"), r'no such command: chekc; did you mean "check"\? .*'),
            (("config", "check"), r"FILE is required \(try fastrsi config check --help\)"),
            (("config", "check", "a", "b"), r"one word too many: b \(.*\)"),
            (("replay",), r"no capture is named: .* \(try fastrsi replay --help\)"),
            (("replay", "--demo", "good.capture"), r"--demo is a capture of its own: .*"),
            (("replay", "--shard", "2", "good.capture"),
             r'no such option: --shard; did you mean "--shards"\? \(try fastrsi replay --help\)'),
            (("replay", "--shards", "x", "good.capture"), r"--shards: wants a whole number from 0 to 256, not x .*"),
            (("replay", "--shards", "999", "good.capture"), r"--shards: wants a whole number from 0 to 256, not 999 .*"),
            (("replay", "--format", "xml", "good.capture"), r"--format: .*json.*"),
            (("replay", "--stats", "xml", "good.capture"), r"--stats: .*json.*"),
            (("replay", "--stream", "trades", "good.capture"), r"--stream: .*aggTrade.*"),
            (("replay", "--venue", "a", "--venue", "b", "good.capture"), r"--venue: .*"),
            (("levels", "--timeframe", "7m", "good.capture"),
             r"--timeframe 7m: no such timeframe \(1s 5s .*\)"),
            (("rsi",), r"FILE is required \(try fastrsi rsi --help\)"),
            (("rsi", "--period", "1", "x.csv"), r"--period: wants a whole number from 2 to 1000, not 1 .*"),
            (("rsi", "--period", "x", "x.csv"), r"--period: wants a whole number from 2 to 1000, not x .*"),
            (("rsi", "--profile", "mt4", "x.csv"), r"--profile: .*mt5.*"),
        )
        for words, pattern in cases:
            with self.subTest(words=words):
                self.expect(run(*words), 2, f"{pattern}$")

    def test_a_speed_that_is_none_is_refused(self):
        self.write("good.capture", b"".join(self.lines[:10]))
        for speed in ("fast", "-1", "0", "nan", "inf", " 1", "10x", "0x10", "1e9"):
            with self.subTest(speed=speed):
                self.expect(self.replay(f"--speed={speed}", "good.capture"), 2,
                            r"--speed .*: wants max, or a number above 0")

    def test_a_configuration_with_errors_starts_nothing(self):
        self.write("bad.toml", '[[rule]]\nnmae = "x"\ntimeframes = ["7m"]\n')
        for words in (("replay", "--config", "bad.toml", "--out", "records", "missing"),
                      ("levels", "--config", "bad.toml", "missing"),
                      ("config", "check", "bad.toml"), ("config", "dump", "bad.toml")):
            with self.subTest(words=words):
                result = run(*words)
                self.assertEqual((result.code, result.out, len(result.errors)), (2, b"", 2))
                self.assertRegex(result.errors[0], r'^bad\.toml:2:1: .*nmae.*did you mean "name"\?')
                self.assertRegex(result.errors[1], r"^bad\.toml:3:\d+: .*7m")
        self.assertFalse((self.folder / "records").exists())

    def test_a_configuration_that_is_not_there_is_wrong_use(self):
        for words in (("replay", "--demo", "--config"), ("levels", "missing", "--config"),
                      ("config", "check"), ("config", "dump")):
            self.expect(run(*words, "none.toml"), 2, r"none\.toml: does not exist \(.+\)$")

    def test_a_default_configuration_never_writes_over_a_file(self):
        self.write("mine.toml", "# mine\n")
        self.expect(run("config", "default", "mine.toml"), 1,
                    r"mine\.toml: is there already \(.+\)$")
        self.assertEqual((self.folder / "mine.toml").read_text(), "# mine\n")
        self.expect(run("config", "default", "no-folder/x.toml"), 1,
                    r"no-folder/x\.toml: cannot be written: .*\(.+\)$")

    def test_a_csv_that_cannot_be_read_is_named_with_its_place(self):
        self.write("empty.csv", "")
        self.write("other.csv", "time,price\n1,2\n")
        self.write("junk.csv", b"\x1b[2J\xff" * 100)
        self.write("row.csv", "close\n1\n2\n\nx\n")
        (self.folder / "folder.csv").mkdir()
        cases = (("none.csv", r"none\.csv: No such file or directory \(.+\)"),
                 ("folder.csv", r"folder\.csv: is a directory \(.+\)"),
                 ("empty.csv", r"empty\.csv: is empty \(.+\)"),
                 ("other.csv", r'other\.csv:1: no column "close" in "time,price" \(.+--column\)'),
                 ("junk.csv", r'junk\.csv:1: no column "close" in "[ -~]*" \(.+\)'))
        for name, pattern in cases:
            self.expect(run("rsi", name), 1, rf"{pattern}$")
        result = run("rsi", "row.csv")
        self.expect(result, 1, r'row\.csv:5: no number in column "close" \(.+\)$',
                    b"index,close,rsi\n0,1,\n1,2,\n")

    def test_levels_of_no_symbol_say_so(self):
        self.write("good.capture", b"".join(self.lines[:50]))
        result = run("levels", "--symbol", "binance:BTC*", "good.capture")
        self.expect(result, 1, r'no symbol and timeframe matches --symbol "binance:BTC\*"')


if __name__ == "__main__":
    program.main()
