"""fastrsi run beside a simulated exchange: what it signals is what its own capture replays to, and what it missed is what the exchange kept back."""

import collections
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import program
from exchange import Exchange
from program import JSON_LOG, PLACES

CONFIG = """
[[feed]]
venue = "binance"
symbols = [{symbols}]
url = "{scheme}://localhost:{port}/stream"
{feed}
[[rule]]
name = "t"
timeframes = ["1s", "5s", "15s", "1m"]
warmup_bars = 16
{rule}
[engine]
shards = {shards}
""" + PLACES + """\
[capture]
dir = "{folder}/captures"
keep_free_mib = 0
""" + JSON_LOG + """\
stages = ["provisional", "confirmed", "retracted"]
"""
FAULTS = """
every 20s swallow 5 | drop | duplicate 20 | reorder 6 | junk 3 | stale 2
"""


def names(count):
    return [f"SIM{number:04d}USDT" for number in range(count)]


def signals(path, rule="t"):
    """Each signal with how often it stands there; the journal's number is no part of it."""
    found = collections.Counter()
    for line in path.read_text().splitlines():
        record = json.loads(line)
        if record["type"] == "signal" and record["rule"] == rule:
            record.pop("seq", None)
            found[json.dumps(record, sort_keys=True)] += 1
    return found


class LiveCase(unittest.TestCase):
    def setUp(self):
        # Short, because the socket's path is.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.settings = {"folder": self.folder, "scheme": "ws", "feed": "", "rule": "",
                         "shards": 1, "symbols": ""}

    def exchange(self, *words):
        exchange = Exchange(*words)
        self.addCleanup(exchange.stop)
        self.settings["port"] = exchange.port
        return exchange

    def configure(self, **settings):
        self.settings |= settings
        (self.folder / "c.toml").write_text(CONFIG.format(**self.settings))

    def certificate(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                       check=True, capture_output=True)
        return self.folder / "cert.pem", self.folder / "key.pem"

    def start(self):
        process = subprocess.Popen([program.program, "run", "--config", self.folder / "c.toml"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def said(self, process, *words):
        """Reads the service's log up to the line that holds all of these words."""
        lines = []
        for line in process.stderr:
            lines.append(line)
            if all(word in line for word in words):
                return line
        self.fail(f"nothing of {words} in:\n{''.join(lines)}")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)

    def played(self, exchange):
        """Waits until everything has been played; what the exchange says at its end."""
        words = exchange.process.communicate(timeout=200)[1].decode()
        self.assertEqual(exchange.process.returncode, 0, words)
        return words

    def ask(self, **command):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.folder / "s"))
            answers = link.makefile("r", encoding="utf-8")
            link.sendall(json.dumps(command).encode() + b"\n")
            for line in answers:
                answer = json.loads(line)
                if answer["type"] == "reply":
                    return answer
        raise AssertionError("no reply")

    def first_signal(self):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.folder / "s"))
            link.sendall(b'{"cmd":"subscribe","since":0}\n')
            for line in link.makefile("r", encoding="utf-8"):
                if json.loads(line)["type"] == "signal":
                    return

    def replay(self, *words):
        captures = sorted((self.folder / "captures").glob("*.zst"))
        result = program.run("replay", "--config", self.folder / "c.toml", "--format", "json",
                             "--out", self.folder / "replay.json", "--stats", "json", *words,
                             *captures)
        self.assertIn(result.code, (0, 1), result.err)  # 1: junk was played
        return json.loads(result.errors[-1])


class Live(LiveCase):
    def test_signals_are_those_of_the_capture_and_gaps_those_of_the_exchange(self):
        certificate, key = self.certificate("localhost")
        faults = self.folder / "faults.txt"
        faults.write_text(FAULTS)
        fault_log = self.folder / "faults.json"
        exchange = self.exchange("--tls", certificate, key, "--generate", 40, "--rate", 400,
                                 "--speed", 20, "--length", "4m", "--wait", 40, "--faults", faults,
                                 "--fault-log", fault_log, "--record",
                                 self.folder / "truth.capture.zst")
        self.configure(scheme="wss", shards=2, feed=f'ca_file = "{certificate}"',
                       symbols=", ".join(f'"{name}"' for name in names(40)))
        process = self.start()
        self.played(exchange)
        self.said(process, "disconnected")
        self.stop(process)
        statistics = self.replay()
        live = signals(self.folder / "log.json")
        self.assertEqual(live, signals(self.folder / "replay.json"))
        self.assertGreater(len(live), 1000)
        self.assertEqual(set(live.values()), {1})
        # Every trade that was kept back while both sides were connected is missed, and told.
        events = map(json.loads, fault_log.read_text().splitlines())
        lost = sum(len(event["ids"]) for event in events if event["event"] == "lost")
        self.assertGreater(lost, 0)
        self.assertGreaterEqual(statistics["missing_trades"], lost)

    def test_without_faults_nothing_is_missed(self):
        exchange = self.exchange("--generate", 10, "--rate", 200, "--speed", 20, "--length", "2m",
                                 "--wait", 10)
        self.configure(symbols=", ".join(f'"{name}"' for name in names(10)))
        process = self.start()
        self.played(exchange)
        self.said(process, "disconnected")
        engine = self.ask(cmd="status")["status"]["engine"]
        self.stop(process)
        self.assertEqual([engine[name] for name in ("gaps", "duplicates", "late")], [0, 0, 0])
        self.assertGreater(engine["ticks"], 15_000)
        self.replay()
        self.assertEqual(signals(self.folder / "log.json"),
                         signals(self.folder / "replay.json"))

    def test_of_twin_connections_one_may_go_at_any_time(self):
        faults = self.folder / "faults.txt"
        faults.write_text("every 20s from 20s drop-one\n")
        exchange = self.exchange("--generate", 10, "--rate", 200, "--speed", 10, "--length", "2m",
                                 "--wait", 10, "--faults", faults)
        self.configure(symbols=", ".join(f'"{name}"' for name in names(10)), feed="twin = true")
        process = self.start()
        self.said(process, "one of two goes on")
        self.played(exchange)
        self.said(process, "disconnected")
        status = self.ask(cmd="status")["status"]
        self.stop(process)
        engine = status["engine"]
        self.assertEqual((engine["gaps"], engine["late"], engine["missing_trades"]), (0, 0, 0))
        self.assertGreater(engine["duplicates"], 1000)
        self.assertEqual(len(status["feeds"][0]["connections"]), 2)
        self.replay()
        self.assertEqual(signals(self.folder / "log.json"),
                         signals(self.folder / "replay.json"))

    def test_a_symbol_that_the_venue_does_not_know_is_put_aside_and_named(self):
        exchange = self.exchange("--generate", 2, "--rate", 20, "--speed", 20, "--length", "66m",
                                 "--history", "1h", "--wait", 2)
        self.configure(symbols='"SIM0000USDT", "SIM0001USDT", "NOSUCHUSDT"',
                       feed=f'rest_url = "http://localhost:{exchange.port}"',
                       rule='[[rule]]\nname = "slow"\ntimeframes = ["1m"]\nwarmup_bars = 16')
        process = self.start()
        self.said(process, "NOSUCHUSDT", "refused by the venue", "Invalid symbol")
        feed = self.ask(cmd="status")["status"]["feeds"][0]
        self.assertIn("Invalid symbol", feed["troubles"]["NOSUCHUSDT"])
        self.assertEqual(feed["connections"][0]["refused"], 1)
        self.stop(process)

    def test_history_warms_and_mends_until_all_is_as_if_nothing_had_been_missed(self):
        faults = self.folder / "faults.txt"
        faults.write_text("at 150s swallow 20\nat 240s drop\n")
        truth = self.folder / "truth.capture.zst"
        exchange = self.exchange("--generate", 4, "--rate", 20, "--speed", 20, "--length", "67m",
                                 "--history", "1h", "--wait", 4, "--faults", faults,
                                 "--record", truth)
        self.configure(symbols=", ".join(f'"{name}"' for name in names(4)),
                       feed=f'rest_url = "http://localhost:{exchange.port}"',
                       rule='[[rule]]\nname = "slow"\ntimeframes = ["1m", "5m"]\n'
                            'warmup_bars = 16\nrsi = {default = 5, first = 2, second = 5}')
        process = self.start()
        self.played(exchange)
        self.said(process, "disconnected")
        self.said(process, "disconnected")
        self.stop(process)
        self.assertGreater(self.replay()["missing_trades"], 0)
        self.assertEqual(signals(self.folder / "log.json", "slow"),
                         signals(self.folder / "replay.json", "slow"))
        result = program.run("replay", "--config", self.folder / "c.toml", "--format", "json",
                             "--out", self.folder / "truth.json", "--stats", "none", truth)
        self.assertEqual(result.code, 0, result.err)
        # From a minute after the last fault on: the same signals, with the same values to the bit.
        late = "2024-01-01T01:06"

        def after(found):
            records = map(json.loads, found)
            return {(one["id"], one["stage"], str(one["rsi"])) for one in records
                    if late <= one["time"] < "2024-01-01T01:07:00Z"}

        wanted = after(signals(self.folder / "truth.json", "slow"))
        self.assertEqual(after(signals(self.folder / "log.json", "slow")), wanted)
        self.assertGreater(len(wanted), 10)

    def test_reloads_under_load_change_all_or_nothing(self):
        exchange = self.exchange("--generate", 10, "--rate", 400, "--speed", 10, "--length", "2m",
                                 "--wait", 10)
        self.configure(symbols=", ".join(f'"{name}"' for name in names(10)))
        process = self.start()
        self.said(process, "connected")
        other = '[[rule]]\nname = "other"\ntimeframes = ["5s"]\nwarmup_bars = 16'
        for number in range(60):
            rule = (other, "", "nonsense = 1")[number % 3]
            self.configure(rule=rule)
            reply = self.ask(cmd="reload")
            self.assertEqual(reply["ok"], rule != "nonsense = 1", reply)
        symbols = self.settings["symbols"]
        self.configure(symbols="", rule="")
        reply = self.ask(cmd="reload")
        self.assertIn("feed binance would have no symbols", reply["error"])
        self.configure(symbols=symbols, rule="")
        self.played(exchange)
        self.said(process, "disconnected")
        self.stop(process)
        self.replay()
        self.assertEqual(signals(self.folder / "log.json"),
                         signals(self.folder / "replay.json"))

    def test_symbols_come_and_go_while_it_runs(self):
        exchange = self.exchange("--generate", 4, "--rate", 100, "--speed", 10, "--length", "1m",
                                 "--wait", 3)
        self.configure(symbols='"SIM0000USDT", "SIM0001USDT"')
        process = self.start()
        self.said(process, "connected, 2 symbols")
        reply = self.ask(cmd="watch", add=["SIM0002USDT"])
        self.assertEqual((reply["added"], reply["symbols"]), (["binance:SIM0002USDT"], 3))
        # The exchange waits for three streams: trades come when it has seen the new one.
        self.first_signal()
        reply = self.ask(cmd="watch", remove=["SIM0001USDT"])
        self.assertEqual((reply["removed"], reply["symbols"]), (["binance:SIM0001USDT"], 2))
        self.played(exchange)
        self.said(process, "disconnected")
        self.stop(process)
        symbols = {json.loads(line)["symbol"] for line in signals(self.folder / "log.json")}
        self.assertIn("SIM0002USDT", symbols)

    def test_a_certificate_of_nobody_is_refused_and_named(self):
        certificate, key = self.certificate("localhost")
        self.exchange("--tls", certificate, key, "--generate", 1, "--stay")
        self.configure(scheme="wss", symbols='"SIM0000USDT"')
        process = self.start()
        self.assertIn("localhost", self.said(process, "binance connection 0", "signed by itself"))
        self.stop(process)

    def test_what_cannot_be_is_said_at_once(self):
        for feed, url, word in (("", "wss://", "url"), ('proxy = "ftp://x"', "ws://h/", "proxy")):
            with self.subTest(word):
                self.settings["port"] = 1
                self.configure(symbols='"A"', feed=feed)
                text = (self.folder / "c.toml").read_text()
                (self.folder / "c.toml").write_text(
                    text.replace('"ws://localhost:1/stream"', f'"{url}"'))
                result = program.run("run", "--config", self.folder / "c.toml", timeout=20)
                self.assertEqual(result.code, 2, result.err)
                self.assertIn(word, result.errors[0])
        self.configure(symbols="", feed="")
        result = program.run("run", "--config", self.folder / "c.toml", timeout=20)
        self.assertEqual((result.code, "names no symbols" in result.errors[0]), (2, True))


if __name__ == "__main__":
    program.main()
