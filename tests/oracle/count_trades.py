#!/usr/bin/env python3
"""Counts the live trades of one capture, by the json module and nothing of the engine's.

    count_trades.py CAPTURE FRAMES TRADES

writes the capture's frames one a line to FRAMES, and one line a trade to TRADES:

    frame number (from 0) <tab> symbol <tab> price <tab> quantity <tab> id or - <tab> unix nanoseconds

with prices as Python prints the nearest double, the trades of a frame sorted by (time, id), by time
alone where ids are words. Venues are told by the file's name; one we have no parser for has no trades.
"""

import datetime
import gzip
import json
import os
import re
import subprocess
import sys

FRAME_OF_CRYPTOFEED = re.compile(r"^\d+(?:\.\d+)?: (.*)$")


def lines_of(path):
    if path.endswith(".zst"):
        text = subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
    elif path.endswith(".gz"):
        with gzip.open(path) as file:
            text = file.read()
    else:
        with open(path, "rb") as file:
            text = file.read()
    return text.decode("utf-8").split("\n")


def frames_of(path):
    for line in lines_of(path):
        if ".cf2." in path:
            record = json.loads(line) if line else {}
            if record.get("t") == "recv":
                yield record["data"]
        elif ".cf.raw" in path:
            match = FRAME_OF_CRYPTOFEED.match(line)
            if match:
                yield match.group(1)
        elif path.endswith(".ndjson"):
            if line:
                yield line
        elif line:
            yield line.split(" ", 1)[1]


def iso_ns(text):
    """Nanoseconds of a time that ends with Z, without passing its fraction through a float."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    whole = datetime.datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S")
    whole = whole.replace(tzinfo=datetime.timezone.utc)
    return int(whole.timestamp()) * 10**9 + int(fraction.ljust(9, "0"))


def seconds_ns(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def binance(message):
    if not isinstance(message, dict):
        return
    event = message.get("data", message)
    if isinstance(event, dict) and event.get("e") in ("trade", "aggTrade"):
        if event.get("X", "MARKET") == "MARKET":
            number = event["t"] if event["e"] == "trade" else event.get("a")
            yield event["s"], event["p"], event["q"], number, int(event["T"]) * 10**6


def coinbase(message):
    if message.get("type") in ("match", "last_match"):
        trades = [message]
    elif message.get("channel") == "market_trades":
        updates = [event for event in message["events"] if event["type"] == "update"]
        trades = [trade for event in updates for trade in event["trades"]]
    else:
        trades = []
    for trade in trades:
        time = iso_ns(trade["time"])
        yield trade["product_id"], trade["price"], trade["size"], int(trade["trade_id"]), time


def kraken(message):
    if isinstance(message, list):
        if message[-2] == "trade":
            for price, quantity, time, *_ in message[1]:
                yield message[-1], price, quantity, None, seconds_ns(time)
    elif message.get("channel") == "trade" and message["type"] == "update":
        for trade in message["data"]:
            time = iso_ns(trade["timestamp"])
            yield trade["symbol"], trade["price"], trade["qty"], trade["trade_id"], time


class Hash(int):
    """Of a word: it tells trades apart and has no order."""


def hashed(text):
    """An id that is no number: FNV-1a, its bits mixed by MurmurHash3's finalizer."""
    if text.isdigit():
        return int(text)
    mask = (1 << 64) - 1
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & mask
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & mask
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & mask
    return Hash(value ^ (value >> 33))


def bybit(message):
    if message.get("topic", "").startswith("publicTrade."):
        for trade in message["data"]:
            if not trade["BT"]:
                time = int(trade["T"]) * 10**6
                yield trade["s"], trade["p"], trade["v"], hashed(trade["i"]), time


def okx(message):
    if message.get("arg", {}).get("channel") == "trades":
        for trade in message.get("data", []):
            assert trade.get("count", "1") == "1", "an aggregated trade stands for several ids"
            time = int(trade["ts"]) * 10**6
            yield trade["instId"], trade["px"], trade["sz"], int(trade["tradeId"]), time


def bitstamp(message):
    if message["event"] == "trade":
        trade = message["data"]
        symbol = message["channel"].split("_", 2)[2]
        time = int(trade["microtimestamp"]) * 1000
        yield symbol, trade["price_str"], trade["amount_str"], trade["id"], time


FAMILIES = {
    "binance": binance, "coinbase": coinbase, "kraken": kraken, "bybit": bybit, "okx": okx, "bitstamp": bitstamp
}


def trades_of(path, frame):
    name = os.path.basename(path)
    for family, reader in FAMILIES.items():
        if name.startswith(family) and not name.startswith("kraken_futures"):
            trades = list(reader(json.loads(frame)))
            if any(isinstance(trade[3], Hash) for trade in trades):
                return sorted(trades, key=lambda trade: trade[4])
            return sorted(trades, key=lambda trade: (trade[4], trade[3] or 0))
    return []


def main():
    path, frames_path, trades_path = sys.argv[1:]
    with open(frames_path, "w", encoding="utf-8") as frames, open(
        trades_path, "w", encoding="utf-8"
    ) as trades:
        for number, frame in enumerate(frames_of(path)):
            frames.write(frame + "\n")
            for symbol, price, quantity, trade_id, time in trades_of(path, frame):
                trade_id = "-" if trade_id is None else trade_id
                row = (number, symbol, repr(float(price)), repr(float(quantity)), trade_id, time)
                trades.write("\t".join(map(str, row)) + "\n")


if __name__ == "__main__":
    main()
