"""Small worlds for the hand-worked examples: trades at seconds after a minute, records back."""

import os
import pathlib

from captures import Message, Trade
from oracle import Engine
from rules import Settings

SECOND = 10**9
T0 = 1_704_067_200 * SECOND  # 2024-01-01T00:00:00Z, a Monday

# Periods small enough to work by hand; r(2) is warm after 3 closed bars, r(3) after 4.
SMALL_RULE = {
    "timeframes": ["1s"],
    "rsi": {"default": 2, "first": 2, "second": 3},
    "warmup_bars": 3,
}


def corpus():
    """The folder of captures and vectors, or None where this machine has none."""
    beside = pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
    folder = pathlib.Path(os.environ.get("FASTRSI_CORPUS", beside))
    return folder if folder.is_dir() else None


def at(seconds):
    return T0 + round(seconds * SECOND)


class Scenario:
    def __init__(self, rule=None, rules=None, **settings):
        rules = rules or [{**SMALL_RULE, **(rule or {})}]
        self.engine = Engine(Settings({"silence_ns": 10**15, "rules": rules, **settings}))
        self.next_ids = {}
        self.hear(0)

    def hear(self, venue, received=None):
        """A message without trades that carries a venue time, or none."""
        time = None if venue is None else at(venue)
        received = time if received is None else at(received)
        self.engine.process(Message(received, [], time))

    def trade(self, seconds, price, symbol="AAA", trade_id=None, venue=None, market=True):
        """One trade in a message of its own. Ids rise by one unless told."""
        if trade_id is None:
            trade_id = self.next_ids.get(symbol, 1)
        self.next_ids[symbol] = max(trade_id + 1, self.next_ids.get(symbol, 1))
        time = at(seconds)
        message_time = time if venue is None else at(venue)
        trade = Trade(symbol, time, trade_id, price, market)
        self.engine.process(Message(message_time, [trade], message_time))

    def trades(self, *pairs, symbol="AAA"):
        for seconds, price in pairs:
            self.trade(seconds, price, symbol)

    def records(self, kind=None):
        return [r for r in self.engine.records.in_order() if kind is None or r["kind"] == kind]

    def said(self, kind):
        """(time after the minute, stage, n, price) of each signal of a kind."""
        told = []
        for record in self.records(kind):
            if record["type"] == "signal":
                clock = record["time"].split("T")[1].rstrip("Z")
                hours, minutes, seconds = clock.split(":")
                after = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
                n = int(record["id"].rsplit("/", 1)[1])
                told.append((after, record["stage"], n, record["price"]))
        return told
