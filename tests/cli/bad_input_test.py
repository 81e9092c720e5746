"""Bad input, through the whole program: each fault is one clear line that names the thing, the
place and the mend; the exit code is right; and what is good is done, to the byte.

    bad_input_test.py PROGRAM
"""

import os
import random
import re
import resource
import zlib

import program
from program import RULES, FaultCase, pack_gzip, run

CUT_AT = 4000  # lines of the session before the damage: enough for records


class BadCaptures(FaultCase):
    def test_a_truncated_gz_keeps_what_came_before(self):
        packed = pack_gzip(self.lines)
        for share in (0.85, 0.97):
            cut = packed[: int(len(packed) * share)]
            good = zlib.decompressobj(31).decompress(cut).rpartition(b"\n")[0] + b"\n"
            number = good.count(b"\n") + 1
            result = self.replay(self.write("cut.gz", cut))
            self.expect(result, 1, rf"cut\.gz:{number}: the gzip data ends early; .*\(.+\)$",
                        self.records_of([good]))

    def test_a_truncated_zst_keeps_what_came_before(self):
        packed = program.DEMO.read_bytes()
        whole = self.replay(program.DEMO).out
        result = self.replay(self.write("cut.zst", packed[: len(packed) // 2]))
        self.expect(result, 1, r"cut\.zst:\d+: the zstd data ends early; .*\(.+\)$", None)
        self.assertGreater(len(result.out), 10_000)
        self.assertTrue(whole.startswith(result.out))

    def test_a_line_cut_in_half_is_skipped_and_told_with_its_number(self):
        damaged = list(self.lines)
        damaged[CUT_AT] = damaged[CUT_AT][:70] + b"\n"
        rest = self.lines[:CUT_AT] + self.lines[CUT_AT + 1 :]
        result = self.replay(self.write("half.capture", b"".join(damaged)))
        self.expect(result, 1, rf"half\.capture:{CUT_AT + 1}: a frame cut short .*\(.+\)$",
                    self.records_of(rest))

    def test_a_file_that_ends_within_a_line_is_done_up_to_it(self):
        good = self.lines[:CUT_AT]
        damaged = b"".join(good) + self.lines[CUT_AT][:70]
        result = self.replay(self.write("end.capture", damaged))
        self.expect(result, 1, rf"end\.capture:{CUT_AT + 1}: a frame cut short .*\(.+\)$",
                    self.records_of(good))

    def test_a_line_cut_within_its_time_is_told_with_its_number(self):
        damaged = list(self.lines)
        damaged[CUT_AT] = damaged[CUT_AT][:9] + b"\n"
        rest = self.lines[:CUT_AT] + self.lines[CUT_AT + 1 :]
        result = self.replay(self.write("time.capture", b"".join(damaged)))
        self.expect(result, 1, rf"time\.capture:{CUT_AT + 1}: no receive time$",
                    self.records_of(rest))

    def test_prices_that_are_no_numbers_are_refused_and_counted(self):
        damaged = list(self.lines)
        for number in (CUT_AT, CUT_AT + 10, CUT_AT + 20):
            damaged[number] = re.sub(rb'"p":"[^"]*"', b'"p":"NaN"', damaged[number])
        name = self.write("nan.capture", b"".join(damaged))
        result = self.replay(name)
        self.expect(result, 1, rf"nan\.capture:{CUT_AT + 1}: a trade whose price is no "
                               r"positive number is skipped; 2 more .*\(.+\)$", None)
        self.assertIn("rejected   bad_price 3", run("replay", name).err)

    def test_a_line_of_64_mb_is_skipped(self):
        huge = b'%d {"e":"trade","x":"%s"}\n' % (program.BEGIN_NS, b"a" * (64 << 20))
        damaged = b"".join(self.lines[:CUT_AT]) + huge + b"".join(self.lines[CUT_AT:])
        result = self.replay(self.write("huge.capture", damaged))
        self.expect(result, 1, rf"huge\.capture:{CUT_AT + 1}: skipped: longer than 16 MiB$",
                    self.records_of(self.lines))

    def test_random_bytes_are_refused(self):
        for seed in range(5):
            junk = random.Random(seed).randbytes(100_000)
            result = self.replay("--venue", "binance", self.write("junk.bin", junk))
            self.expect(result, 1, r"junk\.bin: is of no known format \(.+\)$")

    def test_random_bytes_within_a_capture_cost_only_themselves(self):
        junk = random.Random(3).randbytes(3_000).replace(b"\n", b"")
        damaged = b"".join(self.lines[:CUT_AT]) + junk + b"\n" + b"".join(self.lines[CUT_AT:])
        result = self.replay(self.write("junk.capture", damaged))
        self.expect(result, 1, rf"junk\.capture:{CUT_AT + 1}: no receive time$",
                    self.records_of(self.lines))

    def test_files_that_hold_nothing_are_named(self):
        self.write("empty", b"")
        (self.folder / "folder").mkdir()
        for name, pattern in (("empty", r"is empty \(.+\)"), ("folder", r"is a directory \(.+\)"),
                              ("missing", r"No such file or directory \(.+\)")):
            self.expect(self.replay("--venue", "binance", name), 1, rf"{name}: {pattern}$")

    def test_a_bad_file_does_not_cost_the_good_one(self):
        self.write("end.capture", b"".join(self.lines[:CUT_AT]) + self.lines[CUT_AT][:70])
        self.write("rest.capture", program.header() + b"".join(self.lines[CUT_AT + 1 :]))
        result = self.replay("rest.capture", "end.capture")
        self.expect(result, 1, rf"end\.capture:{CUT_AT + 1}: a frame cut short",
                    self.records_of(self.lines[:CUT_AT] + self.lines[CUT_AT + 1 :]))


class OtherVenues(FaultCase):
    KRAKEN = (b'1617666423.5: {"event":"heartbeat"}\n'
              b'1617666424.5: [321,[["58000.1","0.1","1617666424.4","b","l",""]],'
              b'"trade","XBT/USD"]\n')

    def test_a_file_of_another_venue_is_told_once(self):
        self.write("kraken.raw", self.KRAKEN)
        result = self.replay("--venue", "binance", "kraken.raw")
        self.expect(result, 1, r"kraken\.raw: none of its 2 frames is a message of binance "
                               r"\(is --venue right\? known venues: .*\bkraken\b.*\)$")

    def test_a_file_of_another_venue_does_not_hide_behind_a_good_one(self):
        self.write("kraken.raw", self.KRAKEN)
        self.write("good.capture", b"".join(self.lines))
        result = self.replay("--venue", "binance", "kraken.raw", "good.capture")
        self.expect(result, 1, r"kraken\.raw: none of its 2 frames is a message of binance",
                    self.records_of(self.lines))

    def test_a_mistyped_venue_is_met_with_the_right_one(self):
        self.write("kraken.raw", self.KRAKEN)
        result = self.replay("--venue", "krakken", "kraken.raw")
        self.expect(result, 1, r'kraken\.raw: frames of krakken cannot be read '
                               r'\(did you mean "kraken"\?.*\)$')

    def test_no_venue_at_all_is_wrong_use(self):
        self.write("bare.ndjson", b"".join(line.split(b" ", 1)[1] for line in self.lines[1:]))
        self.expect(self.replay("bare.ndjson"), 2,
                    r"bare\.ndjson: no header names the venue \(give --venue.*\)$")

    def test_a_capture_whose_venue_has_no_feed_is_passed_over(self):
        self.write("good.capture", b"".join(self.lines))
        self.write("feed.toml", RULES + '[[feed]]\nvenue = "kraken"\n')
        result = run("replay", "--config", "feed.toml", "--stats", "none", "good.capture")
        self.expect(result, 1, r'good\.capture: is a capture of binance, and no \[\[feed\]\] '
                               r'has venue = "binance" \(.+\)$')

    def test_trades_of_the_other_stream_are_named(self):
        self.write("good.capture", b"".join(self.lines))
        result = self.replay("--stream", "aggTrade", "good.capture")
        self.expect(result, 1, r"binance sent only trades .*\(give --stream trade.*\)$")


class BadOutput(FaultCase):
    def setUp(self):
        super().setUp()
        self.write("good.capture", b"".join(self.lines))

    def test_a_place_that_cannot_be_written_is_named(self):
        (self.folder / "folder").mkdir()
        for place in ("no-folder/records", "folder"):
            result = self.replay("--out", place, "good.capture")
            self.expect(result, 1, rf"cannot write {place}: .*\(.+\)$")

    def test_a_capture_is_never_written_over(self):
        before = (self.folder / "good.capture").read_bytes()
        result = self.replay("--out", "./good.capture", "good.capture")
        self.expect(result, 2, r"--out \./good\.capture: is one of the captures \(.+\)$")
        self.assertEqual((self.folder / "good.capture").read_bytes(), before)

    def test_what_the_configuration_is_read_from_is_never_written_over(self):
        self.write("symbols.txt", b"BTCUSDT\n")
        text = b'[[feed]]\nvenue = "binance"\nsymbols_file = "symbols.txt"\n[[rule]]\nname = "r"\n'
        self.write("own.toml", text)
        for place, what in (("own.toml", "the configuration"),
                            ("symbols.txt", "the configuration's symbols_file")):
            result = program.run("replay", "--config", "own.toml", "--out", place, "good.capture")
            self.expect(result, 2, rf"--out {place}: is {what} \(.+\)$")
        self.assertEqual((self.folder / "own.toml").read_bytes(), text)
        self.assertEqual((self.folder / "symbols.txt").read_bytes(), b"BTCUSDT\n")

    def test_an_output_is_left_alone_when_the_input_is_bad(self):
        self.write("records", b"of yesterday\n")
        self.replay("--out", "records", "missing")
        self.assertEqual((self.folder / "records").read_bytes(), b"of yesterday\n")

    def test_a_full_disk_is_told_with_the_records_it_cost(self):
        count = self.records_of(self.lines).count(b"\n")
        result = self.replay("--out", "/dev/full", "good.capture")
        self.expect(result, 1, rf"cannot write /dev/full: .*; {count} records are lost")

    def test_a_disk_that_fills_up_keeps_what_fitted(self):
        limit = 20_000

        def limit_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        whole = self.records_of(self.lines)
        result = self.replay("--out", "records", "good.capture", preexec_fn=limit_files)
        self.expect(result, 1, r"cannot write records: .* records are lost")
        kept = (self.folder / "records").read_bytes()
        self.assertTrue(whole.startswith(kept))
        lost = int(re.search(r"; (\d+) records are lost", result.err)[1])
        self.assertEqual(kept.count(b"\n") + lost, whole.count(b"\n"))

    def test_a_closed_pipe_is_one_line(self):
        self.write("bars.csv", "close\n" + "1\n" * 100_000)
        commands = (
            ("replay", "--config", "rules.toml", "--stats", "none", "good.capture"),
            ("replay", "--demo", "--stats", "none"),
            ("levels", "--json", "--config", "rules.toml", "good.capture"),
            ("config", "default"),
            ("rsi", "bars.csv"),
            ("--help",),
        )
        for words in commands:
            with self.subTest(words=words):
                reader, writer = os.pipe()
                os.close(reader)
                result = run(*words, stdout=writer)
                os.close(writer)
                result.out = b""
                self.expect(result, 1, r"cannot write standard output: Broken pipe")

    def test_a_full_disk_behind_standard_output_is_one_line(self):
        demo = ("replay", "--demo", "--stats", "none")
        for words in (("--version",), ("config", "default"), demo):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                result = run(*words, stdout=full)
                result.out = b""
                self.expect(result, 1, r"cannot write standard output: No space left")

    def test_closed_standard_descriptors_are_no_reason_to_fail_or_to_lie(self):
        def close(*descriptors):
            return lambda: [os.close(descriptor) for descriptor in descriptors]

        quiet = self.replay("--out", "records", "good.capture", preexec_fn=close(0, 1, 2))
        self.assertEqual(quiet.code, 0)
        self.assertEqual((self.folder / "records").read_bytes(), self.records_of(self.lines))
        result = self.replay("good.capture", preexec_fn=close(1))
        self.expect(result, 1, r"cannot write standard output: Bad file descriptor")


class StandardInput(FaultCase):
    def test_standard_input_is_a_capture_too(self):
        with open(self.write("good.capture", b"".join(self.lines)), "rb") as capture:
            result = self.replay("-", stdin=capture)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(result.out, self.records_of(self.lines))


if __name__ == "__main__":
    program.main()
