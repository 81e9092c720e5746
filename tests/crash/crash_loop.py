"""Kills the service again and again, and shows that nothing is lost, invented, moved or doubled.

    crash_loop.py PROGRAM --kills N --seed S            SIGKILL at random moments, in every other
                                                        session over a disk that needs its time
    crash_loop.py PROGRAM --points [--points-max N]     at the n-th call of each class, by the shim
    crash_loop.py PROGRAM --points --power              there the power fails: what no fsync covers
                                                        is gone as well
    crash_loop.py PROGRAM --seed S --moments 0.01,0.05  one session, killed at these seconds
    crash_loop.py PROGRAM --point write:17:middle       one point (with --power: a power failure)

Exit code 1 at the first fault, with the command that repeats it and the state folder kept.
"""

import random
import sys

import captures
import session
from consumer import Fault
from session import CLASSES, Figures, Kind

WHENS = ("before", "middle", "after")
EVERY = ("1ms", "5ms", "20ms")
KILLS_A_SESSION_MAX = 300  # by then one of them has come later than a whole run takes
KILLS_TO_DOUBLE = 40  # in one session: then the time between them is twice as long
LAGS_MS = (0, 0, 3, 30)  # of an fsync; a turning disk needs ten
AGAIN_SHARE = 0.3  # of the points: killed once more in the life that follows

bench = None
args = None


def kind_of(seed):
    chance = random.Random(seed)
    names = sorted(captures.known())
    return Kind(names[seed % len(names)], args.shards, chance.choice(EVERY))


def random_session(seed):
    """Returns (seed, findings, kills, moments)."""
    moments = []
    found = session.guarded(run_random, seed, moments)
    return seed, found, len(moments), moments


def run_random(seed, moments):
    chance = random.Random(seed)
    kind = kind_of(seed)
    lag_ms = chance.choice(LAGS_MS)
    order = f"lag:sync:{lag_ms}" if lag_ms else None
    undisturbed = bench.undisturbed(kind)
    length = undisturbed.seconds + lag_ms / 1000 * undisturbed.calls["commit"]
    given = [float(word) for word in args.moments.split(",")] if args.moments else None
    with bench.session(kind, apart=seed % 4 == 3) as one:
        while True:
            run = one.start(order)
            if given is not None and len(moments) == len(given):
                run.end((0,))
                break
            # A machine that has become slower since the undisturbed run gets more time.
            longest = length * 2 ** (len(moments) / KILLS_TO_DOUBLE)
            moment = given[len(moments)] if given else chance.uniform(0, longest)
            if run.ended_within(moment):
                run.end((0,))
                break
            moments.append(round(moment, 6))
            run.kill()
            if len(moments) == KILLS_A_SESSION_MAX:
                raise Fault(f"after {KILLS_A_SESSION_MAX} kills the session is not through")
        one.drain()
        return one.findings()


def reached(run):
    """Whether the run came to its point; a run that did not must have ended well."""
    if not run.ended_within(session.HANG_SECONDS):
        run.kill()
        raise Fault(f"the service did not end within {session.HANG_SECONDS} s")
    if run.process.returncode == -9:
        run.settle()
        return True
    run.end((0,))
    return False


def point_session(point):
    """Returns (point, findings, kills, point as text)."""
    kills = []
    found = session.guarded(run_point, point, kills)
    return point, found, len(kills), ":".join(str(word) for word in point[:3])


def run_point(point, kills):
    name, n, when, again = point
    deed = "cut" if args.power else "kill"
    kind = point_kind()
    with bench.session(kind) as one:
        if reached(one.start(f"{deed}:{name}:{n}:{when}")):
            kills.append(n)
            if again and reached(one.start(f"{deed}:{name}:{again}:{when}")):
                kills.append(again)
        one.run_out()
        one.drain()
        return one.findings()


def point_kind():
    return Kind(args.capture, args.shards, "5ms")


def points():
    calls = bench.undisturbed(point_kind()).calls
    chance = random.Random(args.seed)
    for name in ("write", "sync", "truncate", "rename") if args.power else CLASSES:
        count = calls[name]
        some = min(count, args.points_max)
        for place in range(some):
            n = 1 + place * count // some
            whens = WHENS if name in ("write", "send") else ("before", "after")
            for when in whens:
                again = chance.randint(1, count) if chance.random() < AGAIN_SHARE else 0
                yield name, n, when, again


def tell_fault(what, found, how):
    print(f"FAULT {what}")
    for sentence in found.faults[:10]:
        print(f"  {sentence}")
    words = [f"--shards {args.shards}"] if args.shards != 1 else []
    words += ["--power"] if args.power else []
    print(f"repeat: {sys.argv[0]} {args.program} --jobs 1 {how} {' '.join(words)}", flush=True)


def run_all(function, items, figures):
    """False at the first fault."""
    told = 0
    for item, found, kills, how in session.in_parallel(args.jobs, function, items):
        figures.findings.add(found)
        figures.count(kills=kills, sessions=1)
        if found.faults:
            if function is random_session:
                tell_fault(f"seed {item}", found, f"--seed {item} --moments "
                           f"{','.join(str(moment) for moment in how)}")
            else:
                again = f":{item[3]}" if item[3] else ""
                tell_fault(f"point {how}{again}", found,
                           f"--point {how}{again} --capture {args.capture}")
            return False
        if figures.counts["kills"] >= told + 100:
            told = figures.counts["kills"]
            print(f"{told} kills, {figures.counts['sessions']} sessions", flush=True)
    return True


def run_random_until(figures):
    seed = args.seed
    if args.moments:
        return run_all(random_session, [seed], figures)
    for number in range(seed, seed + len(captures.known()) * len(EVERY)):
        bench.undisturbed(kind_of(number))
    while figures.counts.get("kills", 0) < args.kills:
        some = 4 * args.jobs
        if not run_all(random_session, range(seed, seed + some), figures):
            return False
        seed += some
    return True


def run_points(figures):
    calls = bench.undisturbed(point_kind()).calls
    print("calls of an undisturbed run:", " ".join(f"{n} {c}" for n, c in calls.items()))
    if calls["unsynced"] or calls["sync"] < calls["commit"]:
        tell_fault("durability", session.oracle.Findings(faults=[
            f"{calls['commit']} transactions, {calls['sync']} syncs, {calls['unsynced']} of them "
            "written over an unsynced one"]), "--points")
        return False
    if args.point:
        name, n, when, *again = args.point.split(":")
        chosen = [(name, int(n), when, int(again[0]) if again else 0)]
    else:
        chosen = list(points())
    done = run_all(point_session, chosen, figures)
    figures.count(points=len(chosen))
    return done


def main():
    global bench, args
    words = session.arguments(__doc__.splitlines()[0])
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--points", action="store_true")
    words.add_argument("--points-max", type=int, default=200, help="of each class")
    words.add_argument("--power", action="store_true")
    words.add_argument("--capture", default="demo", choices=sorted(captures.known()))
    words.add_argument("--moments", default="")
    words.add_argument("--point", default="")
    args = words.parse_args()
    session.be_nice()
    bench = session.Bench(args)
    figures = Figures()
    good = (run_points if args.points or args.point else run_random_until)(figures)
    print(figures.line())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
