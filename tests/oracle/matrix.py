"""Settings to compare engine and oracle under: matrix.py OUTDIR [--venue V]

Writes NAME.json (for the oracle) and the equal NAME.toml (for the program). The factors below meet
pairwise: every value of one stands beside every value of each other in some setting. Rows are
chosen greedily from a seeded generator, so the same list comes out everywhere. Timeframes are
short, so that ten minutes of trades give many signals.
"""

import argparse
import itertools
import json
import pathlib
import random

SEED = 20240808
ROWS_LEAST = 72

FACTORS = {
    "evaluate": ["forming", "close"],
    "lookback": [1, 2],
    "filter": [False, True],
    "trend": ["two_back", "both", "monotone"],
    "empty_bars": ["skip", "carry"],
    "once_per": ["bar", "none"],
    "hysteresis": [0.0, 2.5, 12.0],
    "profile": ["mt5", "tradingview", "talib"],
    "apply_to": ["close", "open", "high", "low", "median", "typical", "weighted"],
    "warmup_bars": ["auto", 3, 20, 40],
    "cooldown": ["0s", "3s", "20s"],
    "repeat_every": ["0s", "1500ms", "15s"],
    "periods": [(14, 2, 12), (7, 3, 9), (5, 2, 5), (2, 3, 21)],
    "levels": [(50, 70, 30), (45, 60, 40), (50, 80, 20), (52.5, 55.5, 48.25)],
    "timeframes": [
        ("1s",), ("5s",), ("15s",), ("1s", "5s", "15s"), ("5s", "30s"),
        ("1s", "5s", "15s", "30s", "1m"),
    ],
    "company": ["alone", "edge", "scan", "both"],
    "kinds": [
        ("*",),
        ("buy", "sell", "phase_up", "phase_down"),
        ("overbought", "oversold", "rising", "falling"),
    ],
    "engine": [(250, 10_000), (0, 10_000), (2000, 10_000), (250, 400)],
    "zone": ["UTC", "America/New_York"],
}  # fmt: skip


def pairs_of(row):
    return set(itertools.combinations(sorted(row.items()), 2))


def pairwise_rows(seed):
    """Rows until every pair of values has stood together, and at least ROWS_LEAST of them."""
    generator = random.Random(seed)
    missing = set()
    for (a, a_values), (b, b_values) in itertools.combinations(sorted(FACTORS.items()), 2):
        missing |= {((a, x), (b, y)) for x in a_values for y in b_values}
    rows = []
    while missing or len(rows) < ROWS_LEAST:
        candidates = []
        for _ in range(30):
            row = {name: generator.choice(values) for name, values in FACTORS.items()}
            if missing:
                row.update(generator.choice(sorted(missing, key=repr)))
            candidates.append(row)
        best = max(candidates, key=lambda row: len(pairs_of(row) & missing))
        missing -= pairs_of(best)
        rows.append(best)
    return rows


def warmup_of(bars, periods):
    """A configuration must ask for one bar more than its largest period at least."""
    return bars if bars == "auto" else max(bars, max(periods) + 1)


def rule_of(row, name, symbols=("*",), mode="edge"):
    default, first, second = row["periods"]
    middle, overbought, oversold = row["levels"]
    return {
        "name": name,
        "symbols": list(symbols),
        "timeframes": list(row["timeframes"]),
        "evaluate": row["evaluate"],
        "apply_to": row["apply_to"],
        "profile": row["profile"],
        "warmup_bars": warmup_of(row["warmup_bars"], row["periods"]),
        "empty_bars": row["empty_bars"],
        "rsi": {"default": default, "first": first, "second": second},
        "levels": {"middle": middle, "overbought": overbought, "oversold": oversold},
        "cross": {"lookback": row["lookback"], "filter": row["filter"]},
        "trend": {"rule": row["trend"]},
        "edge": {
            "once_per": row["once_per"],
            "hysteresis": row["hysteresis"],
            "cooldown": row["cooldown"],
            "repeat_every": row["repeat_every"],
        },
        "first_load": {"kinds": ["*"]},
        "auto": {"enabled": True, "mode": mode, "every": "10s", "kinds": list(row["kinds"])},
    }


def setting_of(rows, index, venue):
    """A row's rule, with the company it asks for made of other rows."""
    row = rows[index]
    rules = [rule_of(row, "tars")]
    if row["company"] in ("edge", "both"):
        other = rows[(index + 7) % len(rows)]
        rules.append(rule_of(other, "second", symbols=["*:ETH*", f"{venue}:BTC*"]))
    if row["company"] in ("scan", "both"):
        rules.append(rule_of(rows[(index + 11) % len(rows)], "list", mode="scan"))
    grace_ms, silence_ms = row["engine"]
    return {
        "name": f"m{index:03d}",
        "venue": venue,
        "stream": "trade",
        "symbols": ["BTCUSDT", "ETHUSDT"],
        "grace_ns": grace_ms * 10**6,
        "silence_ns": silence_ms * 10**6,
        "calendar": {"zone": row["zone"], "day_start_minutes": 0},
        "rules": rules,
    }


def toml_value(value):
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items())
        return "{ " + pairs + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    return json.dumps(value)  # strings, booleans and numbers are written alike


def toml_of(setting):
    hours, minutes = divmod(setting["calendar"]["day_start_minutes"], 60)
    zone, day_start = setting["calendar"]["zone"], f"{hours:02d}:{minutes:02d}"
    tables = [
        ("[[feed]]", {
            "venue": setting["venue"],
            "stream": setting["stream"],
            "symbols": setting["symbols"],
            "calendar": {"zone": zone, "day_start": day_start},
        }),
        *(("[[rule]]", rule) for rule in setting["rules"]),
        ("[engine]", {
            "grace": f"{setting['grace_ns'] // 10**6}ms",
            "silence": f"{setting['silence_ns'] // 10**6}ms",
        }),
    ]  # fmt: skip
    blocks = []
    for header, keys in tables:
        lines = [f"{key} = {toml_value(value)}" for key, value in keys.items()]
        blocks.append("\n".join([header, *lines]))
    return "\n\n".join(blocks) + "\n"


def settings_list(venue):
    rows = pairwise_rows(SEED)
    return [setting_of(rows, index, venue) for index in range(len(rows))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outdir", type=pathlib.Path)
    parser.add_argument("--venue", default="binance")
    arguments = parser.parse_args()
    arguments.outdir.mkdir(parents=True, exist_ok=True)
    settings = settings_list(arguments.venue)
    for setting in settings:
        path = arguments.outdir / setting["name"]
        path.with_suffix(".json").write_text(json.dumps(setting, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".toml").write_text(toml_of(setting), encoding="utf-8")
    print(f"{len(settings)} settings in {arguments.outdir}")


if __name__ == "__main__":
    main()
