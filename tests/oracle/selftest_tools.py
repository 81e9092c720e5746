"""The level oracle, the comparer, the matrix of settings and the made-up sessions."""

import itertools
import json
import tomllib
import unittest

from captures import parse_line
from compare import differences
from faults import session
from levels_oracle import answer
from matrix import FACTORS, SEED, pairwise_rows, settings_list, toml_of
from oracle import run
from rules import KINDS, Settings
from scenario import SECOND, SMALL_RULE


class Levels(unittest.TestCase):
    # After 100 102 101, r(2) of a rise d is 100 (A + d) / (A + B + d) with A = 1, B = 1/2: it
    # passes 70 at d = 1/6.
    STATE = {"rule": SMALL_RULE, "closes": [100.0, 102.0, 101.0], "bar": None}

    def overbought(self, **state):
        return [truths["overbought"] for truths in answer({**self.STATE, **state})]

    def test_truth_flips_at_the_hand_worked_price(self):
        self.assertEqual(self.overbought(prices=[101.16, 101.17, 101.0]), [False, True, False])

    def test_what_is_not_warm_is_null(self):
        truths = answer({**self.STATE, "prices": [101.0]})[0]
        self.assertEqual(set(truths), set(KINDS))
        self.assertIsNone(truths["rising"])
        self.assertIsNone(truths["buy"])
        self.assertIsNone(self.overbought(closes=[100.0, 102.0], prices=[101.0])[0])

    def test_a_tick_moves_high_and_low(self):
        bar = {"open": 101.0, "high": 101.5, "low": 100.0, "close": 101.0}
        self.assertEqual(self.overbought(apply_to="high", bar=bar, prices=[101.0]), [True])
        self.assertEqual(self.overbought(apply_to="high", bar=None, prices=[101.0]), [False])
        self.assertEqual(self.overbought(apply_to="open", bar=bar, prices=[900.0]), [False])


class Compare(unittest.TestCase):
    SIGNAL = {
        "type": "signal", "id": "a/b:C/1m/buy/t/1", "stage": "provisional", "price": 1.5,
        "rsi": {"2": 50.0, "9": None},
    }  # fmt: skip
    LIST = {
        "type": "snapshot", "reason": "scan", "rule": "a", "kind": "buy", "timeframe": "1m",
        "time": "t", "symbols": ["b:C"],
    }  # fmt: skip

    def told(self, a, b):
        return list(differences(a, b))

    def test_equal_exports(self):
        near = {**self.SIGNAL, "rsi": {"2": 50.0 + 9e-10, "9": None}}
        self.assertEqual(self.told([self.SIGNAL, self.LIST], [near, self.LIST]), [])

    def test_every_kind_of_difference_is_told(self):
        values = ({"2": 50.1, "9": None}, {"2": 50.0, "9": 1.0}, {"2": 50.0})
        values += ({"2": float("nan"), "9": None},)
        for change in [{"price": 1.6}, {"repeat": True}, *({"rsi": value} for value in values)]:
            with self.subTest(change):
                self.assertEqual(len(self.told([self.SIGNAL], [{**self.SIGNAL, **change}])), 1)
        self.assertEqual(len(self.told([self.LIST], [{**self.LIST, "symbols": []}])), 1)
        self.assertEqual(len(self.told([self.SIGNAL, self.LIST], [self.LIST])), 1)
        self.assertEqual(len(self.told([self.SIGNAL], [self.SIGNAL, self.LIST])), 1)
        self.assertEqual(len(self.told([self.SIGNAL], [self.SIGNAL, self.SIGNAL])), 1)
        self.assertEqual(len(self.told([self.SIGNAL, self.LIST], [self.LIST, self.SIGNAL])), 1)


class Matrix(unittest.TestCase):
    def test_every_pair_of_values_meets(self):
        rows = pairwise_rows(SEED)
        self.assertGreaterEqual(len(rows), 72)
        for a, b in itertools.combinations(FACTORS, 2):
            met = {(row[a], row[b]) for row in rows}
            self.assertEqual(met, set(itertools.product(FACTORS[a], FACTORS[b])), (a, b))

    def test_settings_and_configuration_say_the_same(self):
        settings = settings_list("binance")
        self.assertEqual(settings, settings_list("binance"))
        self.assertEqual(len({json.dumps(setting["rules"]) for setting in settings}), len(settings))
        for setting in settings:
            Settings(setting)
            table = tomllib.loads(toml_of(setting))
            self.assertEqual(table["rule"], setting["rules"])
            self.assertEqual(table["feed"][0]["venue"], "binance")
            self.assertEqual(table["engine"]["grace"], f"{setting['grace_ns'] // 10**6}ms")


class Faults(unittest.TestCase):
    def test_a_made_up_session_has_every_fault(self):
        rule = {**SMALL_RULE, "timeframes": ["1s", "5s"], "edge": {"once_per": "none"}}
        messages = [parse_line(line, "trade") for line in session(1, "binance-usdm")]
        self.assertIsNone(messages[0])
        settings = Settings({"venue": "binance-usdm", "rules": [rule]})
        engine = run(settings, messages[1:])
        for count in engine.counts:
            self.assertGreater(engine.counts[count], 10, count)
        signals = [r for r in engine.records.in_order() if r["type"] == "signal"]
        qualities = {signal["quality"] for signal in signals}
        self.assertEqual(qualities, {"complete", "gap", "late", "partial"})
        trades = [trade for message in messages[1:] for trade in message.trades]
        self.assertIn(False, {trade.market for trade in trades})
        received = [message.received for message in messages[1:]]
        silences = [b - a for a, b in zip(received, received[1:]) if b - a >= 10 * SECOND]
        self.assertGreater(len(silences), 3)


if __name__ == "__main__":
    unittest.main()
