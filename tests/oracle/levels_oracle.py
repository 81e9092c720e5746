"""What a tick at a price would make true, computed afresh from the closed prices every time.

Reads JSON lines from standard input, one state each:

    {"rule": {...}, "apply_to": "close", "closes": [applied prices of closed bars, oldest first],
     "bar": {"open":, "high":, "low":, "close":} or null, "prices": [p, ...]}

and answers each with one line: for every p the eight truths (null where not warm) once a tick at p
has come in the forming bar, which it opens when there is none. `rule` is as in the settings;
`apply_to` overrides the rule's.
"""

import json
import sys

from bars import Bar
from conditions import truth
from rsi import Wilder
from rules import KINDS, Rule


def bar_after(bar, price):
    """The forming bar once a tick at `price` has come."""
    after = Bar(0, 1, price, False)
    if bar is not None:
        after.open = bar["open"]
        after.high, after.low = max(bar["high"], price), min(bar["low"], price)
    return after


def values_at(rule, closes, applied):
    """Every warm value with `applied` as bar 0's price."""
    r = {}
    for period in rule.periods:
        wilder = Wilder(period, rule.profile)
        for close in closes:
            wilder.commit(close)
        if len(closes) >= rule.warmup(period):
            r[period, 0] = wilder.peek(applied)
        for back in (1, 2):
            if len(closes) - (back - 1) >= rule.warmup(period):
                r[period, back] = wilder.back(back)
    return r


def answer(state):
    given = dict(state.get("rule", {}))
    if "apply_to" in state:
        given["apply_to"] = state["apply_to"]
    rule = Rule(given)
    truths = []
    for price in state["prices"]:
        applied = bar_after(state.get("bar"), price).applied_price(rule.apply_to)
        r = values_at(rule, state["closes"], applied)
        truths.append({kind: truth(kind, rule, r) for kind in KINDS})
    return truths


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line)), separators=(",", ":")))


if __name__ == "__main__":
    main()
