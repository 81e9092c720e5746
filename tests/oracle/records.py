"""Records and their canonical order (SIGNALS.md, section 6; D21, D22)."""

import json
from datetime import datetime, timedelta

from calendars import TIMEFRAMES
from rules import KINDS

STAGES = ["provisional", "confirmed", "retracted"]
EPOCH = datetime(1970, 1, 1)


def iso_seconds(time):
    return (EPOCH + timedelta(seconds=time // 10**9)).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_nanoseconds(time):
    return f"{iso_seconds(time)[:-1]}.{time % 10**9:09d}Z"


class Records:
    """Everything a run says, put into order at the end."""

    def __init__(self):
        self.entries = []  # (place in the canonical order, record)

    def signal(self, rule, venue, symbol, timeframe, kind, bar, time, rsi, firing, stage, quality):
        n, repeat = firing
        bar_open = iso_seconds(bar.open_time)
        record = {
            "type": "signal",
            "id": f"{rule.name}/{venue}:{symbol}/{timeframe}/{kind}/{bar_open}/{n}",
            "stage": stage,
            "rule": rule.name,
            "kind": kind,
            "venue": venue,
            "symbol": symbol,
            "timeframe": timeframe,
            "bar_open": bar_open,
            "time": iso_nanoseconds(time),
            "price": bar.close,
            "rsi": {str(period): rsi[period] for period in sorted(rsi)},
            "quality": quality,
        }
        if repeat:
            record["repeat"] = True
        self.add(record, time, rule, venue, symbol, timeframe, kind, STAGES.index(stage), n)

    def snapshot(self, reason, rule, kind, timeframe, time, symbols):
        record = {
            "type": "snapshot",
            "reason": reason,
            "rule": rule.name,
            "kind": kind,
            "timeframe": timeframe,
            "time": iso_nanoseconds(time),
            "symbols": sorted(symbols),
        }
        # A list has no symbol of its own; what is not there comes first.
        last = ("first_load", "scan").index(reason)
        self.add(record, time, rule, "", "", timeframe, kind, -1, last)

    def add(self, record, time, rule, venue, symbol, timeframe, kind, stage, n):
        words = TIMEFRAMES.index(timeframe), KINDS.index(kind)
        self.entries.append(((time, rule.name, venue, symbol, *words, stage, n), record))

    def in_order(self):
        self.entries.sort(key=lambda entry: entry[0])
        return [record for _, record in self.entries]


def to_line(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
