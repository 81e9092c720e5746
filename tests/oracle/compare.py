"""Compares two exports of records: compare.py A.ndjson B.ndjson; exit 0 when equal, 1 when not.

Every record must be in both, in the same order. RSI values may differ by 1e-9, nothing else by
anything.
"""

import json
import sys

RSI_TOLERANCE = 1e-9
DIFFERENCES_TOLD = 5


def key_of(record):
    if record["type"] == "signal":
        return ("signal", record["id"], record["stage"])
    keys = ("type", "reason", "rule", "kind", "timeframe", "time")
    return tuple(record[key] for key in keys)


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def same_rsi(a, b):
    if not isinstance(a, dict) or not isinstance(b, dict) or list(a) != list(b):
        return False
    for period in a:
        x, y = a[period], b[period]
        if (x is None) != (y is None):
            return False
        if x is not None and not abs(x - y) <= RSI_TOLERANCE:
            return False
    return True


def record_differences(a, b):
    """In words, what two records of one key differ in."""
    name = " ".join(key_of(a))
    for key in dict.fromkeys([*a, *b]):
        if key not in a or key not in b:
            yield f"{name}: {key} is only in {'A' if key in a else 'B'}"
        elif key == "rsi" and same_rsi(a[key], b[key]):
            continue
        elif type(a[key]) is bool or type(b[key]) is bool or a[key] != b[key]:
            if a[key] is not b[key]:
                yield f"{name}: {key} is {a[key]!r} in A, {b[key]!r} in B"


def differences(a_records, b_records):
    """Every difference, in words."""
    by_key = []
    for label, records in (("A", a_records), ("B", b_records)):
        found = {}
        for record in records:
            key = key_of(record)
            if key in found:
                yield f"{' '.join(key)}: twice in {label}"
            found.setdefault(key, record)
        by_key.append(found)
    a_by_key, b_by_key = by_key
    for key, record in a_by_key.items():
        if key not in b_by_key:
            yield f"{' '.join(key)}: only in A"
        else:
            yield from record_differences(record, b_by_key[key])
    for key in b_by_key:
        if key not in a_by_key:
            yield f"{' '.join(key)}: only in B"
    shared_a = [key for key in a_by_key if key in b_by_key]
    shared_b = [key for key in b_by_key if key in a_by_key]
    for place, (x, y) in enumerate(zip(shared_a, shared_b)):
        if x != y:
            yield f"order: shared record {place + 1} is {' '.join(x)} in A, {' '.join(y)} in B"
            return


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py A.ndjson B.ndjson")
    a_records, b_records = read(sys.argv[1]), read(sys.argv[2])
    found = list(differences(a_records, b_records))
    for difference in found[:DIFFERENCES_TOLD]:
        print(difference)
    if found:
        counts = f"{len(a_records)} records in A, {len(b_records)} in B"
        print(f"different: {len(found)} differences, {counts}")
        sys.exit(1)
    print(f"equal: {len(a_records)} records")


if __name__ == "__main__":
    main()
