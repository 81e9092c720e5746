"""A consumer is killed and started again a thousand times: it gets each record once, and the
service does not notice.

    consumer_kills.py PROGRAM --kills 1000 --seed S

The consumer is a process of its own that keeps records with their seq in one file, drops what a
kill tore, and asks for what follows. A kill falls while the input is played, and later into what
the journal has. When a consumer has everything the next begins from nothing.
"""

import os
import random
import sys

import session
from consumer import Fault, ProcessConsumer
from session import Figures, Kind

LIFE_SECONDS_MAX = 0.01  # of a consumer; the kills fall evenly into it
STEADY_AFTER = 100  # kills; by then the service's memory has grown to its size
GROWTH_KIB_MAX = 1024

bench = None


def memory_kib(process):
    with open(f"/proc/{process}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def descriptors(process):
    return len(os.listdir(f"/proc/{process}/fd"))


class Passes:
    """One consumer after another over the same service; each is killed until it has everything."""

    def __init__(self, one, wanted, chance):
        self.one = one
        self.wanted = wanted
        self.chance = chance
        self.count = 0
        self.begin()

    def begin(self):
        self.count += 1
        self.consumer = ProcessConsumer(self.one.socket, self.one.base / f"pass-{self.count}")

    def life(self):
        self.consumer.resume()
        seconds = self.chance.uniform(0, LIFE_SECONDS_MAX)
        self.consumer.wait_for(len(self.wanted), seconds)
        self.consumer.pause()
        if self.consumer.last == len(self.wanted):
            self.check()
            self.begin()

    def check(self):
        seqs = [seq for seq, _ in self.consumer.stored()]
        if len(seqs) != len(set(seqs)) + self.repeats(seqs):
            raise Fault("the consumer's file has records again")
        if self.repeats(seqs) > self.consumer.own_kills:
            raise Fault(f"{self.repeats(seqs)} records again in {self.consumer.own_kills} kills")
        if sorted(set(seqs)) != list(range(1, len(self.wanted) + 1)):
            raise Fault(f"the consumer has {len(set(seqs))} of {len(self.wanted)} records")

    @staticmethod
    def repeats(seqs):
        return sum(1 for seq, following in zip(seqs, seqs[1:]) if seq == following)


def run(args, figures):
    kind = Kind("demo", args.shards, "5ms")
    wanted = bench.undisturbed(kind).shown
    with bench.session(kind) as one:
        service = one.start(stay=True)
        process = service.process.pid
        passes = Passes(one, wanted, random.Random(args.seed))
        steady = None
        for kill in range(args.kills):
            passes.life()
            if kill == STEADY_AFTER:
                one.consumer.wait_for(len(wanted), session.HANG_SECONDS)
                steady = memory_kib(process), descriptors(process)
            if service.process.poll() is not None:
                raise Fault(f"the service ended with exit code {service.process.returncode}")
        after = memory_kib(process), descriptors(process)
        figures.count(kills=args.kills, passes=passes.count - 1)
        figures.count(**{"memory before, KiB": steady[0], "after, KiB": after[0],
                         "descriptors before": steady[1], "after": after[1]})
        service.stop()
        if after[0] > steady[0] + GROWTH_KIB_MAX:
            raise Fault(f"memory grew from {steady[0]} to {after[0]} KiB")
        if after[1] > steady[1] + 2:
            raise Fault(f"open descriptors grew from {steady[1]} to {after[1]}")
        found = one.findings()
        one.faulty = bool(found.faults)
        return found


def main():
    global bench
    words = session.arguments(__doc__.splitlines()[0])
    words.add_argument("--kills", type=int, default=1000)
    args = words.parse_args()
    if args.kills <= STEADY_AFTER:
        words.error(f"--kills: more than {STEADY_AFTER}")
    session.be_nice()
    bench = session.Bench(args)
    figures = Figures()
    found = session.guarded(run, args, figures)
    figures.findings.add(found)
    for sentence in found.faults[:10]:
        print(f"FAULT {sentence}")
    if found.faults:
        print(f"repeat: {sys.argv[0]} {args.program} --seed {args.seed} --kills {args.kills}")
    print(figures.line())
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
