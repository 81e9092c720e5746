"""Ticks to bars, worked by hand: late, duplicate, gap, carry, partial, grace and silence."""

import json
import pathlib
import tempfile
import unittest

import bars
from bars import Series
from calendars import Calendar
from captures import parse_line, read_session
from scenario import SECOND, SMALL_RULE, Scenario, at

GRACE = SECOND // 4


def told(events):
    """Events with bars as (event, open, high, low, close)."""
    return [(e, b.open, b.high, b.low, b.close) if b else (e,) for e, b in events]


class OneSeries(unittest.TestCase):
    def series(self, carry=False):
        return Series("1s", Calendar(), carry, GRACE)

    def test_an_older_tick_moves_high_and_low_but_not_the_close(self):
        series = self.series()
        for seconds, price in ((0.5, 10.0), (0.3, 12.0), (0.4, 8.0)):
            series.tick(at(seconds), price, False, 0)
        ticked = told(series.tick(at(0.5), 11.0, False, 0))
        self.assertEqual(ticked, [("ticked", 10.0, 12.0, 8.0, 11.0)])

    def test_a_tick_before_the_forming_bar_is_late(self):
        series = self.series()
        series.tick(at(1.0), 10.0, False, 0)
        self.assertEqual(told(series.tick(at(0.999), 99.0, False, 0)), [("late",)])
        self.assertEqual(series.forming.high, 10.0)

    def test_a_tick_before_the_last_closed_end_is_late_when_nothing_forms(self):
        series = self.series()
        series.tick(at(0.1), 10.0, False, 0)
        self.assertEqual(series.advance(at(1.249), 0), [])
        self.assertEqual(len(series.advance(at(1.25), 0)), 1)
        self.assertEqual(told(series.tick(at(0.9), 11.0, False, 0)), [("late",)])
        ticked = told(series.tick(at(1.0), 12.0, False, 0))
        self.assertEqual(ticked, [("ticked", 12.0, 12.0, 12.0, 12.0)])

    def test_skip_leaves_empty_bars_out_and_carry_repeats_the_close(self):
        skip, carry = self.series(), self.series(carry=True)
        for series in (skip, carry):
            series.tick(at(0.1), 10.0, False, 0)
            series.tick(at(0.2), 9.0, False, 0)
        first, last = ("closed", 10.0, 10.0, 9.0, 9.0), ("ticked", 7.0, 7.0, 7.0, 7.0)
        self.assertEqual(told(skip.tick(at(3.5), 7.0, False, 0)), [first, last])
        empty = ("closed", 9.0, 9.0, 9.0, 9.0)
        self.assertEqual(told(carry.tick(at(3.5), 7.0, False, 0)), [first, empty, empty, last])

    def test_venue_time_closes_carried_bars_too(self):
        series = self.series(carry=True)
        series.tick(at(0.1), 10.0, False, 0)
        self.assertEqual(len(series.advance(at(3.3), 0)), 3)
        self.assertEqual(series.advance(at(4.2), 0), [])
        self.assertEqual(len(series.advance(at(4.25), 0)), 1)

    def test_too_many_empty_bars_start_the_series_anew(self):
        most, bars.MOST_EMPTY_BARS = bars.MOST_EMPTY_BARS, 3
        try:
            series = self.series(carry=True)
            series.tick(at(0.1), 10.0, False, 0)
            events = [event for event, _ in series.tick(at(4.5), 7.0, False, 0)]
            self.assertEqual(events, ["closed"] * 4 + ["ticked"])
            events = [event for event, _ in series.tick(at(9.5), 7.0, False, 0)]
            self.assertEqual(events, ["closed"] * 4 + ["anew", "ticked"])
        finally:
            bars.MOST_EMPTY_BARS = most

    def test_price_sources(self):
        bar = bars.Bar(0, 1, 10.0, False)
        bar.high, bar.low, bar.close = 16.0, 8.0, 9.0
        prices = [bar.applied_price(name) for name in ("open", "high", "low", "close")]
        self.assertEqual(prices, [10.0, 16.0, 8.0, 9.0])
        prices = [bar.applied_price(name) for name in ("median", "typical", "weighted")]
        self.assertEqual(prices, [12.0, 11.0, 10.5])


class WholeEngine(unittest.TestCase):
    def ready(self, **rule):
        """Closes 100 102 101, and a fourth bar in which overbought is known and false."""
        scenario = Scenario({"auto": {"kinds": ["overbought"]}, **rule})
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, 101.0))
        return scenario

    def qualities(self, scenario):
        return [record["quality"] for record in scenario.records("overbought")]

    def test_duplicates_are_dropped_by_id_alone(self):
        scenario = self.ready()
        scenario.trade(3.2, 104.0, trade_id=4)
        self.assertEqual(scenario.engine.counts["duplicates"], 1)
        self.assertEqual(scenario.said("overbought"), [])
        scenario.trade(3.2, 104.0, trade_id=5)
        scenario.trade(3.2, 104.0, trade_id=6)
        self.assertEqual(scenario.engine.counts["ticks"], 6)
        self.assertEqual(scenario.said("overbought"), [(3.2, "provisional", 1, 104.0)])

    def test_a_jump_in_ids_marks_the_forming_and_the_opened_bar(self):
        scenario = self.ready()
        scenario.trade(3.2, 104.0)
        scenario.trade(4.0, 90.0, trade_id=9)
        self.assertEqual(self.qualities(scenario), ["complete", "gap"])
        scenario.trade(4.1, 104.0)
        scenario.hear(6)
        self.assertEqual(self.qualities(scenario), ["complete", "gap", "gap", "gap"])
        self.assertEqual(scenario.engine.counts["gaps"], 1)

    def test_bars_carried_up_to_a_jump_are_marked(self):
        scenario = self.ready(evaluate="close", empty_bars="carry", profile="tradingview")
        scenario.trade(6.0, 104.0, trade_id=9)
        scenario.trade(7.0, 104.0)
        # U and D shrink alike over flat bars, so the first firing is of bar 6, opened by the jump.
        self.assertEqual(scenario.said("overbought"), [(7.0, "confirmed", 1, 104.0)])
        self.assertEqual(self.qualities(scenario), ["gap"])

    def test_a_jump_seen_at_no_market_trade_marks_the_bar_of_the_next_one(self):
        scenario = self.ready()
        scenario.trade(4.0, 500.0, trade_id=9, market=False)
        scenario.trade(4.1, 104.0, trade_id=10)
        self.assertEqual(self.qualities(scenario), ["gap"])

    def test_what_is_no_market_trade_takes_an_id_and_moves_nothing(self):
        scenario = self.ready()
        scenario.trade(3.1, 500.0, market=False)
        self.assertEqual(scenario.said("overbought"), [])
        scenario.trade(3.2, 104.0)
        self.assertEqual(scenario.engine.counts["gaps"], 0)
        self.assertEqual(self.qualities(scenario), ["complete"])

    def test_the_late_mark_goes_with_the_next_input_that_makes_records(self):
        scenario = self.ready()
        scenario.trade(2.5, 50.0)
        self.assertEqual(scenario.engine.counts["late"], 1)
        scenario.trade(3.1, 101.0)
        scenario.trade(3.2, 104.0)
        scenario.hear(5)
        self.assertEqual(self.qualities(scenario), ["late", "complete"])

    def test_late_in_one_timeframe_is_in_time_in_a_longer_one(self):
        scenario = self.ready(timeframes=["1s", "1m"])
        scenario.trade(2.5, 50.0)
        symbol = scenario.engine.symbols["AAA"]
        lows = {track.timeframe: track.series.forming.low for track in symbol.tracks}
        self.assertEqual(lows, {"1s": 101.0, "1m": 50.0})
        self.assertEqual(scenario.engine.counts["late"], 1)

    def test_a_bar_from_before_the_first_venue_time_is_partial(self):
        scenario = Scenario({"auto": {"kinds": ["overbought"]}, "evaluate": "close"})
        scenario.engine.first_venue_time = at(3.001)
        scenario.trades((0, 100.0), (1, 102.0), (2, 101.0), (3, 104.0))
        scenario.trades((4, 90.0), (5, 140.0), (6, 1.0))
        self.assertEqual(self.qualities(scenario), ["partial", "complete"])

    def test_the_first_message_counts_its_own_venue_time(self):
        scenario = Scenario()
        scenario.engine.first_venue_time = scenario.engine.venue_time = None
        scenario.trade(0.0, 100.0, venue=0.0)
        self.assertFalse(scenario.engine.symbols["AAA"].tracks[0].series.forming.partial)
        scenario.trade(0.0, 100.0, symbol="BBB", venue=0.001)
        self.assertFalse(scenario.engine.symbols["BBB"].tracks[0].series.forming.partial)
        scenario.engine.first_venue_time = at(0.001)
        scenario.trade(0.0, 100.0, symbol="CCC", venue=0.001)
        self.assertTrue(scenario.engine.symbols["CCC"].tracks[0].series.forming.partial)

    def test_silence_goes_on_with_the_receive_clock(self):
        scenario = Scenario(silence_ns=10 * SECOND, rules=[SMALL_RULE])
        scenario.trade(0.0, 100.0)
        series = scenario.engine.symbols["AAA"].tracks[0].series
        scenario.hear(None, received=9.999)
        self.assertIsNotNone(series.forming)
        scenario.hear(None, received=19.999)
        self.assertIsNone(series.forming)
        self.assertEqual(scenario.engine.venue_time, at(10.0))
        scenario.hear(5, received=20.0)
        self.assertEqual(scenario.engine.venue_time, at(10.0))


class Frames(unittest.TestCase):
    TRADE = {
        "e": "trade", "E": 1723161255343, "s": "BTCUSDT", "t": 7, "p": "61837.63", "q": "0.02",
        "T": 1723161255342,
    }  # fmt: skip

    def message(self, frame, stream="trade"):
        return parse_line(f"1723161253937085768 {json.dumps(frame)}", stream)

    def test_a_trade_combined_and_raw(self):
        for frame in (self.TRADE, {"stream": "btcusdt@trade", "data": self.TRADE}):
            message = self.message(frame)
            self.assertEqual(message.received, 1723161253937085768)
            self.assertEqual(message.venue_time, 1723161255343 * 10**6)
            trade = message.trades[0]
            expected = ("BTCUSDT", 1723161255342 * 10**6, 7, 61837.63)
            self.assertEqual((trade.symbol, trade.time, trade.id, trade.price), expected)

    def test_what_is_no_trade_of_the_stream_still_carries_venue_time(self):
        self.assertEqual(self.message(self.TRADE, "aggTrade").trades, [])
        book = {"lastUpdateId": 1, "E": 1721347022759, "T": 9}
        self.assertEqual(self.message(book).venue_time, 1721347022759 * 10**6)
        ticker = {"stream": "x", "data": {"u": 1, "s": "BTCUSDT"}}
        self.assertIsNone(self.message(ticker).venue_time)
        kline = {"e": "kline", "E": 1628952396573, "k": {"t": 1628952360000, "T": 1628952419999}}
        self.assertEqual(self.message(kline).venue_time, 1628952396573 * 10**6)

    def test_refused_trades(self):
        prices = [{"p": price} for price in ("0", "-1", "nan", "inf", "", None, "1_0", " 1")]
        for change in prices + [{"T": 1}, {"t": "x"}, {"q": "-1"}]:
            with self.subTest(change):
                self.assertEqual(self.message({**self.TRADE, **change}).trades, [])
        self.assertFalse(self.message({**self.TRADE, "X": "INSURANCE_FUND"}).trades[0].market)

    def test_headers_events_and_damage_are_no_messages(self):
        for frame in ('{"fastrsi":{"capture":1}}', "{cut", "", "7"):
            self.assertIsNone(parse_line(f"1723161253937085768 {frame}", "trade"))
        self.assertIsNone(parse_line("x {}", "trade"))

    def test_files_are_merged_by_receive_time(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name, received in (("a", (1, 4)), ("b", (2, 3))):
                path = pathlib.Path(folder, name)
                path.write_text("".join(f"172316125393708576{n} {{}}\n" for n in received))
                paths.append(path)
            order = [message.received % 10 for message in read_session(paths, "trade")]
        self.assertEqual(order, [1, 2, 3, 4])


if __name__ == "__main__":
    unittest.main()
