#!/usr/bin/env python3
"""Our WebSocket client against a server not written here: python3-websockets, plain and through TLS.

    websockets_test.py LISTEN      the program of listen.cpp

Skipped, with a word, where python3-websockets is not installed.
"""

import asyncio
import http
import pathlib
import ssl
import subprocess
import sys
import tempfile
import unittest

try:
    from websockets.legacy.server import serve  # Debian 12 and 13 both have this interface
except ImportError:
    print("skipped: python3-websockets is not installed (mend: apt install python3-websockets)")
    sys.exit(77)

listen = ""


def line_of(message):
    data = message.encode() if isinstance(message, str) else message
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{'text' if isinstance(message, str) else 'binary'} {len(data)} {value:016x}"


MESSAGES = ["", "a", "κόσμε €😀", b"", b"\xff\xfe", *("*" * n for n in (125, 126, 127, 65535, 65536, 200_000)),
            *(b"\xfe" * n for n in (125, 126, 65535, 65536))]
ECHOES = ["echo " + "x" * n for n in (0, 120, 121, 200, 65530, 65531, 150_000)]


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", cls.certificate, "-days", "2", "-subj", "/CN=test",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(cls.certificate, key)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def hear(self, handler, tls=None, **options):
        """What the client says of a server that does `handler` with it."""
        async def run():
            async with serve(handler, "127.0.0.1", 0, ssl=tls, max_size=None, **options) as server:
                port = server.sockets[0].getsockname()[1]
                words = [listen, f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/a?b"]
                if tls:
                    words.append(str(self.certificate))
                process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
                output, _ = await asyncio.wait_for(process.communicate(), 60)
                return output.decode().splitlines()
        return asyncio.run(run())

    def check_messages(self, tls):
        answered = []

        async def handler(peer):
            self.assertEqual(peer.path, "/a?b")
            for message in MESSAGES:
                await peer.send(message)
            await peer.send(["frag", "", "mented", " over four"])
            await asyncio.wait_for(await peer.ping(b"there?"), 20)
            answered.append("pong")
            for text in ECHOES:
                await peer.send(text)
                answered.append(await peer.recv() == text)
            await peer.close(4001, "bye")

        lines = self.hear(handler, tls)
        wanted = ["open", *map(line_of, [*MESSAGES, "fragmented over four", *ECHOES])]
        self.assertEqual(lines[:-1], wanted)
        self.assertRegex(lines[-1], r"^closed closed 4001 0 -1 .*'bye'$")
        self.assertEqual(answered, ["pong"] + [True] * len(ECHOES))

    def test_messages_come_through_plain(self):
        self.check_messages(None)

    def test_messages_come_through_tls(self):
        self.check_messages(self.tls)

    def test_many_small_messages_keep_their_order(self):
        texts = [str(i) for i in range(5000)]

        async def handler(peer):
            for text in texts:
                await peer.send(text)

        lines = self.hear(handler, self.tls)
        self.assertEqual(lines[1:-1], [line_of(text) for text in texts])
        self.assertTrue(lines[-1].startswith("closed closed 1000 "), lines[-1])

    def test_a_refusal_has_its_status(self):
        async def refuse(_path, _headers):
            return http.HTTPStatus.TOO_MANY_REQUESTS, [("Retry-After", "7")], b"slow down\n"

        lines = self.hear(lambda peer: None, process_request=refuse)
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith("closed refused 1006 429 7 "), lines[0])


if __name__ == "__main__":
    listen = sys.argv.pop(1)
    unittest.main()
