"""RSI against published vectors and by hand; bars against derived ones; calendars by hand."""

import csv
import math
import unittest
from datetime import datetime, timezone

from bars import Series
from calendars import SECOND, Calendar
from captures import read_session
from rsi import FLAT_VALUES, Wilder
from scenario import corpus


def values_of(closes, period, profile="mt5"):
    wilder = Wilder(period, profile)
    for close in closes:
        wilder.commit(close)
    return wilder.values


class RsiByHand(unittest.TestCase):
    def test_wilder_of_period_two(self):
        # Changes +2 -1: U = 1, D = 1/2. Then +3: U = 2, D = 1/4. Then -1: U = 1, D = 5/8.
        values = values_of([100.0, 102.0, 101.0, 104.0, 103.0], 2)
        self.assertEqual(values[:2], [None, None])
        self.assertEqual(values[2:], [100 - 100 / 3, 100 - 100 / 9, 100 - 100 / 2.6])

    def test_a_peek_commits_nothing(self):
        wilder = Wilder(2, "mt5")
        for close in (100.0, 102.0, 101.0):
            wilder.commit(close)
        self.assertEqual(wilder.peek(104.0), 100 - 100 / 9)
        self.assertEqual(wilder.peek(101.0), 100 - 100 / 3)
        self.assertEqual(wilder.values, [None, None, 100 - 100 / 3])

    def test_the_forming_bar_completes_the_seed(self):
        wilder = Wilder(2, "mt5")
        wilder.commit(100.0)
        self.assertIsNone(wilder.peek(102.0))
        wilder.commit(102.0)
        self.assertEqual(wilder.peek(101.0), 100 - 100 / 3)

    def test_flat_and_one_sided_series(self):
        for profile, flat in FLAT_VALUES.items():
            self.assertEqual(values_of([5.0] * 4, 2, profile)[-1], flat)
            self.assertEqual(values_of([5.0, 6.0, 7.0], 2, profile)[-1], 100.0)
            self.assertEqual(values_of([7.0, 6.0, 5.0], 2, profile)[-1], 0.0)

    def test_averages_underflow_to_zero_below_the_smallest_normal(self):
        # U = 1/2 at index 2 and halves at each flat bar: it is 2**-1022, the smallest normal, at
        # index 1023.
        values = values_of([1.0] + [2.0] * 1024, 2)
        self.assertEqual(values[1023], 100.0)
        self.assertEqual(values[1024], 50.0)


class RsiVectors(unittest.TestCase):
    # Published from averages rounded on the way, so Wilder's own value differs.
    OTHER_DEFINITION = {"technicalindicators_p14.csv"}

    def setUp(self):
        if corpus() is None:
            self.skipTest("no corpus")

    def largest_difference(self, row):
        with open(corpus() / "rsi" / row["file"], encoding="utf-8") as lines:
            points = list(csv.DictReader(lines))
        values = values_of([float(point["close"]) for point in points], int(row["period"]))
        expected = [float(point["expected_rsi"] or "nan") for point in points]
        both = [(v, e) for v, e in zip(values, expected) if not math.isnan(e)]
        self.assertTrue(all(v is not None for v, _ in both))
        return len(both), max((abs(v - e) for v, e in both), default=0.0)

    def test_every_vector(self):
        with open(corpus() / "rsi" / "INDEX.tsv", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        self.assertGreater(len(rows), 15)
        compared = 0
        for row in rows:
            count, difference = self.largest_difference(row)
            compared += count
            with self.subTest(row["file"]):
                if row["file"] in self.OTHER_DEFINITION:
                    self.assertGreater(difference, float(row["tolerance"]))
                else:
                    self.assertLessEqual(difference, float(row["tolerance"]))
        self.assertGreater(compared, 50_000)


class DerivedBars(unittest.TestCase):
    """Trades to bars to RSI(14), derived elsewhere from the same captures."""

    def check(self, symbol, timeframe, empty_bars):
        folder = corpus()
        names = [f"binance_raw_spot_{symbol}_2024080{day}.gz" for day in (8, 9)]
        paths = [folder / "captures" / name for name in names]
        name = f"binance_raw_spot_{symbol}_20240808_09_{timeframe}_{empty_bars}_rsi14.csv"
        with open(folder / "e2e" / name, encoding="utf-8") as lines:
            expected = list(csv.DictReader(lines))
        series = Series(timeframe, Calendar(), empty_bars == "carry", 0)
        bars = []
        for message in read_session(paths, "trade"):
            for trade in message.trades:
                events = series.tick(trade.time, trade.price, False, 0)
                bars += [bar for event, bar in events if event == "closed"]
        bars.append(series.close_forming()[1])
        self.assertEqual(len(bars), len(expected))
        values = values_of([bar.close for bar in bars], 14)
        for bar, value, row in zip(bars, values, expected):
            self.assertEqual(bar.open_time, int(row["bar_start_ms_utc"]) * 10**6)
            self.assertEqual(bar.close, float(row["close"]))
            if row["rsi14"]:
                self.assertAlmostEqual(value, float(row["rsi14"]), delta=1e-9)

    def test_captures_give_the_derived_bars(self):
        if corpus() is None:
            self.skipTest("no corpus")
        for symbol in ("btcusdt", "ethusdt"):
            for timeframe in ("5s", "15s"):
                for empty_bars in ("skip", "carry"):
                    with self.subTest(f"{symbol} {timeframe} {empty_bars}"):
                        self.check(symbol, timeframe, empty_bars)


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) * SECOND


class Calendars(unittest.TestCase):
    def check(self, calendar, timeframe, inside, open_time, end):
        self.assertEqual(calendar.span(timeframe, utc(inside)), (utc(open_time), utc(end)))

    def test_utc_bars_start_at_multiples_from_midnight(self):
        utc_days = Calendar()
        self.check(utc_days, "1m", "2024-08-08T23:54:12", "2024-08-08T23:54", "2024-08-08T23:55")
        self.check(utc_days, "1m", "2024-08-08T23:54:00", "2024-08-08T23:54", "2024-08-08T23:55")
        self.check(utc_days, "8h", "2024-08-08T15:59:59", "2024-08-08T08:00", "2024-08-08T16:00")
        self.check(utc_days, "1w", "2024-08-11T23:59:59", "2024-08-05T00:00", "2024-08-12T00:00")
        self.check(utc_days, "1mo", "2024-12-31T10:00", "2024-12-01T00:00", "2025-01-01T00:00")

    def test_new_york_in_spring_has_a_day_of_23_hours(self):
        new_york = Calendar("America/New_York")
        self.check(new_york, "1d", "2024-03-10T12:00", "2024-03-10T05:00", "2024-03-11T04:00")
        self.check(new_york, "4h", "2024-03-10T08:30", "2024-03-10T05:00", "2024-03-10T09:00")
        self.check(new_york, "4h", "2024-03-11T01:00", "2024-03-11T01:00", "2024-03-11T04:00")
        self.check(new_york, "1w", "2024-03-08T00:00", "2024-03-04T05:00", "2024-03-11T04:00")
        self.check(new_york, "1mo", "2024-03-20T00:00", "2024-03-01T05:00", "2024-04-01T04:00")

    def test_new_york_in_autumn_has_a_day_of_25_hours(self):
        new_york = Calendar("America/New_York")
        self.check(new_york, "1d", "2024-11-03T12:00", "2024-11-03T04:00", "2024-11-04T05:00")
        self.check(new_york, "4h", "2024-11-04T04:30", "2024-11-04T04:00", "2024-11-04T05:00")
        self.check(new_york, "1h", "2024-11-03T06:15", "2024-11-03T06:00", "2024-11-03T07:00")

    def test_tehran_changes_its_clock_at_midnight(self):
        tehran = Calendar("Asia/Tehran")
        # 2022-03-22 begins at 01:00, because midnight is skipped; 23 hours long.
        self.check(tehran, "1d", "2022-03-21T20:29", "2022-03-20T20:30", "2022-03-21T20:30")
        self.check(tehran, "1d", "2022-03-21T20:30", "2022-03-21T20:30", "2022-03-22T19:30")
        # At the end of 2022-09-21 the clock goes back to 23:00 of the same day; 25 hours long.
        self.check(tehran, "1d", "2022-09-21T20:00", "2022-09-20T19:30", "2022-09-21T20:30")
        self.check(tehran, "12h", "2022-09-21T20:00", "2022-09-21T19:30", "2022-09-21T20:30")

    def test_day_start_at_clock_changes(self):
        skipped = Calendar("America/New_York", 150)  # 02:30 does not come on 2024-03-10
        self.check(skipped, "1d", "2024-03-10T06:59", "2024-03-09T07:30", "2024-03-10T07:00")
        self.check(skipped, "1d", "2024-03-10T07:00", "2024-03-10T07:00", "2024-03-11T06:30")
        twice = Calendar("America/New_York", 90)  # 01:30 comes twice on 2024-11-03
        self.check(twice, "1d", "2024-11-03T05:30", "2024-11-03T05:30", "2024-11-04T06:30")
        self.check(twice, "4h", "2024-11-03T05:30", "2024-11-03T04:00", "2024-11-03T08:00")

    def test_days_that_come_back_or_do_not_come(self):
        # One minute into 2010-11-07 the clock of St. John's went back to 23:01 of the day before.
        st_johns = Calendar("America/St_Johns")
        self.check(st_johns, "1d", "2010-11-07T02:45", "2010-11-07T02:30", "2010-11-08T03:30")
        # Samoa left out 2011-12-30.
        apia = Calendar("Pacific/Apia")
        self.check(apia, "1d", "2011-12-30T09:59", "2011-12-29T10:00", "2011-12-30T10:00")
        self.check(apia, "1d", "2011-12-30T10:00", "2011-12-30T10:00", "2011-12-31T10:00")


if __name__ == "__main__":
    unittest.main()
