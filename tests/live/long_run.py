#!/usr/bin/env python3
"""The service beside a simulated exchange for hours, with a fault every 30 s of exchange time.

    long_run.py PROGRAM [--length 8h] [--speed 10] [--symbols 500] [--rate 300] [--reloads 0] [--folder DIR]

Shows, and says with figures (exit code 0: all of it holds):
  signals      those written live are those that a replay of the service's own capture gives, none twice
  trades       each one that the exchange kept back is missed and told; nothing else is, but what came
               while no connection was there, or behind a later one (the fault `reorder`)
  return       how long after the exchange was well again every stream was subscribed to: the median
  rates        connections a second, control messages a second of one connection, as the exchange saw them
  history      from 20 minutes after the last fault on, signals and RSI are those of all that was played
  memory       of the service, at each fifth of the run
With --reloads the configuration is read anew that often meanwhile, every second time a bad one.
Too long for ctest; the few minutes of tests/cli/live_test.py show the same on every run.
"""

import argparse
import json
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import program  # noqa: E402
from exchange import Exchange  # noqa: E402
from live_findings import Findings  # noqa: E402

# At the half minutes what goes wrong with frames, at the full ones with connections.
FAULTS = """\
every 60s from 30s until {until} swallow 5 | duplicate 20 | reorder 6 | junk 3 | swallow 40 | stale 2 | slow 20s 300ms | limit 10s 2
every 60s from 60s until {until} drop | close 1001 | mute 5s | shutdown 10s | drop | half 5s | close 1000 | drop
every 300s from 60s until {until} refuse 8s | close-in-handshake 8s | silent 8s | broken 20s
"""
CONFIG = """
[[feed]]
venue = "binance"
symbols = [{symbols}]
url = "wss://localhost:{port}/stream"
rest_url = "https://localhost:{port}"
ca_file = "{certificate}"
[[rule]]
name = "t"
timeframes = ["1m", "2m", "3m", "5m", "10m", "15m", "30m", "1h"]
warmup_bars = 16
{rule}
""" + program.PLACES + """\
[capture]
dir = "{folder}/captures"
keep_free_mib = 0
""" + program.JSON_LOG + """\
stages = ["provisional", "confirmed", "retracted"]
"""
OTHER_RULES = ('[[rule]]\nname = "other"\ntimeframes = ["5s"]\nwarmup_bars = 16\n', "nonsense = 1\n")
QUIET_MINUTES = 25


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smh])", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


class Run:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.rss = []
        certificate, key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", key, "-out", certificate, "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        faults = folder / "faults.txt"
        faults.write_text(FAULTS.format(until=f"{seconds(options.length) - 60 * QUIET_MINUTES}s"))
        self.exchange = Exchange(
            "--tls", certificate, key, "--generate", options.symbols, "--rate", options.rate,
            "--speed", options.speed, "--length", options.length, "--wait", options.symbols,
            "--faults", faults, "--fault-log", folder / "faults.json",
            "--record", folder / "truth.capture.zst")
        self.settings = {
            "folder": folder, "port": self.exchange.port, "certificate": certificate, "rule": "",
            "symbols": ", ".join(f'"SIM{number:04d}USDT"' for number in range(options.symbols))}
        self.configure("")
        self.log = open(folder / "service.log", "w")
        self.service = subprocess.Popen(
            [program.program, "run", "--config", folder / "c.toml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)

    def configure(self, rule):
        (self.folder / "c.toml").write_text(CONFIG.format(**self.settings | {"rule": rule}))

    def ask(self, **command):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.folder / "s"))
            answers = link.makefile("r", encoding="utf-8")
            link.sendall(json.dumps(command).encode() + b"\n")
            return next(answer for answer in map(json.loads, answers) if answer["type"] == "reply")

    def watch(self):
        """Until all has been played: memory, and the reloads that were asked for."""
        whole = seconds(self.options.length) / float(self.options.speed)
        every = whole / (self.options.reloads + 1) if self.options.reloads else 10
        done = threading.Event()
        threading.Thread(target=lambda: (self.exchange.process.wait(), done.set())).start()
        reloads = 0
        while not done.wait(every):
            status = pathlib.Path(f"/proc/{self.service.pid}/status").read_text()
            self.rss.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]))
            if reloads < self.options.reloads:
                rule = (*OTHER_RULES, "", OTHER_RULES[1])[reloads % 4]
                self.configure(rule)
                reply = self.ask(cmd="reload")
                if reply["ok"] == ("nonsense" in rule):
                    sys.exit(f"reload {reloads}: {reply}")
                reloads += 1
        self.configure("")
        return reloads

    def stop(self):
        """Seconds from SIGTERM to the end; the exit code must be 0."""
        began = time.monotonic()
        self.service.send_signal(signal.SIGTERM)
        code = self.service.wait(timeout=60)
        if code != 0:
            sys.exit(f"the service ended with {code}: see {self.folder}/service.log")
        return time.monotonic() - began

    def replay(self, out, *captures):
        result = program.run("replay", "--config", self.folder / "c.toml", "--format", "json",
                             "--out", self.folder / out, "--stats", "json", *captures, timeout=3600)
        if result.code not in (0, 1):  # 1: junk was played
            sys.exit(result.err)
        return json.loads(result.errors[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--length", default="8h")
    parser.add_argument("--speed", default="10")
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rate", default="300")
    parser.add_argument("--reloads", type=int, default=0)
    parser.add_argument("--folder", help="kept; default: a temporary one that is removed when all holds")
    options = parser.parse_args()
    program.program = str(pathlib.Path(options.program).resolve())
    folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="fastrsi-"))
    folder.mkdir(exist_ok=True)
    run = Run(options, folder)
    reloads = run.watch()
    engine = run.ask(cmd="status")["status"]["engine"]
    print(f"service   stopped {run.stop():.2f} s after SIGTERM, {reloads} reloads")
    replayed = run.replay("replay.json", *sorted((folder / "captures").glob("*.zst")))
    run.replay("truth.json", folder / "truth.capture.zst")
    findings = Findings(folder, float(options.speed), options.symbols)
    findings.signals("log.json", "replay.json")
    findings.trades(engine, replayed)
    findings.comeback()
    findings.rates()
    findings.history("log.json", "truth.json", quiet_minutes=QUIET_MINUTES - 20)
    fifth = max(1, len(run.rss) // 5)
    fifths = [statistics.median(run.rss[at:at + fifth]) for at in range(0, len(run.rss), fifth)]
    print("memory   ", ", ".join(f"{kib:.0f}" for kib in fifths), "KiB")
    for fault in findings.faults:
        print("WRONG:", fault)
    if not findings.faults and not options.folder:
        shutil.rmtree(folder)
    sys.exit(1 if findings.faults else 0)


if __name__ == "__main__":
    main()
