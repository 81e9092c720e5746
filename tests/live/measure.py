#!/usr/bin/env python3
"""What the service costs when little happens, and what one connection's stalls cost another.

    measure.py PROGRAM idle [--seconds 60]      500 symbols of 8 timeframes that hardly trade: CPU and memory
    measure.py PROGRAM names [--rounds 5]       tick to signal beside a feed whose name takes 5 s to look up

Figures, no verdict but for memory and CPU (under 1 % of a core, under 100 MB); too long for ctest.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

import program  # noqa: E402
from exchange import Exchange  # noqa: E402

CONFIG = """
[[feed]]
venue = "binance"
symbols = [{symbols}]
url = "ws://localhost:{port}/stream"
{more}
[[rule]]
name = "t"
timeframes = [{timeframes}]
warmup_bars = 16
""" + program.PLACES + program.JSON_LOG
SLOW_FEED = '[[feed]]\nvenue = "kraken"\nsymbols = ["BTC/USD"]\nurl = "ws://nobody.slow:9/"\n'
EIGHT = '"1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"'


class Service:
    def __init__(self, folder, exchange, count, timeframes, more="", **options):
        self.folder = folder
        shutil.rmtree(folder / "state", ignore_errors=True)
        symbols = ", ".join(f'"SIM{number:04d}USDT"' for number in range(count))
        (folder / "c.toml").write_text(CONFIG.format(folder=folder, port=exchange.port, symbols=symbols,
                                                     timeframes=timeframes, more=more))
        self.process = subprocess.Popen([program.program, "run", "--config", folder / "c.toml"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, **options)
        while "connected" not in self.process.stderr.readline():
            pass

    def status(self):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.folder / "s"))
            link.sendall(b'{"cmd":"status"}\n')
            answers = map(json.loads, link.makefile("r", encoding="utf-8"))
            return next(answer for answer in answers if answer["type"] == "reply")["status"]

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


def idle(folder, options):
    exchange = Exchange("--generate", 500, "--rate", 2, "--wait", 500, "--length", f"{options.seconds}s")
    service = Service(folder, exchange, 500, EIGHT)
    before, began = service.cpu_seconds(), time.monotonic()
    exchange.process.wait()  # it plays so long
    share = (service.cpu_seconds() - before) / (time.monotonic() - began)
    rss = service.rss_kib()
    service.stop()
    exchange.stop()
    print(f"idle: {100 * share:.2f} % of a core, {rss / 1024:.1f} MiB resident, 500 symbols of 8 timeframes, "
          f"2 trades a second, {options.seconds} s")
    return 0 if share < 0.01 and rss < 100 * 1000**2 / 1024 else 1


def names(folder, options):
    library = folder / "slow_names.so"
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-fPIC", "-shared", "-o", library,
                    HERE / "slow_names.cpp", "-ldl"], check=True)
    p99 = {"quiet": [], "stalled": []}
    for _ in range(options.rounds):
        for kind, more in (("quiet", ""), ("stalled", SLOW_FEED)):
            exchange = Exchange("--generate", 50, "--rate", 1000, "--length", "20s", "--wait", 50)
            service = Service(folder, exchange, 50, '"1s", "5s", "1m"', more,
                              env=os.environ | {"LD_PRELOAD": str(library)})
            exchange.process.wait(timeout=120)
            p99[kind].append(service.status()["latency_us"]["p99"])
            service.stop()
            exchange.stop()
    quiet, stalled = (statistics.median(p99[kind]) for kind in ("quiet", "stalled"))
    print(f"names: tick to signal p99 {quiet:.1f} us without, {stalled:.1f} us beside a stalled name: {stalled / quiet:.2f} "
          f"(medians of {options.rounds} rounds in turn)")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("what", choices=("idle", "names"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program.program = str(pathlib.Path(options.program).resolve())
    with tempfile.TemporaryDirectory(prefix="fastrsi-") as folder:
        sys.exit({"idle": idle, "names": names}[options.what](pathlib.Path(folder), options))


if __name__ == "__main__":
    main()
