"""Compares what a session with crashes left behind with what it leaves undisturbed."""

import collections
import contextlib
import dataclasses
import json
import pathlib
import shutil
import sqlite3
import tempfile

# Times of our own clock: never the same twice.
OWN_CLOCK = {"taken_ns", "fired_ns", "journaled_ns", "taken", "fired", "journaled"}
TOLD_MAX = 3  # examples of a kind of fault


@dataclasses.dataclass
class Findings:
    """Counts of what may be, and sentences about what may not."""

    lost: int = 0
    invented: int = 0
    disorder: int = 0
    socket_repeats: int = 0
    log_repeats: int = 0
    log_repeats_most: int = 0
    faults: list = dataclasses.field(default_factory=list)

    def add(self, other):
        for field in ("lost", "invented", "disorder", "socket_repeats", "log_repeats"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        self.log_repeats_most = max(self.log_repeats_most, other.log_repeats_most)
        self.faults += other.faults


def without_own_clock(value):
    if isinstance(value, dict):
        return {key: without_own_clock(part) for key, part in value.items()
                if key not in OWN_CLOCK}
    if isinstance(value, str) and value.startswith("{"):
        try:
            return without_own_clock(json.loads(value))
        except ValueError:
            return value
    return value


def key_of(record):
    """What makes a record of the socket or the log the same as another."""
    if record["type"] == "signal":
        return (record["id"], record["stage"])
    first = (record.get("symbols") or [""])[0]
    return tuple(str(record.get(name)) for name in
                 ("type", "reason", "rule", "timeframe", "kind", "time")) + (first,)


@dataclasses.dataclass
class Journal:
    rows: list  # each a dict by column, without our own clock's; by seq
    checkpoint: dict  # name -> bytes
    check: str  # what PRAGMA integrity_check says

    def keys(self):
        return [row["key"] for row in self.rows]


@contextlib.contextmanager
def database(state):
    """Of a copy: the service, or its successor, must not meet us in its files."""
    with tempfile.TemporaryDirectory(prefix="fastrsi-copy-", dir=state.parent.parent) as folder:
        for name in ("journal.db", "journal.db-wal"):
            if (state / name).exists():
                shutil.copy(state / name, folder)
        with contextlib.closing(sqlite3.connect(pathlib.Path(folder) / "journal.db")) as base:
            base.row_factory = sqlite3.Row
            yield base


def read_journal(state):
    with database(state) as base:
        check = base.execute("PRAGMA integrity_check").fetchone()[0]
        rows = [without_own_clock(dict(row))
                for row in base.execute("SELECT * FROM signals ORDER BY seq")]
        parts = {name: content
                 for name, content in base.execute("SELECT name, bytes FROM checkpoint")}
    return Journal(rows, parts, check)


def newest_seq(state):
    """The journal's last seq after a kill; 0 when there is none yet."""
    with database(state) as base:
        try:
            return base.execute("SELECT coalesce(max(seq), 0) FROM signals").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return 0
            raise


def short(things):
    told = [str(thing)[:160] for thing in things]
    more = len(told) - TOLD_MAX
    return "; ".join(told[:TOLD_MAX]) + (f"; and {more} more" if more > 0 else "")


def by_symbol(rows):
    """Keys in their order, for each symbol apart. Lists are of no symbol, and shards do not wait
    for each other: theirs is another place each time."""
    found = collections.defaultdict(list)
    for row in rows:
        if row["id"] is not None:
            found[row["venue"], row["symbol"]].append(row["key"])
    return found


def moved(wanted, got, one_shard):
    """Keys that stand where another belongs."""
    if one_shard:
        pairs = [([row["key"] for row in wanted], [row["key"] for row in got])]
    else:
        wanted_of, got_of = by_symbol(wanted), by_symbol(got)
        pairs = [(wanted_of[symbol], got_of[symbol]) for symbol in wanted_of]
    return [key for one, other in pairs for old, key in zip(one, other) if old != key]


def compare_journals(wanted, got, one_shard):
    findings = Findings()
    if got.check != "ok":
        findings.faults.append(f"integrity_check says {got.check}")
    seqs = [row["seq"] for row in got.rows]
    if seqs != list(range(1, len(seqs) + 1)):
        bad = next(place for place, seq in enumerate(seqs, 1) if seq != place)
        findings.disorder += 1
        findings.faults.append(f"seq {seqs[bad - 1]} stands where {bad} belongs")
    wanted_keys, got_keys = wanted.keys(), got.keys()
    lost = collections.Counter(wanted_keys) - collections.Counter(got_keys)
    invented = collections.Counter(got_keys) - collections.Counter(wanted_keys)
    findings.lost, findings.invented = lost.total(), invented.total()
    if lost:
        findings.faults.append(f"the journal lost {lost.total()}: {short(lost)}")
    if invented:
        findings.faults.append(f"the journal invented {invented.total()}: {short(invented)}")
    if lost or invented:
        return findings
    others = moved(wanted.rows, got.rows, one_shard)
    if others:
        findings.disorder += len(others)
        findings.faults.append(f"out of order: {short(others)}")
    findings.faults += different_rows(wanted.rows, got.rows, one_shard)
    return findings


def different_rows(wanted, got, one_shard):
    left_out = set() if one_shard else {"seq"}
    wanted_of = {row["key"]: row for row in wanted}
    for row in got:
        other = wanted_of[row["key"]]
        columns = [name for name in row if name not in left_out and row[name] != other.get(name)]
        if columns:
            name = columns[0]
            yield (f"{row['key']}: {name} is {str(row[name])[:200]}, "
                   f"undisturbed {str(other.get(name))[:200]}")
            return


def content(line, numbered):
    record = without_own_clock(json.loads(line))
    if not numbered:
        record.pop("seq", None)
    return record


def compare_consumer(wanted, got, journal, own_kills, one_shard):
    """`wanted` and `got`: (seq, line) of the consumers; `journal`: what is there now."""
    findings = Findings()
    seqs = [seq for seq, _ in got]
    kept, seen = [], set()
    for seq, line in got:
        if seq not in seen:
            kept.append((seq, line))
        seen.add(seq)
    findings.socket_repeats = len(got) - len(kept)
    if findings.socket_repeats > 0 and own_kills == 0:
        findings.faults.append(f"the consumer got {findings.socket_repeats} again: "
                               f"{short(seq for seq in sorted(seen) if seqs.count(seq) > 1)}")
    if findings.socket_repeats > own_kills > 0:
        findings.faults.append(f"the consumer got {findings.socket_repeats} again, and was killed "
                               f"{own_kills} times")
    if [seq for seq, _ in kept] != sorted(seen):
        findings.disorder += 1
        findings.faults.append("the consumer's seq does not only rise")
    missing = set(range(1, len(journal.rows) + 1)) - seen
    if missing:
        findings.lost += len(missing)
        findings.faults.append(f"the consumer never got seq {short(sorted(missing))}")
    beyond = seen - set(range(1, len(journal.rows) + 1))
    if beyond:
        findings.invented += len(beyond)
        findings.faults.append(f"the consumer got seq {short(sorted(beyond))}, not in the journal")
    wanted_of = {key_of(json.loads(line)): content(line, one_shard) for _, line in wanted}
    row_of = {row["seq"]: row for row in journal.rows}
    for seq, line in kept:
        record = json.loads(line)
        mine, undisturbed = content(line, one_shard), wanted_of.get(key_of(record))
        if mine != undisturbed:
            findings.faults.append(f"the consumer got {line[:300]!r}, undisturbed {undisturbed}")
            break
        row = row_of.get(seq)
        if row and record["type"] == "signal" and row.get("id") not in (None, record["id"]):
            findings.faults.append(f"seq {seq} is {record['id']} at the consumer, "
                                   f"{row['id']} in the journal")
            break
    return findings


def different_lines(newcomers_got, stored):
    """One seq is one record, whoever asks for it and whenever."""
    for seq, line in stored:
        other = newcomers_got.get(seq, line)
        if other != line:
            yield f"seq {seq} is {line[:300]!r} for one consumer, {other[:300]!r} for another"
            return


def torn_in_the_middle(data):
    """The first line that is no record, the very last one apart where its line end is missing."""
    for line in data.split(b"\n")[:-1]:
        try:
            json.loads(line)
        except ValueError:
            return line
    return None


def compare_log(wanted, data, marks, repeats_max):
    """`marks`: how many whole lines there were at each kill, in order. `repeats_max`: after one."""
    findings = Findings()
    torn = torn_in_the_middle(data)
    if torn is not None:
        findings.faults.append(f"the log has a torn line: {torn[:200]!r}")
        return findings
    if not data.endswith(b"\n") and data:
        findings.faults.append(f"the log ends within a line: {data[-100:]!r}")
    records = [content(line, True) for line in data.split(b"\n")[:-1]]
    wanted_of = {key_of(record): record
                 for record in (content(line, True) for line in wanted.split(b"\n")[:-1])}
    first_place, repeats = {}, collections.Counter()
    for place, record in enumerate(records):
        key = key_of(record)
        runs = sum(1 for mark in marks if mark <= place)
        if key not in first_place:
            first_place[key] = runs
        elif first_place[key] == runs:
            findings.faults.append(f"the log has {key} twice without a kill between")
        else:
            repeats[runs] += 1
        other = wanted_of.get(key)
        if other is not None and (other | {"seq": 0}) != (record | {"seq": 0}):
            findings.faults.append(f"the log has {str(record)[:300]}, undisturbed {other}")
    lost = [key for key in wanted_of if key not in first_place]
    invented = [key for key in first_place if key not in wanted_of]
    findings.lost, findings.invented = len(lost), len(invented)
    if lost:
        findings.faults.append(f"the log lost {len(lost)}: {short(lost)}")
    if invented:
        findings.faults.append(f"the log invented {len(invented)}: {short(invented)}")
    findings.log_repeats = repeats.total()
    findings.log_repeats_most = max(repeats.values(), default=0)
    if findings.log_repeats_most > repeats_max:
        findings.faults.append(f"the log has {findings.log_repeats_most} repeats for one kill")
    return findings
