"""What a long run beside a simulated exchange has left behind, judged: files of one folder.

The judge reads captures and the exchange's own log with Python alone: no code of the program is asked
what was missed.
"""

import bisect
import collections
import json
import statistics
import subprocess

NS = 10**9


def records(path, rule="t"):
    """Each signal with how often it stands there; the journal's number is no part of it."""
    found = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["type"] == "signal" and record["rule"] == rule:
                record.pop("seq", None)
                found[json.dumps(record, sort_keys=True)] += 1
    return found


def trades_of(captures):
    """(symbol, id) of each trade in the order it was received."""
    for capture in captures:
        unpacked = subprocess.Popen(["zstd", "-dcq", capture], stdout=subprocess.PIPE)
        for line in unpacked.stdout:
            text = line.split(b" ", 1)[-1]
            if b'"e":"trade"' not in text:
                continue
            try:
                frame = json.loads(text[text.index(b"{"):])
            except ValueError:
                continue  # junk
            trade = frame.get("data", frame)
            if isinstance(trade.get("t"), int):
                yield trade["s"], trade["t"]
        unpacked.wait()


class Findings:
    def __init__(self, folder, speed, symbols):
        self.folder = folder
        self.speed = speed
        self.symbols = symbols
        self.faults = []
        with open(folder / "faults.json", encoding="utf-8") as lines:
            self.events = [json.loads(line) for line in lines]

    def must(self, holds, sentence):
        if not holds:
            self.faults.append(sentence)

    def signals(self, live_file, replay_file):
        live, replayed = records(self.folder / live_file), records(self.folder / replay_file)
        only_live, only_replayed = live - replayed, replayed - live
        print(f"signals   {sum(live.values())} live, {sum(only_live.values())} of them not in the replay, "
              f"{sum(only_replayed.values())} in the replay only")
        self.must(live, "there were no signals")
        self.must(not only_live and not only_replayed, "live signals are not those of the replay")
        self.must(set(live.values()) <= {1}, "a signal was written twice")

    def trades(self, engine, replayed):
        last, heard = {}, collections.defaultdict(set)
        jumped = collections.defaultdict(list)  # ids passed over, as they were passed
        count = 0
        for symbol, number in trades_of(sorted((self.folder / "captures").glob("*.zst"))):
            count += 1
            heard[symbol].add(number)
            if symbol in last and number > last[symbol] + 1:
                jumped[symbol].extend(range(last[symbol] + 1, number))
            last[symbol] = max(number, last.get(symbol, number))
        missed = sum(map(len, jumped.values()))
        late = sum(number in heard[symbol] for symbol, ids in jumped.items() for number in ids)
        lost = {(event["symbol"], number) for event in self.events
                if event["event"] == "lost" for number in event["ids"]}
        unseen = [(symbol, number) for symbol, number in lost
                  if number < last.get(symbol, 0) and number not in set(jumped[symbol])]
        reordered = sum(event.get("count", 0) for event in self.events
                        if event["event"] == "fault" and event["fault"] == "reorder")
        print(f"trades    {count} came, {missed} ids were passed over ({late} of them came late), {len(lost)} "
              f"kept back by faults, {len(unseen)} of those not noticed; the service counts "
              f"{engine['missing_trades']} missing in {engine['gaps']} gaps, its replay {replayed['missing_trades']}")
        self.must(not unseen, f"kept back and not noticed: {unseen[:5]}")
        self.must(engine["missing_trades"] == missed, "false gaps: the service counts other ids as missing")
        self.must(replayed["missing_trades"] == missed, "false gaps: the replay counts other ids as missing")
        self.must(late <= reordered, "more trades came late than were sent in another order")

    def comeback(self):
        """From each moment at which the exchange is well again to all streams subscribed to."""
        held, open_now = collections.defaultdict(set), set()
        ill_until, hurt, pauses = 0, None, []
        for event in self.events:
            now = event["wall_ns"]
            if event["event"] == "fault" and event["fault"] in ("refuse", "close-in-handshake", "silent", "half"):
                ill_until = max(ill_until, now + event["duration_s"] / self.speed * NS)
            elif event["event"] == "end":
                held.pop(event["connection"], None)
            elif event["event"] == "subscribe":
                dead = event.get("dead") or []
                dead = set(dead) if isinstance(dead, list) else set()
                held[event["connection"]] |= set(event["streams"]) - dead
            elif event["event"] == "unsubscribe":
                held[event["connection"]] -= set(event["streams"])
            whole = len(set().union(*held.values())) if held else 0
            if whole < self.symbols and hurt is None and open_now == {"whole"}:
                hurt = now
            if whole >= self.symbols:
                if hurt is not None:
                    pauses.append(max(0, now - max(hurt, min(ill_until, now))) / NS)
                hurt, open_now = None, {"whole"}
        if not pauses:
            return self.must(False, "nothing was ever cut")
        pauses.sort()
        print(f"return    {len(pauses)} times, median {statistics.median(pauses):.2f} s, nine of ten "
              f"{pauses[len(pauses) * 9 // 10]:.2f} s, longest {pauses[-1]:.2f} s")
        self.must(statistics.median(pauses) <= 2, "the median return took longer than 2 s")

    def rates(self):
        connects = [event["wall_ns"] for event in self.events if event["event"] == "connect"]
        asked = collections.defaultdict(list)
        for event in self.events:
            if event["event"] in ("subscribe", "unsubscribe"):
                asked[event["connection"]].append(event["wall_ns"])
        most = max((self.within(times, NS) for times in asked.values()), default=0)
        # Connections are counted where they arrive, so that one may seem to come sooner than it was sent.
        ten = self.within(connects, 10 * NS)
        limits = sum(event["event"] == "limit" for event in self.events)
        print(f"rates     {len(connects)} connections, at most {ten} in 10 s; at most {most} control messages "
              f"in a second of a connection; {limits} times over the exchange's limit")
        self.must(ten <= 11, "more than a connection a second")
        self.must(limits == 0 and most <= 5, "more control messages than the venue allows")

    @staticmethod
    def within(times, window):
        return max((bisect.bisect_left(times, moment + window) - index
                    for index, moment in enumerate(times)), default=0)

    def history(self, live_file, truth_file, quiet_minutes):
        truth = [json.loads(line) for line in records(self.folder / truth_file)]
        end = max(one["time"] for one in truth)
        minutes = int(end[11:13]) * 60 + int(end[14:16]) - quiet_minutes
        begin = f"{end[:11]}{minutes // 60:02d}:{minutes % 60:02d}"

        def after(found):
            return {(one["id"], one["stage"]): one["rsi"] for one in found if begin <= one["time"] < end}

        wanted = after(truth)
        live = after(json.loads(line) for line in records(self.folder / live_file))
        other = [key for key in wanted.keys() | live.keys() if wanted.get(key) != live.get(key)]
        print(f"history   {len(wanted)} signals from {begin} on, {len(other)} of them other live")
        self.must(wanted and not other, f"signals at the end are other than without faults: {other[:3]}")
