"""Conditions, edges, stages and lists, worked by hand on periods of 2 and 3.

After closes 100 102 101, r(2) has U = 1, D = 1/2. In the fourth bar a price of 101 gives U = 1/2,
D = 1/4, r = 66.67; 104 gives U = 2, D = 1/4, r = 88.89; 99 gives U = 1/2, D = 5/4, r = 28.57.
"""

import unittest

from conditions import stays_active, truth
from edges import Edge
from rules import KINDS, Rule
from scenario import SMALL_RULE, Scenario, at

LOW, MID, HIGH = 99.0, 101.0, 104.0


def ready(edge=None, **rule):
    """The three closes, and a fourth bar at MID in which overbought becomes known."""
    scenario = Scenario({**rule, "edge": edge or {}})
    scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, MID))
    return scenario


class Firing(unittest.TestCase):
    def test_the_first_evaluation_never_fires(self):
        scenario = Scenario()
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, HIGH), (3.1, HIGH))
        self.assertEqual(scenario.said("overbought"), [])

    def test_a_record_as_the_page_shows_it(self):
        scenario = ready()
        scenario.trade(3.25, HIGH)
        record = scenario.records("overbought")[0]
        keys = "type id stage rule kind venue symbol timeframe bar_open time price rsi quality"
        self.assertEqual(list(record), keys.split())
        self.assertEqual(record["id"], "tars/binance:AAA/1s/overbought/2024-01-01T00:00:03Z/1")
        self.assertEqual(record["time"], "2024-01-01T00:00:03.250000000Z")
        # r(3): changes +2 -1 +3 give U = 5/3, D = 1/3.
        self.assertEqual(list(record["rsi"]), ["2", "3"])
        self.assertEqual(record["rsi"]["2"], 100 - 100 / 9)
        self.assertAlmostEqual(record["rsi"]["3"], 100 - 100 / 6, delta=1e-12)

    def test_a_period_without_value_is_null(self):
        scenario = ready(rsi={"default": 2, "first": 2, "second": 9})
        scenario.trade(3.25, HIGH)
        self.assertEqual(scenario.records("overbought")[0]["rsi"], {"2": 100 - 100 / 9, "9": None})

    def test_follow_ups_say_what_the_closed_bar_is(self):
        for last, stage in ((HIGH, "confirmed"), (MID, "retracted")):
            scenario = ready()
            scenario.trades((3.2, HIGH), (3.4, last), (4.5, MID))
            told = [(3.2, "provisional", 1, HIGH), (4.0, stage, 1, last)]
            self.assertEqual(scenario.said("overbought"), told)

    def test_once_per_bar_and_none(self):
        ticks = ((3.2, HIGH), (3.4, MID), (3.6, HIGH), (3.8, MID))
        once, every = ready(), ready({"once_per": "none"})
        for scenario in (once, every):
            scenario.trades(*ticks)
            scenario.hear(5)
        told = [(3.2, "provisional", 1, HIGH), (4.0, "retracted", 1, MID)]
        self.assertEqual(once.said("overbought"), told)
        told = [(3.2, "provisional", 1, HIGH), (3.6, "provisional", 2, HIGH)]
        told += [(4.0, "retracted", 1, MID), (4.0, "retracted", 2, MID)]
        self.assertEqual(every.said("overbought"), told)

    def test_a_suppressed_edge_makes_active(self):
        scenario = ready()
        scenario.trades((3.2, HIGH), (3.4, MID), (3.6, HIGH))
        # The next bar opens at 104: U = 1, D = 1/8, still overbought, no new edge.
        scenario.trade(4.1, HIGH)
        self.assertEqual([told[:3] for told in scenario.said("overbought")], [
            (3.2, "provisional", 1), (4.0, "confirmed", 1)])  # fmt: skip

    def test_hysteresis_holds_until_the_level_less_it(self):
        # 66.67 is above 70 - 20, 28.57 is not.
        for middle, count in ((MID, 1), (LOW, 2)):
            scenario = ready({"once_per": "none", "hysteresis": 20.0})
            scenario.trades((3.2, HIGH), (3.4, middle), (3.6, HIGH))
            self.assertEqual(len(scenario.said("overbought")), count)

    def test_follow_ups_know_no_hysteresis(self):
        scenario = ready({"hysteresis": 20.0})
        scenario.trades((3.2, HIGH), (3.4, MID))
        scenario.hear(5)
        self.assertEqual(scenario.said("overbought")[1], (4.0, "retracted", 1, MID))

    def test_cooldown_counts_exchange_time_since_the_last_firing(self):
        scenario = ready({"once_per": "none", "cooldown": "5s"})
        scenario.trades((3.2, HIGH), (3.4, MID), (3.6, HIGH))
        scenario.trades((8.1, 80.0), (8.15, 120.0), (8.16, 80.0), (8.2, 120.0))
        fired = [told for told in scenario.said("overbought") if told[1] == "provisional"]
        self.assertEqual(fired, [(3.2, "provisional", 1, HIGH), (8.2, "provisional", 1, 120.0)])

    def test_repeats_come_while_active(self):
        scenario = ready({"repeat_every": "1s"})
        scenario.trades((3.2, HIGH), (3.9, HIGH), (4.1, HIGH), (4.2, HIGH), (4.3, HIGH))
        scenario.hear(6)
        told = [(3.2, "provisional", 1, HIGH), (4.0, "confirmed", 1, HIGH)]
        told += [(4.2, "provisional", 1, HIGH), (5.0, "confirmed", 1, HIGH)]
        self.assertEqual(scenario.said("overbought"), told)
        repeats = [record.get("repeat") for record in scenario.records("overbought")]
        self.assertEqual(repeats, [None, None, True, True])

    def test_close_fires_confirmed_once_a_bar(self):
        scenario = Scenario({"evaluate": "close"})
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, MID), (3.5, HIGH), (4, HIGH))
        scenario.hear(6)
        self.assertEqual(scenario.said("overbought"), [(4.0, "confirmed", 1, HIGH)])

    def test_switches_leave_kinds_out(self):
        for auto in ({"enabled": False}, {"kinds": ["buy"]}):
            scenario = ready(auto=auto)
            scenario.trades((3.2, HIGH), (4, HIGH))
            self.assertEqual(scenario.said("overbought"), [])

    def test_rules_cover_symbols_by_globs(self):
        globs = {"a": "*:A*", "b": "*:B*"}
        rules = [{**SMALL_RULE, "name": name, "symbols": [globs[name]]} for name in globs]
        scenario = Scenario(rules=rules)
        for symbol in ("AAA", "BBB"):
            prices = ((0, 100.0), (1, 102.0), (2, 101.0), (3, MID), (3.2, HIGH))
            scenario.trades(*prices, symbol=symbol)
        self.assertEqual(
            [(record["rule"], record["symbol"]) for record in scenario.records("overbought")],
            [("a", "AAA"), ("b", "BBB")],
        )


class EdgeAlone(unittest.TestCase):
    def test_a_time_before_the_last_firing_is_no_time_passed(self):
        rule = Rule({"edge": {"once_per": "none", "repeat_every": "1s"}})
        edge = Edge()
        self.assertIsNone(edge.step(False, False, at(9), False, rule))
        self.assertEqual(edge.step(True, True, at(10), False, rule), "edge")
        self.assertIsNone(edge.step(True, True, at(5), False, rule))
        self.assertEqual(edge.step(True, True, at(11), False, rule), "repeat")

    def test_what_was_active_from_the_first_never_repeats(self):
        rule = Rule({"edge": {"repeat_every": "1s"}})
        edge = Edge()
        for seconds in range(5):
            self.assertIsNone(edge.step(True, True, at(seconds), False, rule))

    def test_cooldown_limits_repeats(self):
        rule = Rule({"edge": {"repeat_every": "1s", "cooldown": "3s"}})
        edge = Edge()
        edge.step(False, False, at(0), False, rule)
        fired = [edge.step(True, True, at(seconds), False, rule) for seconds in range(1, 8)]
        self.assertEqual(fired, ["edge", None, None, "repeat", None, None, "repeat"])


class Conditions(unittest.TestCase):
    # D = 14, F = 2, S = 12. Bars back 0, 1, 2.
    BASE = {(14, 0): 55.0, (14, 1): 50.0, (14, 2): 45.0, (2, 0): 60.0, (2, 1): 40.0, (2, 2): 70.0,
            (12, 0): 50.0, (12, 1): 40.0, (12, 2): 40.0}  # fmt: skip

    def true_kinds(self, rule=None, **changes):
        r = dict(self.BASE)
        for name, value in changes.items():
            _, period, back = name.split("_")
            r[int(period), int(back)] = value
        return {kind for kind in KINDS if truth(kind, Rule(rule or {}), r)}

    def test_the_table(self):
        self.assertEqual(self.true_kinds(), {"buy", "rising", "phase_up"})
        self.assertEqual(self.true_kinds(r_2_1=40.5), {"rising", "phase_up"})
        self.assertEqual(self.true_kinds(r_2_0=50.0), {"rising", "phase_up"})
        down = self.true_kinds(r_2_0=45.0, r_14_0=44.0)
        self.assertEqual(down, {"sell", "falling", "phase_down"})
        self.assertEqual(self.true_kinds(r_14_0=70.0) & {"overbought"}, set())
        self.assertEqual(self.true_kinds(r_14_0=70.5) & {"overbought"}, {"overbought"})
        self.assertEqual(self.true_kinds(r_14_0=29.5) & {"oversold"}, {"oversold"})
        self.assertEqual(self.true_kinds(r_14_0=50.0) & {"phase_up", "phase_down"}, set())

    def test_look_back_of_two_and_its_limits(self):
        for lookback in (2, 7):
            rule = {"cross": {"lookback": lookback}}
            self.assertEqual(self.true_kinds(rule), {"rising", "phase_up"})
            self.assertEqual(self.true_kinds(rule, r_2_2=40.0), {"buy", "rising", "phase_up"})
        self.assertIn("buy", self.true_kinds({"cross": {"lookback": 0}}))

    def test_the_filter_is_inclusive(self):
        rule = {"cross": {"filter": True}}
        self.assertNotIn("buy", self.true_kinds(rule))
        self.assertIn("buy", self.true_kinds(rule, r_14_0=30.0))
        self.assertIn("sell", self.true_kinds(rule, r_2_0=45.0, r_14_0=70.0))
        self.assertNotIn("sell", self.true_kinds(rule, r_2_0=45.0, r_14_0=69.9))

    def test_trend_rules(self):
        cases = ((55.0, 50.0, 45.0, True, True, True), (55.0, 40.0, 45.0, True, True, False))
        cases += ((55.0, 60.0, 45.0, True, False, False), (45.0, 40.0, 45.0, False, False, False))
        for now, one, two, *expected in cases:
            for name, rises in zip(("two_back", "both", "monotone"), expected):
                rule = {"trend": {"rule": name}}
                kinds = self.true_kinds(rule, r_14_0=now, r_14_1=one, r_14_2=two)
                self.assertEqual("rising" in kinds, rises, (now, one, two, name))
                kinds = self.true_kinds(rule, r_14_0=-now, r_14_1=-one, r_14_2=-two)
                self.assertEqual("falling" in kinds, rises, (now, one, two, name))

    def test_hysteresis_looks_at_the_left_and_right_side_alone(self):
        rule = Rule({"edge": {"hysteresis": 5.0}, "cross": {"filter": True}})
        r = {**self.BASE, (2, 0): 45.5, (12, 0): 50.0, (2, 1): 99.0}
        self.assertTrue(stays_active("buy", rule, r))
        self.assertFalse(stays_active("buy", rule, {**r, (2, 0): 45.0}))
        self.assertTrue(stays_active("falling", rule, {**r, (14, 0): 49.0, (14, 2): 45.0}))
        self.assertFalse(stays_active("falling", rule, {**r, (14, 0): 50.0, (14, 2): 45.0}))

    def test_a_crossing_from_trades(self):
        # Closes 100 102 101 99: r(2) = 28.57 below r(3) = 40. A price of 105 gives 83.87 and 78.57.
        scenario = Scenario()
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, 99.0), (4, 99.0), (4.5, 105.0))
        self.assertEqual(scenario.said("buy"), [(4.5, "provisional", 1, 105.0)])
        self.assertAlmostEqual(scenario.records("buy")[0]["rsi"]["2"], 100 - 100 / 6.2, delta=1e-12)
        self.assertAlmostEqual(scenario.records("buy")[0]["rsi"]["3"], 100 - 300 / 14, delta=1e-12)


class WarmUp(unittest.TestCase):
    def test_auto(self):
        self.assertEqual([Rule({}).warmup(period) for period in (2, 12, 14)], [22, 124, 144])
        self.assertEqual(Rule({"warmup_bars": 3}).warmup(14), 15)
        self.assertEqual(Rule({"warmup_bars": 40}).warmup(14), 40)

    def known_after(self, evaluate):
        """Closed bars after which each kind first knows its state."""
        scenario = Scenario({"evaluate": evaluate, "warmup_bars": 5})
        known = {}
        for second in range(9):
            scenario.trade(second, 100.0 + second % 3)
            track = scenario.engine.symbols["AAA"].tracks[0]
            for kind in KINDS:
                if track.edges[kind].active is not None:
                    known.setdefault(kind, track.closed_bars)
        return [known[kind] for kind in ("overbought", "phase_up", "buy", "rising")]

    def test_every_bar_read_is_warm(self):
        self.assertEqual(self.known_after("forming"), [5, 5, 5, 6])
        self.assertEqual(self.known_after("close"), [5, 6, 6, 7])


class Lists(unittest.TestCase):
    def snapshots(self, scenario):
        lists = [record for record in scenario.records() if record["type"] == "snapshot"]
        return [(r["reason"], r["kind"], r["time"][11:19], r["symbols"]) for r in lists]

    def test_first_load_comes_once_at_the_next_multiple(self):
        kinds = ["overbought", "rising", "sell"]
        scenario = Scenario({"auto": {"enabled": False}, "first_load": {"kinds": kinds}})
        for symbol in ("BBB", "AAA"):
            prices = ((0, 100.0), (1, 102.0), (2, 101.0), (3, MID), (4, 110.0))
            scenario.trades(*prices, symbol=symbol)
        scenario.trades((0.5, 1.0), (1.5, 2.0), symbol="COLD")
        scenario.hear(59.9)
        self.assertEqual(self.snapshots(scenario), [])
        scenario.hear(185)
        both = ["binance:AAA", "binance:BBB"]
        expected = [("first_load", kind, "00:03:00", both) for kind in ("overbought", "rising")]
        self.assertEqual(self.snapshots(scenario), expected)
        scenario.trades((190, 111.0), symbol="AAA")
        scenario.hear(300)
        self.assertEqual(self.snapshots(scenario), expected)
        keys = "type reason rule kind timeframe time symbols"
        self.assertEqual(list(scenario.records("rising")[0]), keys.split())

    def test_a_symbol_enters_once_all_eight_are_known(self):
        scenario = Scenario({"auto": {"enabled": False}})
        # Four bars: overbought is known, and rising is not before four have closed.
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, HIGH))
        scenario.hear(3.5)
        self.assertTrue(scenario.engine.symbols["AAA"].tracks[0].edges["overbought"].true_now)
        scenario.hear(60)
        self.assertEqual(self.snapshots(scenario), [])

    def test_scan_lists_what_is_true_now(self):
        auto = {"mode": "scan", "every": "2s", "kinds": ["overbought"]}
        scenario = Scenario({"auto": auto, "first_load": {"kinds": []}})
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, HIGH))
        self.assertEqual(self.snapshots(scenario), [])
        scenario.hear(4)
        scenario.hear(5.9)
        scenario.hear(11)
        times = ("00:00:04", "00:00:10")
        expected = [("scan", "overbought", time, ["binance:AAA"]) for time in times]
        self.assertEqual(self.snapshots(scenario), expected)
        self.assertEqual(scenario.said("overbought"), [])


if __name__ == "__main__":
    unittest.main()
