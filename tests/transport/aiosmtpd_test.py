#!/usr/bin/env python3
"""Against a server that is not ours: python3-aiosmtpd, plain, with STARTTLS and TLS, with a login; and
behind a proxy that cuts the line at the final dot.

    aiosmtpd_test.py SEND      the program of send.cpp. Skipped, with a word, without python3-aiosmtpd.
"""

import pathlib
import subprocess
import sys
import unittest

import harness
from cut_proxy import DOT_LOST, REPLY_LOST, CutProxy
from harness import PASSWORD, USER, Sender, ServerProcess, outcomes

HERE = pathlib.Path(__file__).resolve().parent
# Debian's modules belong to Debian's Python.
PYTHON = next((python for python in (sys.executable, "/usr/bin/python3") if not subprocess.run(
    [python, "-W", "ignore", "-c", "import aiosmtpd"], capture_output=True).returncode), None)
if PYTHON is None:
    harness.skip("python3-aiosmtpd is not installed", "apt install python3-aiosmtpd")

MAIL = "From: rsi@example.test\r\nMessage-ID: <mid1@example.test>\r\nSubject: x\r\n\r\n.\r\n..dots\r\n. \r\nend\r\n"


class Server(ServerProcess):
    def __init__(self, folder, *words):
        super().__init__([PYTHON, "-W", "ignore", HERE / "aiosmtpd_server.py", folder, *words],
                         stderr=subprocess.DEVNULL)
        self.folder = pathlib.Path(folder)

    def mails(self):
        return [path.read_bytes().decode() for path in sorted(self.folder.glob("*.eml"))]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = harness.scratch()
        cls.made = harness.Certificates(cls.scratch.name)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        folder = harness.scratch()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name


class Mails(Case):
    def test_octets_arrive_as_they_are(self):
        with Server(self.folder) as server, Sender("smtp", {"port": server.port, "tls": "none"}) as sender:
            for _ in range(3):
                answer = sender.send(["a@example.test", "no@example.test", "later@example.test"], MAIL)
                self.assertEqual(outcomes(answer), ["done", "permanent", "temporary"])
            self.assertEqual(server.mails(), ["X-Login: -\r\n" + MAIL] * 3)

    def test_logins_by_starttls_and_tls(self):
        for implicit in (False, True):
            words = [*map(str, self.made.good), *(["--implicit"] if implicit else []), "--auth"]
            for auth in ("plain", "login", "auto"):
                settings = {"tls": "tls" if implicit else "starttls", "auth": auth, "user": USER,
                            "ca_file": str(self.made.ca)}
                with self.subTest(implicit=implicit, auth=auth), harness.scratch() as folder, \
                        Server(folder, *words) as server:
                    with Sender("smtp", {**settings, "port": server.port, "password": PASSWORD}) as sender:
                        self.assertEqual(outcomes(sender.probe()), ["done"])
                        self.assertEqual(server.mails(), [])
                        self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
                        self.assertEqual(server.mails(), [f"X-Login: {USER}\r\n" + MAIL])
                    with Sender("smtp", {**settings, "port": server.port, "password": "canary wrong"}) as sender:
                        answer = sender.send(["a@example.test"], MAIL)
                        self.assertEqual((outcomes(answer), answer["row"], answer["targets"][0]["code"]),
                                         (["auth_failure"], "auth_refused", 535))
                        self.assertNotIn("canary", "".join(sender.said))


class Cuts(Case):
    """What the engine makes of it: in doubt is sent again, with the same Message-ID."""

    def twice(self, mode, tls, first, stored):
        upstream = Server(self.folder)
        certificate = self.made.good if tls else None
        settings = {"tls": "tls" if tls else "none", "ca_file": str(self.made.ca)}
        with upstream as server, CutProxy(server.port, mode, tls=certificate) as proxy, \
                Sender("smtp", {**settings, "port": proxy.port}) as sender:
            answer = sender.send(["a@example.test"], MAIL)
            self.assertEqual((outcomes(answer), answer["row"]), ([first], "dot_no_reply"), answer)
            self.assertEqual(proxy.cut, 1)
            self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
            self.assertEqual(server.mails(), ["X-Login: -\r\n" + MAIL] * stored)

    def test_reply_lost_after_the_dot_is_in_doubt_and_comes_twice(self):
        for tls in (False, True):
            with self.subTest(tls=tls):
                self.setUp()
                self.twice(REPLY_LOST, tls, "in_doubt", 2)

    def test_cut_before_the_dot_is_stored_once(self):
        for tls in (False, True):
            with self.subTest(tls=tls):
                self.setUp()
                self.twice(DOT_LOST, tls, "in_doubt", 1)


if __name__ == "__main__":
    harness.main(unittest.main)
