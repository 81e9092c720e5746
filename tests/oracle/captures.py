"""Captures of Binance's streams, read into messages.

A line is `<receive time> <frame>`, or a bare frame. A message is what one frame says: when it was
received, the trades it holds in the order they apply, and its venue time. Prices are read by
float(), which rounds correctly, as C's strtod does.
"""

import gzip
import heapq
import json
import math

# Exchange times outside [1980, 2200) are damage (D3).
EARLIEST_NS = 315_532_800 * 10**9
LATEST_NS = 7_258_118_400 * 10**9

# Events whose T lies in the future: of a mark price it is the next funding.
EVENTS_WITH_FUTURE_T = ("markPriceUpdate",)

TRADE_ID_KEYS = {"trade": "t", "aggTrade": "a"}


class Trade:
    __slots__ = ("symbol", "time", "id", "price", "market")

    def __init__(self, symbol, time, trade_id, price, market=True):
        self.symbol = symbol
        self.time = time
        self.id = trade_id
        self.price = price
        self.market = market  # False: takes its place in the ids, and nothing else (D8)


class Message:
    __slots__ = ("received", "trades", "venue_time")

    def __init__(self, received, trades, venue_time):
        self.received = received  # None for bare frames
        self.trades = trades
        self.venue_time = venue_time  # None when the frame carries no sane exchange time


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def sane_ns(milliseconds):
    """Milliseconds as venues send them to nanoseconds; None when it is no sane time."""
    if not is_integer(milliseconds):
        return None
    nanoseconds = milliseconds * 10**6
    return nanoseconds if EARLIEST_NS <= nanoseconds < LATEST_NS else None


def number(text):
    """A finite number from decimal text, else None. Python's "inf", "nan" and "1_0" are none."""
    if not isinstance(text, str) or not text or text[0] not in "-0123456789":
        return None
    if "_" in text or not text.isascii() or text != text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def exchange_times(data):
    """Every exchange timestamp of one event that has already passed when it is sent."""
    times = [sane_ns(data.get("E"))]
    if data.get("e") not in EVENTS_WITH_FUTURE_T:
        times.append(sane_ns(data.get("T")))
    return [time for time in times if time is not None]


def trade_of(data, stream):
    """The trade of an event of the stream that counts; None for all else and a refused one."""
    if data.get("e") != stream:
        return None
    symbol, time, trade_id = data.get("s"), sane_ns(data.get("T")), data.get(TRADE_ID_KEYS[stream])
    if not isinstance(symbol, str) or not symbol or time is None:
        return None
    if not is_integer(trade_id) or trade_id < 0:
        return None
    if data.get("X", "MARKET") != "MARKET":
        return Trade(symbol, time, trade_id, None, market=False)
    price, quantity = number(data.get("p")), number(data.get("q"))
    if price is None or price <= 0 or quantity is None or quantity < 0:
        return None
    return Trade(symbol, time, trade_id, price)


def message_of(received, frame, stream):
    """A parsed frame, combined or raw, as a message."""
    data = frame.get("data", frame) if isinstance(frame, dict) else frame
    events = data if isinstance(data, list) else [data]
    events = [event for event in events if isinstance(event, dict)]
    times = [time for event in events for time in exchange_times(event)]
    trades = [trade for event in events if (trade := trade_of(event, stream)) is not None]
    trades.sort(key=lambda trade: (trade.time, trade.id))
    return Message(received, trades, max(times, default=None))


def receive_ns(digits):
    """Unix nanoseconds; by the count of digits the text may be micro- or milliseconds."""
    if not digits.isascii() or not digits.isdigit():
        return None
    value = int(digits)
    if len(digits) >= 18:
        return value
    if len(digits) >= 15:
        return value * 1_000
    return value * 1_000_000 if len(digits) >= 12 else None


def parse_line(line, stream):
    """One line as a message; None for our own header and event lines, and for damage.

    The one event that changes anything, `disconnected`, marks only symbols whose ids do not rise
    by one (D9). Binance's do.
    """
    line = line.strip()
    if line.startswith("{") or line.startswith("["):
        received, text = None, line
    else:
        digits, _, text = line.partition(" ")
        received = receive_ns(digits)
        if received is None:
            return None
    try:
        frame = json.loads(text)
    except ValueError:
        return None
    if not isinstance(frame, (dict, list)):
        return None
    if isinstance(frame, dict) and "fastrsi" in frame:
        return None
    return message_of(received, frame, stream)


def read_file(path, stream):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            message = parse_line(line, stream)
            if message is not None:
                yield message


def read_session(paths, stream):
    """Files of one session, merged by receive time; at equal times in the order of the files."""
    files = [read_file(path, stream) for path in paths]
    if len(files) == 1:
        return files[0]
    return heapq.merge(*files, key=lambda message: message.received or 0)
