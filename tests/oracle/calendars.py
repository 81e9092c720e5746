"""Timeframes, and the spans into which a calendar cuts time (SIGNALS.md, section 2.2; D12).

Everything follows from one definition: a local clock time begins at the first instant at which the
zone's clock shows it or anything later. A clock time that a change skips so begins at the change,
one that comes twice begins at its first coming. Times are unix nanoseconds.
"""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SECOND = 10**9
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Nominal lengths, ascending. The calendar cuts the last three.
LENGTHS = {
    "1s": SECOND, "5s": 5 * SECOND, "15s": 15 * SECOND, "30s": 30 * SECOND,
    "1m": MINUTE, "2m": 2 * MINUTE, "3m": 3 * MINUTE, "4m": 4 * MINUTE, "5m": 5 * MINUTE,
    "6m": 6 * MINUTE, "10m": 10 * MINUTE, "12m": 12 * MINUTE, "15m": 15 * MINUTE,
    "20m": 20 * MINUTE, "30m": 30 * MINUTE,
    "1h": HOUR, "2h": 2 * HOUR, "3h": 3 * HOUR, "4h": 4 * HOUR, "6h": 6 * HOUR, "8h": 8 * HOUR,
    "12h": 12 * HOUR, "1d": DAY, "1w": 7 * DAY, "1mo": 30 * DAY,
}  # fmt: skip
TIMEFRAMES = list(LENGTHS)


class Calendar:
    def __init__(self, zone="UTC", day_start_minutes=0):
        self.zone = ZoneInfo(zone)
        self.day_start = timedelta(minutes=day_start_minutes)
        self.days = {}  # (local date, with day_start?) -> its first instant in unix seconds

    def clock(self, seconds):
        """What the zone's clock shows at an instant."""
        return datetime.fromtimestamp(seconds, self.zone).replace(tzinfo=None)

    def first_instant(self, wall):
        """The first instant, in unix seconds, at which the clock shows `wall` or later."""
        # No zone is 16 hours from UTC. Minute by minute, because a clock may show a day for a
        # minute only before it is put back (St. John's did).
        early = late = int(wall.replace(tzinfo=timezone.utc).timestamp()) - 16 * 3600
        while self.clock(late) < wall:
            early, late = late, late + 60
        while late - early > 1:
            middle = (early + late) // 2
            if self.clock(middle) >= wall:
                late = middle
            else:
                early = middle
        return late

    def day_begins(self, day, with_day_start):
        key = (day, with_day_start)
        if key not in self.days:
            wall = datetime(day.year, day.month, day.day)
            self.days[key] = self.first_instant(wall + self.day_start if with_day_start else wall)
        return self.days[key] * SECOND

    def day_at(self, time, with_day_start):
        """The local date whose day holds `time`: the last one that has begun."""
        day = self.clock(time // SECOND).date() + timedelta(days=2)
        while self.day_begins(day, with_day_start) > time:
            day -= timedelta(days=1)
        return day

    def span(self, timeframe, time):
        """The bar [open, end) that `time` falls in."""
        length = LENGTHS[timeframe]
        if length < DAY:
            day = self.day_at(time, False)
            midnight = self.day_begins(day, False)
            open_time = midnight + (time - midnight) // length * length
            next_midnight = self.day_begins(day + timedelta(days=1), False)
            return open_time, min(open_time + length, next_midnight)
        day = self.day_at(time, True)
        first, following = whole_days(timeframe, day)
        return self.day_begins(first, True), self.day_begins(following, True)


def whole_days(timeframe, day):
    """First day of the bar that `day` belongs to, and of the next bar."""
    if timeframe == "1d":
        return day, day + timedelta(days=1)
    if timeframe == "1w":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
