#!/usr/bin/env python3
"""Follows the records of a running fastrsi: prints each once, and goes on after the last one.

    follow.py SOCKET SEQ_FILE      SEQ_FILE keeps the last seq; none there: from now on
"""
import json
import pathlib
import socket
import sys
import time

path, kept = sys.argv[1], pathlib.Path(sys.argv[2])
pause = 0.05


def keep(seq):
    fresh = kept.with_name(kept.name + ".new")  # whole or not at all, whenever this is ended
    fresh.write_text(str(seq))
    fresh.replace(kept)


while True:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(15)  # a heartbeat comes every 5 s
            connection.connect(path)
            lines = connection.makefile("rw", encoding="utf-8")
            newest = json.loads(lines.readline())["seq"]  # of the hello
            if not kept.exists():
                keep(newest)
            last = int(kept.read_text())
            print(json.dumps({"cmd": "subscribe", "since": last}), file=lines, flush=True)
            for line in lines:
                message = json.loads(line) if line.endswith("\n") else {}
                if "error" in message:
                    sys.exit(message["error"])
                if message.get("seq", 0) > last and message["type"] in ("signal", "snapshot"):
                    print(line, end="", flush=True)
                    last, pause = message["seq"], 0.05
                    keep(last)
    except (OSError, ValueError) as error:
        print(f"{path}: {error}; trying again", file=sys.stderr)
    time.sleep(pause)
    pause = min(2 * pause, 2.0)
