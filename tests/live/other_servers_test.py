#!/usr/bin/env python3
"""The service beside WebSocket servers not written here: the signals of a capture that one of them plays are
those of its replay.

    other_servers_test.py PROGRAM

python3-websockets serves where it is installed; npm's ws where node is there and npm brings it.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

import program  # noqa: E402

CONFIG = """
[[feed]]
venue = "binance"
symbols = [{symbols}]
url = "ws://127.0.0.1:{port}/stream"
[[rule]]
name = "t"
timeframes = ["1s", "5s", "15s"]
warmup_bars = 16
""" + program.PLACES + program.JSON_LOG + """\
stages = ["provisional", "confirmed", "retracted"]
"""
FACTS = ("id", "stage", "time", "price", "rsi", "quality")


def facts(path):
    """What a signal says but for our own clock: [(id, stage, ...)] in order of id and stage."""
    records = map(json.loads, path.read_text().splitlines())
    return sorted([str(record.get(name)) for name in FACTS] for record in records
                  if record["type"] == "signal")


class OtherServers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        lines = subprocess.run(["zstd", "-dcq", program.DEMO], check=True, capture_output=True).stdout
        self.frames = b"".join(line.split(b" ", 1)[1] + b"\n" for line in lines.splitlines()
                               if b'"data"' in line)
        self.symbols = sorted({json.loads(frame)["data"]["s"] for frame in self.frames.splitlines()})

    def check(self, *server, **options):
        frames = self.folder / "frames"
        frames.write_bytes(self.frames)
        with open(frames, "rb") as played:
            process = subprocess.Popen([*server, str(len(self.symbols))], stdin=played,
                                       stdout=subprocess.PIPE, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        symbols = ", ".join(f'"{symbol}"' for symbol in self.symbols)
        (self.folder / "c.toml").write_text(CONFIG.format(
            folder=self.folder, port=int(process.stdout.readline()), symbols=symbols))
        service = subprocess.Popen([program.program, "run", "--config", self.folder / "c.toml"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(service.stderr.close)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        said = []
        for line in service.stderr:
            said.append(line)
            if "code 1000: 'the end'" in line:
                break
        else:
            self.fail("".join(said))
        service.send_signal(signal.SIGTERM)
        service.wait(timeout=20)
        result = program.run("replay", "--config", self.folder / "c.toml", "--format", "json",
                             "--out", self.folder / "replay.json", "--stats", "none", program.DEMO)
        self.assertEqual(result.code, 0, result.err)
        wanted = facts(self.folder / "replay.json")
        self.assertGreater(len(wanted), 100)
        self.assertEqual(facts(self.folder / "log.json"), wanted)

    def test_python_websockets(self):
        for python in ("/usr/bin/python3", sys.executable):
            known = subprocess.run([python, "-c", "import websockets.legacy.server"], capture_output=True)
            if known.returncode == 0:
                return self.check(python, HERE / "serve_websockets.py")
        self.skipTest("python3-websockets is not installed (mend: apt install python3-websockets)")

    def test_npm_ws(self):
        if not shutil.which("node") or not shutil.which("npm"):
            self.skipTest("node and npm are not installed (mend: apt install nodejs npm)")
        modules = self.folder / "npm"
        brought = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
                                  "--prefix", modules, "ws@8"], capture_output=True, timeout=120)
        if brought.returncode != 0:
            self.skipTest("npm does not bring ws: " + brought.stderr.decode(errors="replace")[-200:])
        self.check("node", HERE / "serve_ws.js",
                   env=os.environ | {"NODE_PATH": str(modules / "node_modules")})


if __name__ == "__main__":
    program.main()
