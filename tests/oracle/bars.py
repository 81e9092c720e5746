"""Trades to bars, for one symbol and timeframe (SIGNALS.md, section 2; D5 to D8, D10, D11, D23).

A series tells what happens as a list of (event, bar): "closed" for each bar that closes, in order;
then "ticked" when the trade was applied to the forming bar, or "late" when it came too late for
this series; "anew" when so many bars were empty that the series starts afresh.
"""

MOST_EMPTY_BARS = 1_000_000


class Bar:
    def __init__(self, open_time, end, price, partial):
        self.open_time = open_time
        self.end = end
        self.open = self.high = self.low = self.close = price
        self.last_tick_time = None  # the newest trade's
        self.gap = False
        self.partial = partial
        self.firings = []  # (kind, n, repeat) of what fired from this bar

    def add(self, time, price):
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        if self.last_tick_time is None or time >= self.last_tick_time:
            self.close = price
            self.last_tick_time = time

    def applied_price(self, apply_to):
        if apply_to in ("open", "high", "low", "close"):
            return getattr(self, apply_to)
        if apply_to == "median":
            return (self.high + self.low) / 2
        if apply_to == "typical":
            return (self.high + self.low + self.close) / 3
        if apply_to == "weighted":
            return (self.high + self.low + 2 * self.close) / 4
        raise ValueError(f"unknown apply_to {apply_to!r}")


class Series:
    def __init__(self, timeframe, calendar, carry, grace):
        self.timeframe = timeframe
        self.calendar = calendar
        self.carry = carry
        self.grace = grace
        self.forming = None
        self.last_end = None  # end and close of the last closed bar; None before the first bar
        self.last_close = None
        self.empty_bars = 0  # in a row
        self.next_span = (None, None)  # of the bar that begins at last_end, once asked for

    def mark_gap(self):
        if self.forming is not None:
            self.forming.gap = True

    def opened(self, time, price, first_venue_time):
        open_time, end = self.calendar.span(self.timeframe, time)
        return Bar(open_time, end, price, partial=open_time < first_venue_time)

    def close_forming(self):
        bar, self.forming = self.forming, None
        self.last_end, self.last_close = bar.end, bar.close
        return ("closed", bar)

    def carry_one(self, gap, first_venue_time):
        """The empty bar after the last closed one, or a fresh start after too many of them."""
        self.empty_bars += 1
        if self.empty_bars > MOST_EMPTY_BARS:
            self.last_end = self.last_close = None
            self.empty_bars = 0
            return ("anew", None)
        bar = self.opened(self.last_end, self.last_close, first_venue_time)
        bar.gap = gap
        self.last_end = bar.end
        return ("closed", bar)

    def tick(self, time, price, gap, first_venue_time):
        events = []
        if self.forming is not None and time >= self.forming.end:
            events.append(self.close_forming())
        if self.forming is None:
            if self.last_end is not None and time < self.last_end:
                return events + [("late", None)]
            while self.carry and self.last_end is not None and time >= self.next_end():
                events.append(self.carry_one(gap, first_venue_time))
            self.forming = self.opened(time, price, first_venue_time)
            self.forming.gap = gap
            self.empty_bars = 0
        elif time < self.forming.open_time:
            return events + [("late", None)]
        self.forming.add(time, price)
        return events + [("ticked", self.forming)]

    def next_end(self):
        if self.next_span[0] != self.last_end:
            self.next_span = self.calendar.span(self.timeframe, self.last_end)
        return self.next_span[1]

    def advance(self, venue_time, first_venue_time):
        """Closes what the venue time has passed by the grace."""
        events = []
        if self.forming is not None and self.forming.end + self.grace <= venue_time:
            events.append(self.close_forming())
        while (
            self.carry
            and self.forming is None
            and self.last_end is not None
            and self.next_end() + self.grace <= venue_time
        ):
            events.append(self.carry_one(False, first_venue_time))
        return events
