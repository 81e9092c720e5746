"""What the tests of transports share: the program of send.cpp, certificates, and words for ctest."""

import base64
import json
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
# The login at servers that are not ours.
USER, PASSWORD = "u@example.test", "canary pass"
# No answer within it is a hang, however slow the machine.
HANG_SECONDS = 40


def skip(what, mend):
    print(f"skipped: {what} (mend: {mend})")
    sys.exit(SKIPPED)


class Sender:
    """One transport, driven line by line."""

    program = ""

    def __init__(self, transport, settings, environment=None):
        self.process = subprocess.Popen([Sender.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True, bufsize=1,
                                        restore_signals=False)  # a file's limit is an error, no signal
        self.said = []
        self.start = self.ask({"transport": transport, "settings": settings})

    def ask(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], HANG_SECONDS)
        if not ready:
            raise AssertionError(f"no answer within {HANG_SECONDS} s to {line}")
        text = self.process.stdout.readline()
        if not text:
            raise AssertionError(f"the program ended with {self.process.wait()} at {line}")
        self.said.append(text)
        return json.loads(text)

    def send(self, targets, octets="Subject: x\r\n\r\nbody\r\n", mid="abcdefghijklmnopqrstuvwxyz"):
        return self.ask({"mid": mid, "octets": octets, "targets": list(targets)})

    def probe(self):
        return self.ask({"probe": True})

    def close(self):
        self.process.stdin.close()
        self.process.wait(HANG_SECONDS)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ServerProcess:
    """A program that serves: the first line it prints is its port, the others are its own."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True, **options)
        self.port = int(self.process.stdout.readline())  # nothing there: it has said why on standard error

    def rest(self):
        """What it has printed since, to its end."""
        self.process.terminate()
        return self.process.stdout.read().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def outcomes(answer):
    return [target["outcome"] for target in answer["targets"]]


class Certificates:
    """An authority, and certificates good and bad: paths of PEM files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        self._run("req", "-x509", *self._key("ca"), "-out", self.ca, "-days", "2", "-subj", "/CN=authority",
                  "-addext", "basicConstraints=critical,CA:TRUE")
        self.good = self._issue("good", "DNS:localhost,IP:127.0.0.1", "-days", "2")
        self.wrong_name = self._issue("wrong", "DNS:other.test", "-days", "2")
        self.expired = self._issue("expired", "DNS:localhost,IP:127.0.0.1", *self._over())
        own = self.folder / "own.pem"
        self._run("req", "-x509", *self._key("own"), "-out", own, "-days", "2", "-subj", "/CN=own",
                  "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.self_signed = (own, self.folder / "own.key")

    @staticmethod
    def _run(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    def _key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.folder / f"{name}.key"]

    @staticmethod
    def _over():
        """Words for a life that is over: before 3.4 openssl took negative days, and no dates."""
        told = subprocess.run(["openssl", "x509", "-help"], capture_output=True, text=True)
        if "-not_after" in told.stdout + told.stderr:
            return "-not_before", "20200101000000Z", "-not_after", "20200102000000Z"
        return "-days", "-1"

    def _issue(self, name, names, *life):
        request, made = self.folder / f"{name}.csr", self.folder / f"{name}.pem"
        more = self.folder / f"{name}.ext"
        more.write_text(f"subjectAltName={names}\n")
        self._run("req", *self._key(name), "-out", request, "-subj", f"/CN={name}")
        self._run("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca.key", "-CAcreateserial",
                  "-out", made, *life, "-extfile", more)
        return made, self.folder / f"{name}.key"

    def pin(self, certificate):
        public = subprocess.run(["openssl", "x509", "-in", certificate[0], "-noout", "-pubkey"], check=True,
                                capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True,
                             capture_output=True).stdout
        digest = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, check=True,
                                capture_output=True).stdout
        return base64.b64encode(digest).decode()


def main(module_main):
    """First argument: the program. The rest is unittest's."""
    if len(sys.argv) < 2:
        sys.exit("usage: TEST.py SEND [unittest's words]")
    Sender.program = sys.argv.pop(1)
    module_main()


def free_ports(count):
    """For servers that cannot be given one by the kernel."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def until_it_listens(process, *ports):
    """Without a talk that would count."""
    deadline = time.monotonic() + HANG_SECONDS
    while True:
        listening = pathlib.Path("/proc/net/tcp").read_text()
        if all(f":{port:04X} 00000000:0000 0A" in listening for port in ports):
            return
        try:  # its end is the one thing that can be waited for
            ended = process.wait(timeout=0.01)
        except subprocess.TimeoutExpired:
            ended = None
        if time.monotonic() > deadline or ended is not None:
            raise AssertionError(f"{process.args[0]} does not listen: {ended}")


def scratch():
    return tempfile.TemporaryDirectory(prefix="fastrsi-transport-")
