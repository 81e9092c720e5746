"""Stops the service cleanly at random moments and starts it again: nobody can tell afterwards.

    restart_points.py PROGRAM --points N --seed S
    restart_points.py PROGRAM --seed S --moments 0.01,0.05   one session, stopped at these seconds

At the end the journal and every symbol's part of the checkpoint equal those of a session that was
never stopped, byte for byte. Exit code 1 at the first fault.
"""

import random
import sys

import captures
import session
from consumer import Fault
from session import Figures, Kind

STOPS_A_SESSION_MAX = 300

bench = None
args = None


def kind_of(seed):
    names = sorted(captures.known())
    return Kind(names[seed % len(names)], args.shards, ("2ms", "1h")[seed // len(names) % 2])


def stopped_session(seed):
    """Returns (seed, findings, moments, codes)."""
    moments, codes = [], []
    return seed, session.guarded(run_stops, seed, moments, codes), moments, codes


def run_stops(seed, moments, codes):
    chance = random.Random(seed)
    kind = kind_of(seed)
    length = bench.undisturbed(kind).seconds
    given = [float(word) for word in args.moments.split(",")] if args.moments else None
    with bench.session(kind) as one:
        while given is None or len(moments) < len(given):
            run = one.start()
            moment = given[len(moments)] if given else chance.uniform(0, length)
            if run.ended_within(moment):
                run.end((0,))
                break
            moments.append(round(moment, 6))
            codes.append(run.stop())
            if len(moments) == STOPS_A_SESSION_MAX:
                raise Fault(f"after {STOPS_A_SESSION_MAX} stops the session is not through")
        one.run_out()
        one.drain()
        found = one.findings()
        wanted = bench.undisturbed(kind).journal.checkpoint
        found.faults += different_parts(wanted, session.oracle.read_journal(one.state).checkpoint)
        one.faulty = bool(found.faults)
        return found


def different_parts(wanted, got):
    if set(wanted) != set(got):
        yield f"the checkpoint has the parts {sorted(got)}, undisturbed {sorted(wanted)}"
    if not any(name.startswith("symbol/") for name in wanted):
        yield f"an undisturbed checkpoint has no symbol's part: {sorted(wanted)}"
    for name in sorted(set(wanted) & set(got)):
        if name.startswith("symbol/") and wanted[name] != got[name]:
            place = next((i for i, (a, b) in enumerate(zip(wanted[name], got[name])) if a != b),
                         min(len(wanted[name]), len(got[name])))
            yield (f"{name}: {len(got[name])} bytes, undisturbed {len(wanted[name])}; "
                   f"other from byte {place} on")


def main():
    global bench, args
    words = session.arguments(__doc__.splitlines()[0])
    words.add_argument("--points", type=int, default=100)
    words.add_argument("--moments", default="")
    args = words.parse_args()
    session.be_nice()
    bench = session.Bench(args)
    figures = Figures()
    seed, some = args.seed, 1 if args.moments else 4 * args.jobs
    for number in range(seed, seed + len(captures.known())):
        bench.undisturbed(kind_of(number))
    good = True
    while good and (not figures.counts or figures.counts["stops"] < args.points):
        seeds = range(seed, seed + some)
        for one, found, moments, codes in session.in_parallel(args.jobs, stopped_session, seeds):
            figures.findings.add(found)
            figures.count(stops=len(moments), sessions=1)
            figures.count(**{f"exit code {code}": codes.count(code) for code in set(codes)})
            if found.faults:
                good = False
                told = ",".join(str(moment) for moment in moments)
                print(f"FAULT seed {one}")
                for sentence in found.faults[:10]:
                    print(f"  {sentence}")
                print(f"repeat: {sys.argv[0]} {args.program} --jobs 1 --shards {args.shards} "
                      f"--seed {one} --moments {told}", flush=True)
                break
        seed += some
        if args.moments:
            break
    print(figures.line())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
