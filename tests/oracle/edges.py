"""From truth to firings: one kind of one rule, symbol and timeframe (SIGNALS.md 5; D14 to D17)."""


class Edge:
    def __init__(self):
        self.active = None  # None while unknown
        self.last_firing = None  # exchange time
        self.true_now = None  # section 4 at the latest evaluation, for lists

    def long_enough(self, time, least):
        """Whether `least` has passed since the last firing; before it counts as none passed."""
        return self.last_firing is None or max(0, time - self.last_firing) >= least

    def step(self, truth, stays, time, fired_in_bar, rule):
        """One evaluation. Returns "edge" or "repeat" when the kind fires, else None."""
        self.true_now = truth
        if self.active is None:
            self.active = truth
            return None
        fires = None
        if not self.active:
            self.active = truth
            suppressed = rule.once_per == "bar" and fired_in_bar
            if truth and not suppressed and self.long_enough(time, rule.cooldown):
                fires = "edge"
        elif not stays:
            self.active = False
        elif rule.repeat_every > 0 and self.last_firing is not None:
            if self.long_enough(time, max(rule.repeat_every, rule.cooldown)):
                fires = "repeat"
        if fires:
            self.last_firing = time
        return fires
