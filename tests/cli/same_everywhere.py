"""The same bytes everywhere: for every number of shards, every run, every speed, and every program
given (built by other compilers, at other levels, for other processors).

    same_everywhere.py PROGRAM...

Prints one line a session; exit code 1 when anything differs. The sessions: the demo, a made-up one
with many symbols, and, where the corpus is (FASTRSI_CORPUS, or ../shared/data), real captures.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

import program
from program import DEMO, RULES, made_up_session, run

MANY_SYMBOLS, MANY_SECONDS = 60, 150
PACED_SECONDS, PACE = 30, 10
# Statistics that tell of the machine and the moment, not of the input.
OF_THE_MOMENT = {"seconds", "messages_per_second", "shards", "latency_ns"}


def sessions(work):
    """(name, words that replay it)"""
    yield "demo", [DEMO]
    many = work / "many.capture"
    many.write_bytes(b"".join(made_up_session(MANY_SYMBOLS, MANY_SECONDS, seed=5)))
    yield "many symbols", [many]
    corpus = program.corpus()
    if corpus is None:
        print("skipped: no corpus")
        return
    captures = corpus / "captures"
    spot = [captures / f"binance_raw_spot_{symbol}_{day}.gz"
            for symbol in ("btcusdt", "ethusdt") for day in ("20240808", "20240809")]
    yield "two symbols, two days", ["--venue", "binance", *spot]
    agg = captures / "binance_20210405T183323_b38f7c.cf.raw.zst"
    yield "ten symbols, aggTrade", ["--venue", "binance", "--stream", "aggTrade", agg]
    coins = captures / "coinbase_20210417T164337_c28.cf.raw.zst"
    yield "ids in a window", ["--venue", "coinbase", coins]


def digest(result, what):
    if result.code != 0 or not result.out:
        sys.exit(f"{what}: exit code {result.code}, {len(result.out)} bytes\n{result.err}")
    return hashlib.sha256(result.out).hexdigest()


def counts(result):
    statistics = json.loads(result.err)
    return {name: value for name, value in statistics.items() if name not in OF_THE_MOMENT}


def outputs(path, rules, session, shards):
    """What must be equal: records, their count by every measure, log lines, levels."""
    words = ["--config", rules, "--shards", shards, *session]
    what = f"{path} {' '.join(map(str, words))}"
    records = run("replay", "--stats", "json", *words, program_path=path)
    text = run("replay", "--stats", "none", "--format", "text", *words, program_path=path)
    levels = run("levels", "--json", *words, program_path=path)
    return (digest(records, what), json.dumps(counts(records)), digest(text, what),
            digest(levels, what)), records.out.count(b"\n")


def variants(programs):
    """(program, shards): all of them for the first program, twice for its first; two for others."""
    for shards in (1, 1, 2, 3, 4):
        yield programs[0], shards
    for path in programs[1:]:
        for shards in (1, 3):
            yield path, shards


def check_session(name, session, rules, programs):
    first, differing, tried = None, 0, 0
    for path, shards in variants(programs):
        found, records = outputs(path, rules, session, shards)
        tried += 1
        if first is None:
            first = found
        elif found != first:
            parts = ("records", "statistics", "text", "levels")
            unlike = [part for part, a, b in zip(parts, found, first) if a != b]
            print(f"{name}: {path} with {shards} shards differs in {', '.join(unlike)}")
            differing += 1
    print(f"{name}: {records} records, {tried} runs, {differing} differ; {first[0][:16]}")
    return differing


def check_speed(work, rules, path):
    """A short session at full speed and at PACE times the exchange's."""
    paced = work / "paced.capture"
    paced.write_bytes(b"".join(made_up_session(8, PACED_SECONDS, seed=9)))
    words = ["replay", "--config", rules, "--stats", "none", "--shards", "2", paced]
    fast = run(*words, program_path=path)
    slow = run(*words, "--speed", PACE, program_path=path)
    same = digest(fast, "full speed") == digest(slow, f"speed {PACE}")
    print(f"speeds max and {PACE}: {'equal' if same else 'DIFFERENT'}")
    return 0 if same else 1


def main():
    programs = [pathlib.Path(word).resolve() for word in sys.argv[1:]]
    if not programs:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="fastrsi-same-") as folder:
        work = pathlib.Path(folder)
        rules = work / "rules.toml"
        rules.write_text(RULES)
        differing = check_speed(work, rules, programs[0])
        for name, session in sessions(work):
            differing += check_session(name, session, rules, programs)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
