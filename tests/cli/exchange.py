"""fastrsi simulate as other tests use it: an exchange on loopback."""

import http.client
import json
import re
import signal
import subprocess

import program
from websocket_client import WebSocket


class Exchange:
    """A simulator that runs; its port is read from what it prints."""

    def __init__(self, *words):
        command = [program.program, "simulate", "--listen", "127.0.0.1:0", *map(str, words)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.line = self.process.stdout.readline().decode()
        found = re.search(r":(\d+)\s", self.line)
        if not found:
            raise AssertionError(self.process.communicate()[1].decode())
        self.port = int(found[1])

    def connect(self, target="/ws", **options):
        return WebSocket("127.0.0.1", self.port, target, **options)

    def get(self, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", target)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, json.loads(body) if body else None

    def stop(self):
        """Its last words."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        words = self.process.communicate(timeout=20)[1].decode()
        return self.process.returncode, words
