#!/usr/bin/env python3
"""The rows of SMTP's classification table that are of TLS and of logins, against a server that does each
thing wrong: on a fresh connection and after one that was good.

    smtp_tls_test.py SEND      the program of send.cpp. Python's standard library and openssl only.
"""

import base64
import unittest
from urllib.parse import quote

import harness
import scripted_smtp
from harness import Sender, outcomes
from scripted_smtp import PASSWORD, TOKEN, USER, ScriptedSmtp
from smtp_case import A, B, Case

LOGIN_ROWS = [
    ("535 5.7.8 Bad", "auth_failure", "auth_refused", 535),
    ("534 5.7.9 Application-specific password required", "auth_failure", "auth_refused", 534),
    ("454 4.7.0 Temporary failure", "endpoint_failure", "auth_temporary", 454),
    ("550 5.7.30 Basic authentication is not supported", "auth_failure", "auth_basic_disabled", 550),
    ("421 4.7.0 Closing + drop", "endpoint_failure", "closing", 421),
    ("drop", "endpoint_failure", "dropped", 0),
]


class Tls(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.scratch()
        cls.made = harness.Certificates(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def settings(self, server, **more):
        return {"port": server.port, "ca_file": str(self.made.ca), "reply_s": 3, "dot_s": 2,
                "tls": "tls" if server.implicit else "starttls", **more}

    def login(self, server, **more):
        return self.settings(server, user=USER, password=PASSWORD, **more)

    def test_certificates(self):
        rows = [("self_signed", "tls_self_signed"), ("expired", "tls_expired"), ("wrong_name", "tls_wrong_name")]
        for implicit in (False, True):
            for name, row in rows:
                with self.subTest(name=name, implicit=implicit), \
                        ScriptedSmtp(tls=getattr(self.made, name), implicit=implicit) as server, \
                        Sender("smtp", self.login(server)) as sender:
                    for _ in range(2):
                        answer = sender.send([A])
                        self.holds(answer, "endpoint_failure", row, None)
                        self.assertTrue(answer["config_suspect"])
                    self.assertEqual(server.mails, [])
                    self.assertFalse([c for c in server.commands if c.startswith(("AUTH", "MAIL"))])

    def test_certificates_that_turn_bad_on_a_used_connection(self):
        rows = [("self_signed", "tls_self_signed"), ("expired", "tls_expired"), ("wrong_name", "tls_wrong_name")]
        for implicit in (False, True):
            for name, row in rows:
                with self.subTest(name=name, implicit=implicit), \
                        ScriptedSmtp({("MAIL", 2): "drop"}, tls=self.made.good, implicit=implicit) as server, \
                        Sender("smtp", self.login(server)) as sender:
                    self.holds(sender.send([A]), "done", "ok", 250)
                    good = server.context
                    server.context = scripted_smtp.tls_context(getattr(self.made, name))
                    logins = [c for c in server.commands if c.startswith("AUTH")]
                    for _ in range(2):
                        self.holds(sender.send([A]), "endpoint_failure", row, None)
                    self.assertEqual([c for c in server.commands if c.startswith("AUTH")], logins)
                    server.context = good
                    self.arrives(sender, server, "after")

    def test_tls_that_goes_away_on_a_used_connection(self):
        for implicit, row in [(False, "tls_not_offered"), (True, "tls_handshake")]:
            with self.subTest(implicit=implicit), \
                    ScriptedSmtp({("MAIL", 2): "drop"}, tls=self.made.good, implicit=implicit) as server, \
                    Sender("smtp", self.login(server)) as sender:
                self.holds(sender.send([A]), "done", "ok", 250)
                server.context, good = None, server.context
                server.implicit = False
                self.holds(sender.send([A]), "endpoint_failure", row, None)
                self.assertEqual(len(server.mails), 1)
                server.context, server.implicit = good, implicit
                self.arrives(sender, server, "after")

    def test_pins(self):
        with ScriptedSmtp(tls=self.made.good) as server:
            with Sender("smtp", self.login(server, pin=self.made.pin(self.made.good))) as sender:
                self.holds(sender.send([A]), "done", "ok", 250)
            with Sender("smtp", self.login(server, pin=self.made.pin(self.made.expired))) as sender:
                self.holds(sender.send([A]), "endpoint_failure", "tls_pin", None)
        with ScriptedSmtp(tls=self.made.self_signed) as server, \
                Sender("smtp", self.login(server, tls_verify=False)) as sender:
            self.holds(sender.send([A]), "done", "ok", 250)

    def test_a_server_without_starttls_gets_nothing(self):
        for tls in ("starttls", "auto"):
            with self.subTest(tls=tls), ScriptedSmtp() as server, \
                    Sender("smtp", self.login(server, tls=tls)) as sender:
                self.holds(sender.send([A]), "endpoint_failure", "tls_not_offered", None)
                self.assertEqual([c.split()[0] for c in server.commands if not c.startswith("QUIT")], ["EHLO"])

    def test_a_server_that_speaks_no_tls(self):
        with ScriptedSmtp() as server, Sender("smtp", self.login(server, tls="tls")) as sender:
            self.holds(sender.send([A]), "endpoint_failure", "tls_handshake", None)

    def test_logins(self):
        for auth, mechanism in [("plain", "PLAIN"), ("login", "LOGIN"), ("cram-md5", "CRAM-MD5"), ("auto", "PLAIN"),
                                ("xoauth2", "XOAUTH2")]:
            for implicit in (False, True):
                secret = TOKEN if auth == "xoauth2" else PASSWORD
                with self.subTest(auth=auth, implicit=implicit), \
                        ScriptedSmtp(tls=self.made.good, implicit=implicit,
                                     mechanisms=("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")) as server, \
                        Sender("smtp", self.settings(server, auth=auth, user=USER, password=secret)) as sender:
                    self.holds(sender.probe(), "done", "ok", None)
                    self.assertEqual(server.mails, [])
                    self.holds(sender.send([A]), "done", "ok", 250)
                    self.holds(sender.send([B]), "done", "ok", 250)
                    self.assertEqual([m["auth"] for m in server.mails], [mechanism] * 2)
                    self.assertEqual(server.connections, 1)

    def test_refused_logins(self):
        for fault, *expected in LOGIN_ROWS:
            for auth in ("plain", "login"):
                for used in (False, True):
                    number = 2 if used else 1
                    faults = {("AUTH", number): fault, ("MAIL", 2): "drop"}
                    with self.subTest(fault=fault, auth=auth, used=used), \
                            ScriptedSmtp(faults, tls=self.made.good) as server, \
                            Sender("smtp", self.login(server, auth=auth)) as sender:
                        if used:
                            self.holds(sender.send([A]), "done", "ok", 250)
                        self.holds(sender.send([A]), *expected)
                        server.faults.clear()
                        self.arrives(sender, server, "after")

    def test_a_bad_token(self):
        with ScriptedSmtp(tls=self.made.good, mechanisms=("XOAUTH2",), token="other") as server, \
                Sender("smtp", self.settings(server, auth="xoauth2", user=USER, password=TOKEN)) as sender:
            self.holds(sender.send([A]), "auth_failure", "auth_token", None)
            self.holds(sender.probe(), "auth_failure", "auth_token", None)

    def test_an_expired_token_is_fetched_anew_once(self):
        command = {"command": ["sh", "-c", f"echo x >> {self.folder.name}/runs; wc -l < {self.folder.name}/runs"]}
        with ScriptedSmtp(tls=self.made.good, mechanisms=("XOAUTH2",), token="2") as server, \
                Sender("smtp", self.settings(server, auth="xoauth2", user=USER, password=command)) as sender:
            self.holds(sender.send([A]), "done", "ok", 250)
            self.assertEqual(server.connections, 2)
            server.token = "never"
            server.faults[("MAIL", 2)] = "drop"
            self.holds(sender.send([A]), "auth_failure", "auth_token", None)

    def test_no_mail_without_the_login_that_was_asked_for(self):
        """F6: libcurl would send it, and call that a success."""
        with ScriptedSmtp(tls=self.made.good, mechanisms=()) as server, \
                Sender("smtp", self.login(server)) as sender:
            for _ in range(2):
                answer = sender.send([A])
                self.holds(answer, "auth_failure", "auth_not_offered", None)
                self.assertTrue(answer["config_suspect"])
                self.holds(sender.probe(), "auth_failure", "auth_not_offered", None)
            self.assertEqual(server.mails, [])
            server.mechanisms = ("PLAIN",)
            self.arrives(sender, server, "after")
            # And when a later connection offers it no more.
            server.mechanisms = ()
            server.faults[("MAIL", server.tried + 1)] = "drop"
            self.holds(sender.send([A]), "auth_failure", "auth_not_offered", None)
            self.assertEqual(len(server.mails), 1)

    def test_none_of_the_server_s_mechanisms_is_ours(self):
        with ScriptedSmtp(tls=self.made.good, mechanisms=("CRAM-MD5",)) as server, \
                Sender("smtp", self.login(server, auth="plain")) as sender:
            self.holds(sender.send([A]), "auth_failure", "auth_mechanism", None)

    def test_secrets_are_in_no_answer(self):
        echo = f"535 5.7.8 no: {PASSWORD} {base64.b64encode(PASSWORD.encode()).decode()} {quote(PASSWORD)}"
        forms = [PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), "canary"]
        for before in ("", "\0" + USER + "\0", "x", "xy"):
            text = base64.b64encode((before + PASSWORD).encode()).decode()
            forms.append(text[-len(text) // 2:].rstrip("=")[2:-2])
        for auth in ("plain", "login", "cram-md5"):
            for reply in (None, echo):
                with ScriptedSmtp(tls=self.made.good, mechanisms=("PLAIN", "LOGIN", "CRAM-MD5"),
                                  auth_reply=reply) as server, \
                        Sender("smtp", self.login(server, auth=auth)) as sender:
                    answer = sender.send([A])
                    self.assertEqual(outcomes(answer), ["auth_failure" if reply else "done"])
                    self.assertGreater(len(answer["transcript"]), 5)
                    for form in forms:
                        self.assertNotIn(form, "".join(sender.said))


if __name__ == "__main__":
    harness.main(unittest.main)
