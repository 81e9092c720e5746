"""The inputs of the crash sessions: short captures, each with its rules, the same for everyone.

A run over one takes about a tenth of a second, so that a kill falls into it and not beside it.
"""

import gzip
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import program  # noqa: E402

# Every part of the state matters to some rule: extremes, carried bars, hysteresis, cool-downs,
# repeats, lists at intervals, first loads.
RULES = program.RULES + """
[[rule]]
name = "patient"
timeframes = ["1s", "15s", "1m"]
warmup_bars = 10
apply_to = "median"
rsi = { default = 5, first = 2, second = 8 }
edge = { once_per = "none", hysteresis = 1.0, cooldown = "2s", repeat_every = "5s" }

[[rule]]
name = "eager"
timeframes = ["1s", "5s", "30s"]
warmup_bars = 8
rsi = { default = 4, first = 2, second = 6 }
edge = { once_per = "none", hysteresis = 0.0 }
"""

LINES = 8_000


def demo():
    return [program.demo_lines()[:LINES]]


def interrupted():
    """The demo's second half, with the connection lost now and then."""
    lines = program.demo_lines()
    kept = [lines[0]]
    for place, line in enumerate(lines[14_000:14_000 + LINES]):
        if place % 1_000 == 0:
            time_ns = line.split(b" ", 1)[0]
            for event in (b"disconnected", b"connected"):
                kept.append(time_ns + b' {"fastrsi":{"event":"' + event + b'"}}\n')
        kept.append(line)
    return [kept]


def made_up():
    """Many symbols; trades late, twice and missing."""
    return [program.made_up_session(symbols=12, seconds=25, seed=7)]


def two_files():
    """Two real captures side by side, order books and all."""
    files = []
    for symbol in ("btcusdt", "ethusdt"):
        path = program.corpus() / "captures" / f"binance_raw_spot_{symbol}_20240809.gz"
        with gzip.open(path) as packed:
            files.append([program.header(), *packed.readlines()[:LINES]])
    return files


def known():
    """The captures that can be made here, by name."""
    made = {"demo": demo, "interrupted": interrupted, "made-up": made_up}
    folder = program.corpus()
    if folder and list(folder.glob("captures/binance_raw_spot_*_20240809.gz")):
        made["two-files"] = two_files
    return made


def write(name, folder):
    """Writes a capture's files; returns their paths."""
    paths = []
    for place, lines in enumerate(known()[name]()):
        path = folder / f"{name}-{place}.capture.gz"
        path.write_bytes(gzip.compress(b"".join(lines), compresslevel=1, mtime=0))
        paths.append(path)
    return paths
