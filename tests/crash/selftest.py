"""The harness tests itself: over the stand-in it finds nothing, over each flaw of it something.

    selftest.py [--shim SHIM]       minutes; not in ctest
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KILLS = ("crash_loop.py", "--kills", "40")
POINTS = ("crash_loop.py", "--points", "--points-max", "6")
POWER = ("crash_loop.py", "--points", "--points-max", "4", "--power")
STOPS = ("restart_points.py", "--points", "15")
CASES = (
    ("", KILLS, 0),
    ("", POINTS, 0),
    ("", POWER, 0),
    ("", STOPS, 0),
    ("no-sync", POINTS, 1),
    ("checkpoint-first", KILLS, 1),
    ("state-lost", KILLS, 1),
    ("torn-tail", POINTS, 1),
    ("log-repeats", KILLS, 1),
    ("log-cursor", KILLS, 1),
    ("since-less", KILLS, 1),
    ("since-more", POINTS, 1),
    ("send-early", KILLS, 1),
)


def main():
    failures = 0
    for flaw, (script, *words), wanted in CASES:
        environment = os.environ | {"FASTRSI_STANDIN_FLAW": flaw}
        done = subprocess.run([sys.executable, HERE / script, HERE / "standin.py", *words,
                               *sys.argv[1:]], env=environment, capture_output=True, text=True)
        # A Python error would be exit code 1 too; a fault is told in words.
        good = done.returncode == wanted and ("FAULT" in done.stdout + done.stderr) == bool(wanted)
        failures += not good
        told = "good" if good else "WRONG"
        print(told, flaw or "no flaw", " ".join((script, *words)), flush=True)
        if not good:
            print((done.stdout + done.stderr)[-1500:])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
