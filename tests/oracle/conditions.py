"""The eight conditions and what hysteresis makes of them (SIGNALS.md, section 4; D13 to D15).

`r` maps (period, bars back) to a value and holds only those that are warm.
"""


def reads(kind, rule):
    """The (period, bars back) pairs that a kind looks at."""
    D, F, S, L = rule.D, rule.F, rule.S, rule.L
    if kind in ("buy", "sell"):
        pairs = [(F, 0), (S, 0), (F, L), (S, L)]
        return pairs + [(D, 0)] if rule.filter else pairs
    if kind in ("overbought", "oversold"):
        return [(D, 0)]
    if kind in ("rising", "falling"):
        return [(D, 0), (D, 2)] if rule.trend == "two_back" else [(D, 0), (D, 1), (D, 2)]
    return [(D, 0), (D, L)]


def trends(rule, now, one_back, two_back):
    """(rising, falling) by the rule's way of telling a trend."""
    if rule.trend == "two_back":
        return now > two_back, now < two_back
    if rule.trend == "both":
        return now > one_back and now > two_back, now < one_back and now < two_back
    if rule.trend == "monotone":
        return now > one_back > two_back, now < one_back < two_back
    raise ValueError(f"unknown trend.rule {rule.trend!r}")


def truth(kind, rule, r):
    """True or false, or None while something the kind reads is not warm."""
    if any(pair not in r for pair in reads(kind, rule)):
        return None
    D, F, S, L = rule.D, rule.F, rule.S, rule.L
    if kind == "buy":
        crossed = r[F, 0] > r[S, 0] and r[F, L] <= r[S, L]
        return crossed and (not rule.filter or r[D, 0] <= rule.oversold)
    if kind == "sell":
        crossed = r[F, 0] < r[S, 0] and r[F, L] >= r[S, L]
        return crossed and (not rule.filter or r[D, 0] >= rule.overbought)
    if kind == "overbought":
        return r[D, 0] > rule.overbought
    if kind == "oversold":
        return r[D, 0] < rule.oversold
    if kind == "rising":
        return trends(rule, r[D, 0], r.get((D, 1)), r[D, 2])[0]
    if kind == "falling":
        return trends(rule, r[D, 0], r.get((D, 1)), r[D, 2])[1]
    if kind == "phase_up":
        return r[D, 0] > rule.middle and r[D, L] <= rule.middle
    if kind == "phase_down":
        return r[D, 0] < rule.middle and r[D, L] >= rule.middle
    raise ValueError(f"unknown kind {kind!r}")


def stays_active(kind, rule, r):
    """Whether an active kind stays so: with hysteresis, by its left and right side alone."""
    h = rule.hysteresis
    if h == 0:
        return truth(kind, rule, r)
    left = r[rule.F, 0] if kind in ("buy", "sell") else r[rule.D, 0]
    if kind in ("buy", "sell"):
        right = r[rule.S, 0]
    elif kind == "overbought":
        right = rule.overbought
    elif kind == "oversold":
        right = rule.oversold
    elif kind in ("rising", "falling"):
        right = r[rule.D, 2]
    else:
        right = rule.middle
    if kind in ("buy", "overbought", "rising", "phase_up"):
        return left > right - h
    return left < right + h
