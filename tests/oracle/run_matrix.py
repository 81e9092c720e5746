"""Engine against oracle over the matrix of settings.

    run_matrix.py PROGRAM made-up            every setting over a made-up session with faults
    run_matrix.py PROGRAM corpus [--full]    every setting over real captures: one session a setting
                                             in turn, or with --full every session

Each setting is replayed with flip bands and without; both exports must equal the oracle's.
Without the corpus (FASTRSI_CORPUS, or ../shared/data) the second says so and passes.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SESSIONS = (
    ("binance", "spot", "btcusdt", ("20240808", "20240809")),
    ("binance", "spot", "ethusdt", ("20240808", "20240809")),
    ("binance-usdm", "usdm", "btcusdt", ("20240718", "20240719")),
    ("binance-usdm", "usdm", "ethusdt", ("20240718", "20240719")),
)


def python(script, *words, **options):
    return subprocess.run([sys.executable, HERE / script, *words], check=True, **options)


def corpus():
    given = os.environ.get("FASTRSI_CORPUS")
    return pathlib.Path(given) if given else HERE.parents[2] / "shared" / "data"


def real_sessions():
    folder = corpus() / "captures"
    for venue, market, symbol, days in SESSIONS:
        yield venue, [folder / f"binance_raw_{market}_{symbol}_{day}.gz" for day in days]


def made_up_sessions(work):
    for venue, seed in (("binance", 7), ("binance-usdm", 8)):
        path = work / f"{venue}.capture"
        with path.open("wb") as out:
            python("faults.py", str(seed), "--venue", venue, stdout=out)
        yield venue, [path]


def differences(program, work, venue, captures, settings):
    """Names of the settings under which engine and oracle differ; prints how."""
    exports = work / "oracle"
    inputs = work / "settings"
    for folder in (exports, inputs):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    for path in settings:
        (inputs / path.name).write_bytes(path.read_bytes())
    python("oracle.py", "--settings", inputs, "--out", exports, *captures, stderr=subprocess.DEVNULL)
    differing = []
    for path in settings:
        for bands in ((), ("--no-flip-bands",)):
            engine = work / "engine.ndjson"
            command = [program, "replay", "--config", path.with_suffix(".toml"), "--venue", venue]
            command += ["--stats", "none", "--out", engine, *bands, *captures]
            replayed = subprocess.run(command, capture_output=True, text=True)
            compared = subprocess.run(
                [sys.executable, HERE / "compare.py", exports / f"{path.stem}.ndjson", engine],
                capture_output=True, text=True,
            )
            if replayed.returncode or compared.returncode:
                differing.append(path.stem)
                print(f"{path.stem} {venue} {' '.join(bands)}\n{replayed.stderr}{compared.stdout}")
    return differing


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("program", type=pathlib.Path)
    words.add_argument("session", choices=("made-up", "corpus"))
    words.add_argument("--full", action="store_true", help="every session under every setting")
    words.add_argument("--settings", type=int, default=0, help="only so many settings")
    args = words.parse_args()
    if args.session == "corpus" and not (corpus() / "captures").is_dir():
        print("skipped: no corpus")
        return 0
    checked, differing = 0, []
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        made_up = args.session == "made-up"
        sessions = list(made_up_sessions(work) if made_up else real_sessions())
        for number, (venue, captures) in enumerate(sessions):
            matrix = work / f"matrix-{venue}"
            python("matrix.py", matrix, "--venue", venue, stdout=subprocess.DEVNULL)
            settings = sorted(matrix.glob("*.json"))[: args.settings or None]
            if not args.full:
                settings = settings[number :: len(sessions)]
            checked += len(settings)
            differing += differences(args.program.resolve(), work, venue, captures, settings)
    print(f"{checked} settings, each with and without flip bands: {len(differing)} differences")
    return 1 if differing or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
