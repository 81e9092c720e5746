"""Wilder's relative strength index, exactly as SIGNALS.md section 3 orders the operations.

Python's floats are IEEE doubles, and it neither fuses nor reorders operations, so the values are
the bits that the engine must print.
"""

import sys

SMALLEST_NORMAL = sys.float_info.min

FLAT_VALUES = {"mt5": 50.0, "tradingview": 100.0, "talib": 0.0}


def without_underflow(average):
    return 0.0 if average < SMALLEST_NORMAL else average


def value_of(up, down, profile):
    if down > 0.0:
        return 100.0 - 100.0 / (1.0 + up / down)
    return 100.0 if up > 0.0 else FLAT_VALUES[profile]


class Wilder:
    """One period over the applied prices of one series of bars."""

    def __init__(self, period, profile):
        self.period = period
        self.profile = profile
        self.last_price = None
        self.changes = 0
        self.up = 0.0  # the sum of the changes until the seed, Wilder's average from then on
        self.down = 0.0
        self.values = []  # at each closed bar; None before the seed

    def averages_with(self, price):
        """(changes, up, down) if `price` closed the next bar."""
        change = price - self.last_price
        rise, fall = max(change, 0.0), max(-change, 0.0)
        n, changes = self.period, self.changes + 1
        if changes > n:
            up = (self.up * (n - 1) + rise) / n
            down = (self.down * (n - 1) + fall) / n
            return changes, without_underflow(up), without_underflow(down)
        up, down = self.up + rise, self.down + fall
        if changes == n:
            up, down = without_underflow(up / n), without_underflow(down / n)
        return changes, up, down

    def peek(self, price):
        """The value at a forming bar; None before there are `period` changes with its own."""
        if self.last_price is None:
            return None
        changes, up, down = self.averages_with(price)
        return value_of(up, down, self.profile) if changes >= self.period else None

    def commit(self, price):
        """Takes a closed bar."""
        value = self.peek(price)
        if self.last_price is not None:
            self.changes, self.up, self.down = self.averages_with(price)
        self.last_price = price
        self.values.append(value)

    def back(self, bars):
        """The value `bars` closed bars ago, 1 being the last closed one; None without one."""
        return self.values[-bars] if bars <= len(self.values) else None
