"""The oracle: captures in, the records of SIGNALS.md out; slow, plain and complete.

    oracle.py --settings S.json CAPTURE... > out.ndjson
    oracle.py --settings DIR --out OUTDIR CAPTURE...    one export for each DIR/*.json

Written from the pages alone, so that it shares no misunderstanding with the engine.
"""

import argparse
import json
import pathlib
import sys
import time as wall_clock

from calendars import MINUTE
from captures import read_session
from records import Records, to_line
from rules import KINDS, Settings
from track import Track


class Symbol:
    """What belongs to a symbol rather than to one of its series."""

    def __init__(self, name, tracks):
        self.name = name
        self.tracks = tracks
        self.last_id = None
        self.gap_waits = False  # for the next trade that moves a price (D8)
        self.late = False  # the mark that its next signal carries
        self.spoke = False  # whether the input being worked off made a signal record


class Engine:
    """One connection and everything behind it."""

    def __init__(self, settings):
        self.settings = settings
        self.records = Records()
        self.symbols = {}
        self.venue_time = None
        self.first_venue_time = None
        self.last_received = None
        self.lists_time = None  # the venue time up to which lists are sent
        self.counts = dict.fromkeys(("messages", "ticks", "duplicates", "gaps", "late"), 0)

    def process(self, message):
        """One message, in the order of D1."""
        self.counts["messages"] += 1
        self.bridge_silence(message.received)
        if self.first_venue_time is None:
            self.first_venue_time = message.venue_time
        for trade in message.trades:
            self.apply(trade)
        if message.venue_time is not None:
            self.advance(message.venue_time)
        self.send_due_lists()

    def bridge_silence(self, received):
        if received is None:
            return
        if self.last_received is not None and self.venue_time is not None:
            silent = received - self.last_received
            if silent >= self.settings.silence:
                self.advance(self.venue_time + silent)
        self.last_received = received

    def symbol_of(self, name):
        if name not in self.symbols:
            full_name = f"{self.settings.venue}:{name}"
            tracks = [
                Track(rule, name, timeframe, self.settings, self.records)
                for rule in self.settings.rules
                if rule.covers(full_name)
                for timeframe in rule.timeframes
            ]
            self.symbols[name] = Symbol(name, tracks)
            for track in tracks:
                track.symbol = self.symbols[name]
        return self.symbols[name]

    def apply(self, trade):
        if self.settings.symbols is not None and trade.symbol not in self.settings.symbols:
            return
        symbol = self.symbol_of(trade.symbol)
        if symbol.last_id is not None and trade.id <= symbol.last_id:
            self.counts["duplicates"] += 1
            return
        gap = symbol.last_id is not None and trade.id > symbol.last_id + 1
        symbol.last_id = trade.id
        if gap:
            self.counts["gaps"] += 1
            for track in symbol.tracks:
                track.series.mark_gap()
            symbol.gap_waits = True
        if not trade.market:
            return
        gap, symbol.gap_waits = symbol.gap_waits, False
        self.counts["ticks"] += 1
        symbol.spoke = False
        late = False
        for track in symbol.tracks:
            events = track.series.tick(trade.time, trade.price, gap, self.first_venue_time)
            late = track.handle(events, trade.time) or late
        # The mark goes with the first input that made records; this trade sets it for the next.
        symbol.late = late or (symbol.late and not symbol.spoke)
        self.counts["late"] += late

    def advance(self, venue_time):
        """The venue time never falls; what it passes by the grace closes."""
        if self.venue_time is None or venue_time > self.venue_time:
            self.venue_time = venue_time
        for symbol in self.symbols.values():
            symbol.spoke = False
            for track in symbol.tracks:
                events = track.series.advance(self.venue_time, self.first_venue_time)
                if events:
                    track.handle(events, None)
            symbol.late = symbol.late and not symbol.spoke

    def tracks(self, rule, timeframe):
        for symbol in self.symbols.values():
            for track in symbol.tracks:
                if track.rule is rule and track.timeframe == timeframe:
                    yield track

    def multiple_reached(self, step):
        """The latest multiple of `step` reached since lists were last sent, or None."""
        multiple = self.venue_time // step * step
        return multiple if multiple > self.lists_time else None

    def send_due_lists(self):
        if self.venue_time == self.lists_time:
            return
        if self.lists_time is not None:
            for rule in self.settings.rules:
                for timeframe in rule.timeframes:
                    self.send_first_load(rule, timeframe)
                    if rule.scan:
                        self.send_scan(rule, timeframe)
        self.lists_time = self.venue_time

    def send_first_load(self, rule, timeframe):
        time = self.multiple_reached(MINUTE)
        if time is None:
            return
        entering = [
            track
            for track in self.tracks(rule, timeframe)
            if not track.entered_first_load and track.knows_every_kind()
        ]
        for track in entering:
            track.entered_first_load = True
        self.send_lists("first_load", rule, timeframe, rule.first_load_kinds, time, entering)

    def send_scan(self, rule, timeframe):
        time = self.multiple_reached(rule.scan_every)
        if time is not None:
            everyone = list(self.tracks(rule, timeframe))
            self.send_lists("scan", rule, timeframe, rule.auto_kinds, time, everyone)

    def send_lists(self, reason, rule, timeframe, kinds, time, tracks):
        for kind in KINDS:
            names = [track.full_name() for track in tracks if track.edges[kind].true_now]
            if names and kind in kinds:
                self.records.snapshot(reason, rule, kind, timeframe, time, names)


def run(settings, messages):
    engine = Engine(settings)
    for message in messages:
        engine.process(message)
    return engine


def main():
    parser = argparse.ArgumentParser(description="The slow and obvious reference of SIGNALS.md.")
    parser.add_argument("--settings", required=True, type=pathlib.Path, help="file or directory")
    parser.add_argument("--out", type=pathlib.Path, help="directory; without it, standard output")
    parser.add_argument("captures", nargs="+")
    arguments = parser.parse_args()
    one = arguments.settings.is_file()
    paths = [arguments.settings] if one else sorted(arguments.settings.glob("*.json"))
    if not paths or (arguments.out is None and not one):
        parser.error("a directory of settings needs *.json in it, and --out")

    sessions = {}  # by stream: reading costs as much as computing
    for path in paths:
        settings = Settings(json.loads(path.read_text(encoding="utf-8")))
        if settings.stream not in sessions:
            sessions[settings.stream] = list(read_session(arguments.captures, settings.stream))
        begin = wall_clock.monotonic()
        engine = run(settings, sessions[settings.stream])
        lines = "".join(to_line(record) + "\n" for record in engine.records.in_order())
        if arguments.out is None:
            sys.stdout.write(lines)
        else:
            arguments.out.mkdir(parents=True, exist_ok=True)
            (arguments.out / f"{path.stem}.ndjson").write_text(lines, encoding="utf-8")
        counts = " ".join(f"{key}={count}" for key, count in engine.counts.items())
        seconds = wall_clock.monotonic() - begin
        told = f"records={len(engine.records.entries)} {counts} {seconds:.1f}s"
        print(f"{path.stem}: {told}", file=sys.stderr)


if __name__ == "__main__":
    main()
