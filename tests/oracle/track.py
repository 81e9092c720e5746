"""One rule on one symbol and timeframe: bars to RSI to signals (SIGNALS.md, sections 3 to 6)."""

from bars import Series
from conditions import stays_active, truth
from edges import Edge
from rsi import Wilder
from rules import KINDS


class Track:
    """One rule on one symbol and timeframe."""

    def __init__(self, rule, symbol_name, timeframe, settings, records):
        self.rule = rule
        self.symbol_name = symbol_name
        self.symbol = None  # set once the symbol stands
        self.timeframe = timeframe
        self.venue = settings.venue
        self.records = records
        self.series = Series(timeframe, settings.calendar, rule.carry, settings.grace)
        self.entered_first_load = False
        self.begin_anew()

    def begin_anew(self):
        self.closed_bars = 0
        self.wilders = {n: Wilder(n, self.rule.profile) for n in self.rule.periods}
        self.edges = {kind: Edge() for kind in KINDS}
        self.past = {}

    def full_name(self):
        return f"{self.venue}:{self.symbol_name}"

    def handle(self, events, time):
        """Works off what the series tells. Returns whether the trade was late here."""
        for event, bar in events:
            if event == "late":
                return True
            if event == "anew":
                self.begin_anew()
            elif event == "closed":
                self.on_closed(bar)
            elif self.rule.evaluate == "forming":
                self.evaluate(bar, time, *self.forming_values(bar))
        return False

    def on_closed(self, bar):
        price = bar.applied_price(self.rule.apply_to)
        for wilder in self.wilders.values():
            wilder.commit(price)
        self.closed_bars += 1
        # Bars back from the next forming bar: 1 is the bar that has just closed.
        self.past = {
            (n, k): wilder.back(k)
            for n, wilder in self.wilders.items()
            for k in (1, 2)
            if self.closed_bars - (k - 1) >= self.rule.warmup(n)
        }
        now, r = self.closed_values()
        if self.rule.evaluate == "close":
            self.evaluate(bar, bar.end, now, r)
            return
        for kind, n, repeat in bar.firings:
            stage = "confirmed" if truth(kind, self.rule, r) else "retracted"
            self.say(kind, bar, bar.end, now, (n, repeat), stage)

    def forming_values(self, bar):
        """(rsi at bar 0 as far as there is one, every warm value) with bar 0 forming."""
        price = bar.applied_price(self.rule.apply_to)
        now = {n: wilder.peek(price) for n, wilder in self.wilders.items()}
        r = dict(self.past)
        for n, value in now.items():
            if self.closed_bars >= self.rule.warmup(n):
                r[n, 0] = value
        return now, r

    def closed_values(self):
        """The same with bar 0 being the bar that has just closed."""
        now = {n: wilder.back(1) for n, wilder in self.wilders.items()}
        r = {
            (n, k): wilder.back(k + 1)
            for n, wilder in self.wilders.items()
            for k in (0, 1, 2)
            if self.closed_bars - k >= self.rule.warmup(n)
        }
        return now, r

    def evaluate(self, bar, time, now, r):
        for kind in KINDS:
            is_true = truth(kind, self.rule, r)
            if is_true is None:
                continue
            edge = self.edges[kind]
            fired_before = sum(1 for fired in bar.firings if fired[0] == kind)
            stays = stays_active(kind, self.rule, r)
            fires = edge.step(is_true, stays, time, fired_before > 0, self.rule)
            if fires:
                firing = (fired_before + 1, fires == "repeat")
                bar.firings.append((kind, *firing))
                stage = "provisional" if self.rule.evaluate == "forming" else "confirmed"
                self.say(kind, bar, time, now, firing, stage)

    def say(self, kind, bar, time, now, firing, stage):
        if kind not in self.rule.auto_kinds or self.rule.scan:
            return
        quality = "complete"
        if bar.gap:
            quality = "gap"
        elif bar.partial:
            quality = "partial"
        elif self.symbol.late:
            quality = "late"
        self.symbol.spoke = True
        self.records.signal(
            self.rule, self.venue, self.symbol_name, self.timeframe, kind,
            bar, time, now, firing, stage, quality,
        )  # fmt: skip

    def knows_every_kind(self):
        return all(edge.active is not None for edge in self.edges.values())
