"""The commands that talk to a running service, against one that says what the test wants.

    service_commands_test.py PROGRAM        FASTRSI_BLESS=1 writes the golden files anew
"""

import datetime
import json
import os
import pathlib
import pty
import shutil
import sys
import tempfile
import threading
import unittest

import program
from program import DEMO, RULES, check_golden, run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "client"))
from fake_service import FakeService, record  # noqa: E402

LIST = {"seq": 7, "type": "snapshot", "reason": "first_load", "rule": "tars", "kind": "overbought",
        "timeframe": "1m", "time": "2024-08-08T23:55:00.000000000Z",
        "symbols": ["binance:BTCUSDT", "binance:نماد\u202e"]}
RECORDS = [*(record(seq) for seq in range(1, 7)), LIST,
           record(8, stage="retracted", quality="gap", repeat=True),
           record(9, rsi={"2": None, "12": 55.1, "14": 54}, offline=True)]
LEVEL = {"type": "level", "rule": "tars", "venue": "binance", "symbol": "BTCUSDT",
         "timeframe": "1m", "kind": "buy", "price": 61837.63, "true_now": False, "below": None,
         "above": 61900.5}


def ago(seconds):
    """In the middle of a unit of the page's words, so that a slow machine reads the same."""
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def status():
    kinds = ("buy", "sell", "overbought", "oversold", "rising", "falling", "phase_up", "phase_down")
    feed = {"venue": "binance", "url": "", "symbols": 131, "frames": 1234567, "trades": 1200000,
            "rejected": 3, "lines": 1234567, "progress": 0, "venue_time": ago(150),
            "at_end": False}
    return {
        "server": "fastrsi 0.1.0", "pid": 4711, "config": "/etc/fastrsi.toml",
        "started": ago(8000), "uptime_s": 8000, "state": "running",
        "feeds": [feed,
                  feed | {"venue": "kraken", "url": "wss://example.org", "venue_time": None,
                          "symbols": 2, "frames": 0, "trades": 0, "rejected": 0},
                  feed | {"venue": "coinbase", "url": "file:monday.zst", "progress": 0.425}],
        "engine": {"shards": 2, "symbols": 133, "messages": 1234567, "ticks": 1200000,
                   "duplicates": 12, "gaps": 1, "late": 0, "bars_closed": 54321,
                   "signals": {kind: {"provisional": 1000 + i, "confirmed": i, "retracted": 0}
                               for i, kind in enumerate(kinds)}},
        "latency_us": {"p50": 2.1, "p99": 8.25, "p999": 40, "max": 1234.5},
        "journal": {"dir": "/var/lib/fastrsi", "oldest": 12, "newest": 1041, "durable": 1040,
                    "entries": 1030, "waiting": 1, "given_up": 0, "bytes": 12345678,
                    "commits": 77, "failed_commits": 2, "degraded": True, "ballast": False,
                    "trouble": "no space left on device (make room)"},
        "checkpoint": {"age_s": 4.5, "lines": 1234000, "parts": 134, "bytes": 98765},
        "sinks": [{"name": "log", "type": "log", "format": "text", "path": "-", "cursor": 1041,
                   "behind": 0, "failed": 0, "last_error": ""},
                  {"name": "mail\u001b", "type": "email", "format": "", "path": "", "cursor": 1000,
                   "behind": 41, "failed": 1, "last_error": "550 no such user"}],
        "socket": {"path": "/run/fastrsi.sock", "connects": 5, "refused": 0, "slow": 1,
                   "errors": 2, "records": 4000,
                   "clients": [{"number": 4, "name": "desk", "user": 1000, "process": 812,
                                "subscribed": True, "after": 1041, "waiting_bytes": 0,
                                "sent": 1029},
                               {"number": 5, "name": "", "user": 0, "process": 4712,
                                "subscribed": False, "after": 0, "waiting_bytes": 0, "sent": 0}]},
        "silences": [{"glob": "binance:DOGE*", "until": "2099-01-01T00:00:00Z"}],
        "watch": {"added": ["binance:XRPUSDT", "binance:نماد"],
                  "removed": ["binance:LUNAUSDT"]}}


class ServiceCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.path = self.folder / "fastrsi.sock"

    def service(self, records=(), **options):
        service = FakeService(self.path, records, **options)
        service.start()
        self.addCleanup(service.stop)
        return service

    def ask(self, *words, code=0, **options):
        result = run(*words, "--socket", self.path, timeout=60, **options)
        self.assertEqual(result.code, code, result.err)
        return result

    def check_golden(self, name, content):
        check_golden(self, f"service_{name}.txt",
                     content.replace(str(self.folder).encode(), b"FOLDER"))

    def on_terminal(self, *words, **environment):
        """Standard output of a run whose standard output is a terminal."""
        ours, theirs = pty.openpty()
        result = run(*words, "--socket", self.path, stdout=theirs, timeout=60,
                     env={name: text for name, text in (os.environ | environment).items()
                          if name != "NO_COLOR" or name in environment})
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
        self.assertEqual(result.code, 0, result.err)
        return seen.replace(b"\r\n", b"\n")


class Tail(ServiceCase):
    def test_signals_and_lists_are_a_line_each(self):
        self.service(RECORDS)
        self.check_golden("tail", self.ask("tail", "--no-follow").out)

    def test_json_is_what_the_service_sent(self):
        self.service(RECORDS)
        lines = self.ask("tail", "--no-follow", "--since", 3, "--json").out.splitlines()
        self.assertEqual([json.loads(line) for line in lines], RECORDS[3:])

    def test_a_terminal_gets_colors_unless_it_wants_none(self):
        self.service(RECORDS)
        colored = self.on_terminal("tail", "--no-follow", TERM="xterm")
        self.check_golden("tail_colors", colored)
        plain = self.ask("tail", "--no-follow").out
        self.assertEqual(self.on_terminal("tail", "--no-follow", NO_COLOR="1"), plain)

    def test_filters_are_the_services_or_the_same(self):
        service = self.service(RECORDS)
        cases = (("--kind", "buy"), ("--kind", "overbought", "--kind", "sell"),
                 ("--symbol", "binance:BTC*"), ("--stage", "retracted"), ("--timeframe", "1m"),
                 ("--symbol", "*:ETH*", "--stage", "provisional", "--kind", "rising"))
        for words in cases:
            with self.subTest(words=words):
                caught_up = self.ask("tail", "--no-follow", "--json", *words).out.splitlines()
                self.assertTrue(caught_up)
                followed = self.ask("tail", "--since", 0, "--json", "--count", len(caught_up),
                                    *words).out.splitlines()
                self.assertEqual(followed, caught_up)
        self.assertEqual(service.asked[-1] | {"cmd": "subscribe"},
                         {"cmd": "subscribe", "since": 0, "kinds": ["rising"],
                          "symbols": ["*:ETH*"], "stages": ["provisional"]})

    def test_a_consumers_records_want_its_token(self):
        self.service(RECORDS, tokens={"desk": "x"})
        self.assertEqual(self.ask("tail", "--since", 0, code=1).errors,
                         [f"fastrsi: {self.path}: log in first"])

    def test_it_begins_with_new_records_and_goes_on_over_a_cut(self):
        service = self.service(RECORDS, cuts=[11])
        seen = {}
        reader = threading.Thread(
            target=lambda: seen.update(result=self.ask("tail", "--json", "--count", 3)))
        reader.start()
        while not service.asked:
            pass
        for seq in (10, 11, 12):
            service.add(record(seq))
        reader.join()
        lines = seen["result"].out.splitlines()
        self.assertEqual([json.loads(line)["seq"] for line in lines], [10, 11, 12])
        self.assertEqual(seen["result"].errors,
                         ["fastrsi: the service is lost (it hung up); waiting for it",
                          "fastrsi: the service is back"])


class Questions(ServiceCase):
    def test_a_status_page_is_read_at_a_glance(self):
        self.service(replies={"status": {"status": status()}})
        self.check_golden("status", self.ask("status").out)

    def test_a_status_that_is_all_well_begins_without_trouble(self):
        good = status()
        good["feeds"] = [good["feeds"][0] | {"venue_time": ago(0)}]
        good["sinks"] = good["sinks"][:1]
        good["journal"] |= {"degraded": False, "trouble": "", "ballast": True}
        good["checkpoint"]["age_s"] = None
        good |= {"silences": [], "watch": {"added": [], "removed": []}}
        self.service(replies={"status": {"status": good}})
        page = self.ask("status").out.decode()
        self.assertTrue(page.startswith("service    fastrsi 0.1.0, running for 2 h"), page)
        self.assertNotIn("!!", page)
        self.assertIn("checkpoint none so far\n", page)

    def test_json_is_the_status_object(self):
        wanted = status()
        self.service(replies={"status": {"status": wanted}})
        self.assertEqual(json.loads(self.ask("status", "--json").out), wanted)

    def test_an_empty_status_is_no_accident(self):
        self.service(replies={"status": {}})
        self.ask("status")

    def test_scan_prints_lists(self):
        lists = [{key: LIST[key] for key in ("rule", "kind", "timeframe", "time", "symbols")},
                 {"rule": "tars", "kind": "buy", "timeframe": "1h", "time": LIST["time"],
                  "symbols": ["binance:ETHUSDT"]}]
        service = self.service(replies={"scan": {"lists": lists}})
        self.check_golden("scan", self.ask("scan").out)
        lines = self.ask("scan", "--json").out.splitlines()
        self.assertEqual([json.loads(line) for line in lines], lists)
        service.replies["scan"] = {"lists": []}
        self.assertEqual(self.ask("scan").out, b"no condition is true for any symbol now\n")

    def test_levels_come_from_the_service_or_from_captures(self):
        text = "binance:BTC\\x1bUSDT 1m rule=tars price=61837.63\n  buy above 61900.5\x1b\n"
        service = self.service(replies={"levels": {"text": text, "levels": [LEVEL]}})
        out = self.ask("levels", "--symbol", "binance:*", "--timeframe", "1m").out
        self.assertEqual(out.decode(), text.replace("\x1b", "\\x1b"))
        self.assertEqual(service.asked,
                         [{"cmd": "levels", "symbol": "binance:*", "timeframe": "1m"}])
        self.assertEqual(json.loads(self.ask("levels", "--json").out), LEVEL)
        service.replies["levels"] = {"text": "", "levels": []}
        self.assertEqual(self.ask("levels", "--symbol", "x", code=1).errors,
                         ['fastrsi: no symbol and timeframe matches --symbol "x"'])

    def test_why_prints_the_page_or_the_facts(self):
        identity = "a/b/binance:XBT/USD/1m/buy/2024-08-08T23:54:00Z/1"
        service = self.service(replies={"why": {"why": {"id": identity}, "text": "a page\n"}})
        self.assertEqual(self.ask("why", identity).out, b"a page\n")
        self.assertEqual(service.asked, [{"cmd": "why", "id": identity}])
        self.assertEqual(json.loads(self.ask("why", "--json", identity).out), {"id": identity})
        service.replies["why"] = {"error": "no signal x; did you mean y?"}
        self.assertEqual(self.ask("why", "x", code=1).errors,
                         ["fastrsi: no signal x; did you mean y?"])

    def test_silence_is_set_ended_and_listed(self):
        silences = [{"glob": "binance:DOGE*", "until": ago(-30 * 60 - 30)}]
        service = self.service(replies={"silence": {"silences": silences}})
        out = self.ask("silence", "binance:DOGE*", "30m").out.decode()
        self.assertEqual(out, f"binance:DOGE*  until {silences[0]['until']} (30 min left)\n")
        service.replies["silence"] = {"silences": []}
        self.assertEqual(self.ask("silence", "*", "0s").out, b"nothing is silenced\n")
        self.ask("silence", "*", "1ms")
        self.ask("silence")
        self.assertEqual(service.asked,
                         [{"cmd": "silence", "glob": "binance:DOGE*", "seconds": 1800},
                          {"cmd": "silence", "glob": "*", "seconds": 0},
                          {"cmd": "silence", "glob": "*", "seconds": 1}, {"cmd": "silence"}])

    def test_watch_adds_removes_and_shows(self):
        reply = {"added": ["binance:A"], "removed": [], "unchanged": ["binance:B"], "symbols": 12}
        service = self.service(replies={"watch": reply})
        out = self.ask("watch", "add", "binance:A", "binance:B").out
        self.assertEqual(out, b"added      binance:A\nunchanged  binance:B\nsymbols    12\n")
        self.ask("watch", "remove", "binance:A")
        self.ask("watch")
        self.assertEqual(service.asked, [{"cmd": "watch", "add": ["binance:A", "binance:B"]},
                                         {"cmd": "watch", "remove": ["binance:A"]},
                                         {"cmd": "watch"}])

    def test_reload_prints_the_differences(self):
        differences = ["engine.grace: 250ms -> 1s", "rule.0.name: \"a\" -> \"b\""]
        service = self.service(replies={"reload": {"differences": differences}})
        self.assertEqual(self.ask("reload").out.decode().splitlines(), differences)
        service.replies["reload"] = {"differences": []}
        self.assertEqual(self.ask("reload").out, b"nothing has changed\n")
        service.replies["reload"] = {"error": "f.toml:1:1: unknown key\nf.toml:2:1: another"}
        self.assertEqual(self.ask("reload", code=1).errors,
                         ["fastrsi: f.toml:1:1: unknown key", "fastrsi: f.toml:2:1: another"])


class Ways(ServiceCase):
    COMMANDS = (("tail",), ("status",), ("scan",), ("levels",), ("why", "x"), ("silence",),
                ("silence", "*", "1s"), ("watch",), ("watch", "add", "a:b"), ("reload",),
                ("dead", "list"), ("dead", "requeue", "mail", "all"))

    def test_without_a_service_each_says_so_in_one_line(self):
        for words in self.COMMANDS:
            with self.subTest(words=words):
                self.assertEqual(
                    self.ask(*words, code=1).errors,
                    [f"fastrsi: no service answers on {self.path} (start one: fastrsi run "
                     "--config F; or name its socket: --socket PATH)"])

    def test_the_socket_is_the_files_or_the_usual_one(self):
        self.service(replies={"scan": {"lists": []}})
        config = self.folder / "my.toml"
        config.write_text(f'[socket]\npath = "{self.path}"\n')
        self.assertEqual(run("scan", "--config", config).code, 0)
        usual = os.environ | {"XDG_RUNTIME_DIR": str(self.folder)}
        self.assertEqual(run("scan", env=usual).code, 0)
        config.write_text("[socket]\npth = 1\n")
        self.assertEqual(run("scan", "--config", config).code, 2)

    def test_a_token_comes_from_a_file_or_the_environment(self):
        service = self.service(replies={"scan": {"lists": []}}, tokens={"desk": "se\"cret"})
        (self.folder / "token").write_text("se\"cret\n")
        self.ask("scan", "--name", "desk", "--token-file", self.folder / "token")
        self.ask("scan", "--name", "desk", env=os.environ | {"FASTRSI_TOKEN": "se\"cret"})
        self.assertEqual([asked["cmd"] for asked in service.asked], ["auth", "scan"] * 2)
        wrong = os.environ | {"FASTRSI_TOKEN": "other"}
        self.assertEqual(self.ask("scan", "--name", "desk", env=wrong, code=1).errors,
                         [f"fastrsi: {self.path}: wrong token"])
        self.assertEqual(self.ask("scan", code=1).errors, ["fastrsi: log in first"])

    def test_wrong_use_is_one_line(self):
        (self.folder / "empty").write_text("\n")
        cases = (
            (("scan", "--name", "desk"), r"--name desk: wants a token \(.+\)"),
            (("scan", "--token-file", "x"), r"--token-file: wants the consumer's name .*"),
            (("scan", "--name", "a", "--token-file", self.folder / "empty"),
             r"--token-file .*: holds no token, .*"),
            (("tail", "--kind", "by"), r"--kind: .*buy.*"),
            (("tail", "--since", "-1"), r".*--since.*"),
            (("tail", "--timeframe", "1x"), r"--timeframe: 1x is no timeframe .*"),
            (("why",), r"ID is required .*"),
            (("silence", "*"), r"a DURATION is missing.*"),
            (("silence", "*", "soon"), r"soon: .*units: .*"),
            (("watch", "add"), r"SYMBOL is required .*"),
            (("dead",), r"no command is given: list, requeue, drop .*"),
            (("dead", "drop", "mail"), r"MESSAGE is required .*"),
            (("dead", "drop", "mail", ""), r"dead drop: MESSAGE is empty \(.+ or all\)"),
            (("dead", "requeue", "mail", ""), r"dead requeue: MESSAGE is empty \(.+ or all\)"),
            (("watch", "ad", "x"), r'.*did you mean "add"\?.*'),
            (("levels", "--venue", "binance"), r"--venue is about captures: .*"),
            (("levels", "--timeframe", "7m"), r"--timeframe 7m: no such timeframe .*"),
            (("why", "x", DEMO), r"--socket is about a service: .*"),
        )
        environment = {name: text for name, text in os.environ.items() if name != "FASTRSI_TOKEN"}
        for words, pattern in cases:
            with self.subTest(words=words):
                result = self.ask(*words, code=2, env=environment)
                self.assertEqual(len(result.errors), 1, result.err)
                self.assertRegex(result.errors[0], f"^fastrsi: {pattern}$")


class WhyFromCaptures(ServiceCase):
    def setUp(self):
        super().setUp()
        self.rules = self.folder / "rules.toml"
        self.rules.write_text(RULES)
        out = run("replay", "--config", self.rules, "--stats", "none", DEMO).out
        records = [json.loads(line) for line in out.splitlines()]
        self.signals = [one for one in records if one["type"] == "signal"]

    def why(self, *words, code=0):
        result = run("why", "--config", self.rules, *words, DEMO)
        self.assertEqual(result.code, code, result.err)
        return result

    def first(self, rule, kind, stage):
        return next(one["id"] for one in self.signals if (one["rule"], one["kind"], one["stage"])
                    == (rule, kind, stage))

    def test_the_story_of_each_kind_is_the_same_everywhere(self):
        pages = b""
        for rule, kind, stage in (("forming", "buy", "retracted"),
                                  ("forming", "sell", "confirmed"),
                                  ("forming", "overbought", "retracted"),
                                  ("closing", "oversold", "confirmed"),
                                  ("closing", "rising", "confirmed"),
                                  ("forming", "falling", "retracted"),
                                  ("forming", "phase_up", "confirmed"),
                                  ("closing", "phase_down", "confirmed")):
            pages += self.why(self.first(rule, kind, stage)).out + b"----\n"
        self.check_golden("why", pages)

    def test_json_agrees_with_the_records(self):
        for rule in ("forming", "closing"):
            identity = self.first(rule, "buy", "confirmed")
            story = json.loads(self.why("--json", identity).out)
            stages = [one for one in self.signals if one["id"] == identity]
            self.assertEqual(story["id"], identity)
            self.assertEqual([stage["stage"] for stage in story["stages"]],
                             [one["stage"] for one in stages])
            for stage, one in zip(story["stages"], stages):
                for key in ("time", "price", "rsi", "quality"):
                    self.assertEqual(stage[key], one[key])
            if rule == "forming":
                self.assertEqual(story["trades"][-1]["price"], stages[0]["price"])
            else:
                self.assertEqual(story["trades"], [])

    def test_an_id_that_is_not_there_is_met_with_what_was_meant(self):
        identity = self.first("forming", "buy", "confirmed")
        series, bar, _ = identity.rsplit("/", 2)
        error = self.why(f"{series}/{bar}/9", code=1).errors
        self.assertEqual(len(error), 1)
        self.assertRegex(error[0], rf"^fastrsi: no signal {series}/{bar}/9; did you mean "
                                   rf"{identity}, .* or .*\?$")
        self.assertRegex(self.why(f"x{identity}", code=1).errors[0], r"\(none of .* either\)$")
        self.assertRegex(self.why("buy", code=1).errors[0], r"is no signal's id \(.*\)$")


if __name__ == "__main__":
    program.main()
