"""Settings of an oracle run: INTERFACE.md section 2 as a JSON object, with the page's defaults."""

import fnmatch
import re

from calendars import TIMEFRAMES, Calendar

KINDS = ["buy", "sell", "overbought", "oversold", "rising", "falling", "phase_up", "phase_down"]

UNITS_NS = {
    "ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9,
    "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9,
}  # fmt: skip

DEFAULT_RULE = {
    "name": "tars",
    "symbols": ["*"],
    "timeframes": ["1m", "1h", "1d"],
    "evaluate": "forming",
    "apply_to": "close",
    "profile": "mt5",
    "warmup_bars": "auto",
    "empty_bars": "skip",
    "rsi": {"default": 14, "first": 2, "second": 12},
    "levels": {"middle": 50, "overbought": 70, "oversold": 30},
    "cross": {"lookback": 1, "filter": False},
    "trend": {"rule": "two_back"},
    "edge": {"once_per": "bar", "hysteresis": 0.0, "cooldown": "0s", "repeat_every": "0s"},
    "first_load": {"kinds": ["*"], "sinks": ["log"]},
    "auto": {"enabled": True, "mode": "edge", "every": "5m", "kinds": ["*"]},
}

CHOICES = {
    "evaluate": ("forming", "close"),
    "apply_to": ("close", "open", "high", "low", "median", "typical", "weighted"),
    "profile": ("mt5", "tradingview", "talib"),
    "empty_bars": ("skip", "carry"),
}


def nanoseconds(duration):
    """A duration of the configuration ("250ms", "5m"), or a plain number of nanoseconds."""
    if isinstance(duration, int):
        return duration
    match = re.fullmatch(r"(\d+)(ns|us|ms|s|m|h|d)", duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration such as 250ms or 5m")
    return int(match[1]) * UNITS_NS[match[2]]


def merged(defaults, given, where):
    unknown = set(given) - set(defaults)
    if unknown:
        raise ValueError(f"unknown keys in {where}: {sorted(unknown)}")
    result = {}
    for key, default in defaults.items():
        value = given.get(key, default)
        nested = isinstance(default, dict)
        result[key] = merged(default, value, f"{where}.{key}") if nested else value
    return result


def kinds_of(patterns):
    return {kind for kind in KINDS for pattern in patterns if fnmatch.fnmatchcase(kind, pattern)}


class Rule:
    def __init__(self, given):
        keys = merged(DEFAULT_RULE, given, "rule")
        for key, choices in CHOICES.items():
            if keys[key] not in choices:
                raise ValueError(f"rule.{key} is {keys[key]!r}, not one of {choices}")
        self.name = keys["name"]
        self.globs = keys["symbols"]
        self.timeframes = keys["timeframes"]
        if not set(self.timeframes) <= set(TIMEFRAMES):
            raise ValueError(f"rule.timeframes is {self.timeframes}")
        self.evaluate = keys["evaluate"]
        self.apply_to = keys["apply_to"]
        self.profile = keys["profile"]
        self.warmup_bars = keys["warmup_bars"]
        self.carry = keys["empty_bars"] == "carry"
        self.D = keys["rsi"]["default"]
        self.F = keys["rsi"]["first"]
        self.S = keys["rsi"]["second"]
        self.periods = sorted({self.D, self.F, self.S})
        self.middle = keys["levels"]["middle"]
        self.overbought = keys["levels"]["overbought"]
        self.oversold = keys["levels"]["oversold"]
        self.L = min(max(keys["cross"]["lookback"], 1), 2)
        self.filter = keys["cross"]["filter"]
        self.trend = keys["trend"]["rule"]
        self.once_per = keys["edge"]["once_per"]
        self.hysteresis = keys["edge"]["hysteresis"]
        self.cooldown = nanoseconds(keys["edge"]["cooldown"])
        self.repeat_every = nanoseconds(keys["edge"]["repeat_every"])
        self.first_load_kinds = kinds_of(keys["first_load"]["kinds"])
        self.auto_kinds = kinds_of(keys["auto"]["kinds"]) if keys["auto"]["enabled"] else set()
        self.scan = keys["auto"]["mode"] == "scan"
        self.scan_every = nanoseconds(keys["auto"]["every"])

    def covers(self, full_name):
        return any(fnmatch.fnmatchcase(full_name, glob) for glob in self.globs)

    def warmup(self, period):
        """Closed bars before r(period) is warm (D13)."""
        if self.warmup_bars == "auto":
            return (921 * period + 99) // 100 + period + 1
        return max(self.warmup_bars, period + 1)


class Settings:
    def __init__(self, given):
        known = "name venue stream symbols grace_ns silence_ns calendar rules"
        unknown = set(given) - set(known.split())
        if unknown:
            raise ValueError(f"unknown settings: {sorted(unknown)}")
        self.venue = given.get("venue", "binance")
        self.stream = given.get("stream", "trade")
        self.symbols = given.get("symbols")  # the feed's watch list; None for every symbol it shows
        self.grace = given.get("grace_ns", 250 * 10**6)
        self.silence = given.get("silence_ns", 10 * 10**9)
        self.calendar = Calendar(**given.get("calendar", {}))
        self.rules = [Rule(rule) for rule in given.get("rules", [{}])]
