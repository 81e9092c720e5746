#!/usr/bin/env python3
"""Against a second SMTP server that is not ours, npm's smtp-server: every login, by STARTTLS and TLS,
and its own codes at each step, fresh and on a used connection.

    node_smtp_test.py SEND      the program of send.cpp. Skipped, with a word, without node, npm or a network.
"""

import json
import pathlib
import unittest

import harness
import npm_modules
from harness import Sender, outcomes

SERVE = pathlib.Path(__file__).resolve().with_name("serve_smtp.js")
A = "a@example.test"
USER, PASSWORD, TOKEN = "u@example.test", "canary pass", "canary.token"
MAIL = "From: rsi@example.test\r\nMessage-ID: <mid1@example.test>\r\nSubject: x\r\n\r\n.\r\n..dots\r\nسلام\r\nend\r\n"
METHODS = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]

# sender, recipient -> outcome, row, code
ROWS = [
    ("451-4.7.1@x.test", A, "temporary", "mail_temporary", 451),
    ("550-5.7.1@x.test", A, "sender_rejected", "sender_rejected", 550),
    ("550-5.4.5@x.test", A, "quota", "quota", 550),
    (A, "450-4.2.1@x.test", "temporary", "rcpt_temporary", 450),
    (A, "452-4.2.2@x.test", "temporary", "rcpt_temporary", 452),
    (A, "550-5.1.1@x.test", "permanent", "rcpt_refused", 550),
    (A, "553-5.1.3@x.test", "permanent", "rcpt_refused", 553),
    ("dot-451-4.3.0@x.test", A, "temporary", "dot_temporary", 451),
    ("dot-554-5.7.1@x.test", A, "permanent", "dot_refused", 554),
    ("dot-552-5.2.2@x.test", A, "quota", "quota", 552),
]


class Server(npm_modules.NodeServer):
    def __init__(self, **given):
        super().__init__(Case.modules, SERVE, json.dumps(given))

    def mail(self):
        """The next one that it has stored."""
        return json.loads(self.process.stdout.readline())


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = harness.scratch()
        cls.addClassCleanup(cls.scratch.cleanup)
        made = harness.Certificates(cls.scratch.name)
        cls.ca = str(made.ca)
        cls.tls = {"certificate": str(made.good[0]), "key": str(made.good[1])}

    def holds(self, answer, outcome, row, code=None):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)
        if code is not None:
            self.assertEqual(answer["targets"][0]["code"], code, answer)

    def sender(self, server, implicit=False, **more):
        return Sender("smtp", {"port": server.port, "tls": "tls" if implicit else "starttls", "ca_file": self.ca, **more})


class Mails(Case):
    def test_octets_arrive_as_they_are_on_one_connection(self):
        with Server(**self.tls) as server, self.sender(server) as sender:
            came = []
            for _ in range(3):
                answer = sender.send([A, "550-5.1.1@x.test", "452-4.2.2@x.test"], MAIL)
                self.assertEqual(outcomes(answer), ["done", "permanent", "temporary"], answer)
                came.append(server.mail())
            self.assertEqual([mail["text"] for mail in came], [MAIL] * 3)
            self.assertEqual([mail["rcpt"] for mail in came], [[A]] * 3)
            self.assertEqual(len({mail["session"] for mail in came}), 1)

    def test_its_codes_fresh_and_on_a_used_connection(self):
        with Server(**self.tls) as server:
            for from_, to, *expected in ROWS:
                with self.subTest(from_=from_, to=to), self.sender(server, **{"from": from_}) as sender:
                    self.holds(sender.send([to], MAIL), *expected)
                    self.holds(sender.send([to], MAIL), *expected)
                    if from_ == A:
                        self.holds(sender.send([A], MAIL), "done", "ok", 250)
                        self.assertEqual(server.mail()["text"], MAIL)
                        self.holds(sender.send([to], MAIL), *expected)

    def test_a_mail_that_is_too_long(self):
        with Server(**self.tls) as server, self.sender(server) as sender:
            for _ in range(2):
                answer = sender.send([A], "Subject: x\r\n\r\n" + "0123456789abcdef\r\n" * 10_000)
                self.holds(answer, "sender_rejected", "sender_rejected", 552)
            self.holds(sender.send([A], MAIL), "done", "ok", 250)
            self.assertEqual([json.loads(line)["text"] for line in server.rest()], [MAIL])

    def test_greetings(self):
        for code in (421, 554):
            with Server(greeting=[code, "go away"], **self.tls) as server, self.sender(server) as sender:
                for _ in range(2):
                    self.holds(sender.send([A], MAIL), "endpoint_failure", "greeting_refused", code)


class Logins(Case):
    def test_each_mechanism(self):
        for implicit in (False, True):
            with Server(auth=METHODS, implicit=implicit, **self.tls) as server:
                for auth in ("plain", "login", "cram-md5", "xoauth2", "auto"):
                    with self.subTest(auth=auth, implicit=implicit), \
                            self.sender(server, implicit, auth=auth, user=USER,
                                        password=TOKEN if auth == "xoauth2" else PASSWORD) as sender:
                        self.holds(sender.probe(), "done", "ok")
                        for _ in range(2):
                            self.holds(sender.send([A], MAIL), "done", "ok", 250)
                            came = server.mail()
                            self.assertEqual((came["user"], came["secure"], came["text"]), (USER, True, MAIL))
                        self.assertNotIn("canary", "".join(sender.said))

    def test_wrong_ones(self):
        with Server(auth=METHODS, **self.tls) as server:
            for auth in ("plain", "login", "cram-md5", "xoauth2"):
                row = "auth_token" if auth == "xoauth2" else "auth_refused"
                with self.subTest(auth=auth), \
                        self.sender(server, auth=auth, user=USER, password="canary wrong") as sender:
                    for _ in range(2):
                        answer = sender.send([A], MAIL)
                        self.holds(answer, "auth_failure", row, None if auth == "xoauth2" else 535)
                        self.assertTrue(answer["config_suspect"])
                    self.holds(sender.probe(), "auth_failure", row)
                    self.assertNotIn("canary", "".join(sender.said))
            with self.sender(server, auth="plain", user="busy", password=PASSWORD) as sender:
                self.holds(sender.send([A], MAIL), "endpoint_failure", "auth_temporary", 454)
            self.assertEqual(server.rest(), [])

    def test_a_login_that_it_does_not_offer(self):
        for offered, auth, row in [(None, "auto", "auth_not_offered"), (["CRAM-MD5"], "plain", "auth_mechanism")]:
            with self.subTest(offered=offered), Server(auth=offered, **self.tls) as server, \
                    self.sender(server, auth=auth, user=USER, password=PASSWORD) as sender:
                for _ in range(2):
                    self.holds(sender.send([A], MAIL), "auth_failure", row)
                self.assertEqual(server.rest(), [])


def main():
    Case.modules = npm_modules.bring("smtp-server", "3.21.6")
    unittest.main()


if __name__ == "__main__":
    harness.main(main)
