"""Levels against the oracle: levels_test.py STATES_PROGRAM [COUNT [SEED]]

Moving the price onto a level makes its kind true in the oracle; one step of a double before it does
not. Over COUNT random states, forming bars and none, every price source and rule.
"""

import json
import pathlib
import subprocess
import sys

ORACLE = pathlib.Path(__file__).resolve().parent / "oracle" / "levels_oracle.py"


def questions(told):
    """Every price asked of the oracle, with what the engine claims there."""
    for level in told["levels"]:
        kind = level["kind"]
        yield told["price"], kind, level["true_now"]
        if level["below"]:
            _, at, before = level["below"]
            yield at, kind, True
            yield before, kind, False
        if level["above"]:
            before, at, _ = level["above"]
            yield at, kind, True
            yield before, kind, False


def main():
    program = sys.argv[1]
    count = sys.argv[2] if len(sys.argv) > 2 else "10000"
    seed = sys.argv[3] if len(sys.argv) > 3 else "1"
    made = subprocess.run([program, seed, count], check=True, capture_output=True, text=True)
    states = [json.loads(line) for line in made.stdout.splitlines()]
    asked = [list(questions(told)) for told in states]
    lines = [
        json.dumps(told["state"] | {"prices": [price for price, _, _ in claims]})
        for told, claims in zip(states, asked)
    ]
    answered = subprocess.run(
        [sys.executable, ORACLE], input="\n".join(lines) + "\n", check=True, capture_output=True, text=True
    )
    wrong = flips = 0
    for told, claims, line in zip(states, asked, answered.stdout.splitlines(), strict=True):
        for (price, kind, claim), truths in zip(claims, json.loads(line), strict=True):
            flips += claim and price != told["price"]
            if truths[kind] is not claim:
                wrong += 1
                if wrong <= 5:
                    print(f"{kind} at {price}: the engine says {claim}, the oracle {truths[kind]}; {told['state']}")
    print(f"{len(states)} states (seed {seed}), {flips} levels: {wrong} wrong")
    return 1 if wrong or not flips else 0


if __name__ == "__main__":
    sys.exit(main())
