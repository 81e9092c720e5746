"""A made-up session with everything that real captures lack: faults.py SEED [--venue V] > capture

Ids that jump and come twice, trades that come late or long after they were made, trades that are no
market trades, prices that stand still, and spells without any message. Seeded: the same everywhere.
"""

import argparse
import json
import random
import sys

BEGIN_MS = 1_723_161_540_000  # 2024-08-08T23:59:00Z, so that a day ends within
STEPS = 12_000
PRICES = {"BTCUSDT": 61_800.0, "ETHUSDT": 2_680.0}


class Session:
    def __init__(self, seed, venue):
        self.random = random.Random(seed)
        self.futures = venue != "binance"
        self.now = BEGIN_MS  # the exchange's clock; ours is 1.5 s behind
        self.ids = dict.fromkeys(PRICES, 1000)
        self.prices = dict(PRICES)
        self.written = 0
        header = {"capture": 1, "venue": venue, "url": "wss://made.up"}
        self.lines = [self.line({"fastrsi": header})]

    def line(self, frame):
        nanoseconds = (self.now - 1500) * 10**6 + self.written
        self.written += 1
        return f"{nanoseconds} {json.dumps(frame, separators=(',', ':'))}"

    def say(self, symbol, stream, data):
        self.lines.append(self.line({"stream": f"{symbol.lower()}@{stream}", "data": data}))

    def trade(self, symbol, age_ms=0):
        chance = self.random.random()
        step = self.random.choice((0, 0, 0, 1, -1, 3, -3)) * self.prices[symbol] / 5000
        self.prices[symbol] = round(self.prices[symbol] + step, 2)
        self.ids[symbol] += 1 if chance > 0.004 else self.random.randint(2, 9)
        data = {"e": "trade", "E": self.now, "s": symbol, "t": self.ids[symbol]}
        data |= {"p": f"{self.prices[symbol]:.8f}", "q": "0.01000000", "T": self.now - age_ms}
        if self.futures:
            data["X"] = "MARKET" if self.random.random() > 0.01 else "INSURANCE_FUND"
        data |= {"m": self.random.random() < 0.5, "M": True}
        self.say(symbol, "trade", data)
        if chance > 0.996:
            self.lines.append(self.lines[-1])

    def backlog(self):
        """The last minute's trades, all at once, as a venue may send on subscribing."""
        for age in range(60_000, 0, -700):
            for symbol in PRICES:
                self.trade(symbol, age)

    def step(self):
        chance = self.random.random()
        if chance < 0.002:
            self.now += self.random.randint(2_000, 30_000)
        elif chance < 0.3:
            self.now += self.random.randint(0, 300)
        symbol = self.random.choice(list(PRICES))
        if chance < 0.15:
            book = {"e": "depthUpdate", "E": self.now, "s": symbol, "U": 1, "u": 2}
            book |= {"b": [], "a": []}
            self.say(symbol, "depth@100ms", book)
        elif chance < 0.2:
            ticker = {"u": 3, "s": symbol, "b": "1.0", "B": "1.0", "a": "2.0", "A": "1.0"}
            self.say(symbol, "bookTicker", ticker)
        elif chance < 0.23:
            self.trade(symbol, self.random.choice((1, 40, 400, 1_500, 6_000)))
        else:
            self.trade(symbol)


def session(seed, venue="binance"):
    made = Session(seed, venue)
    made.backlog()
    for _ in range(STEPS):
        made.step()
    return made.lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", type=int)
    parser.add_argument("--venue", default="binance")
    arguments = parser.parse_args()
    sys.stdout.write("\n".join(session(arguments.seed, arguments.venue)) + "\n")


if __name__ == "__main__":
    main()
