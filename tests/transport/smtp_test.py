#!/usr/bin/env python3
"""Every row of SMTP's classification table, against a server that does each thing wrong: on a fresh
connection and on one that was used before. After each fault the next mail must arrive as if nothing
had been (libcurl would go on out of step).

    smtp_test.py SEND      the program of send.cpp. Python's standard library only.
"""

import pathlib
import socket
import unittest

import harness
import scripted_smtp
from harness import Sender, outcomes
from scripted_smtp import PASSWORD, USER, ScriptedSmtp
from smtp_case import A, B, Case, plain

# step, what the server does -> outcome, row, code
ROWS = [
    ("MAIL", "451 4.7.1 Greylisted", "temporary", "mail_temporary", 451),
    ("MAIL", "550 5.7.1 Not you", "sender_rejected", "sender_rejected", 550),
    ("MAIL", "530 5.7.0 Authentication required", "sender_rejected", "auth_required", 530),
    ("MAIL", "550 5.4.5 Daily user sending limit exceeded", "quota", "quota", 550),
    ("MAIL", "421 4.3.2 Shutting down + drop", "endpoint_failure", "closing", 421),
    ("MAIL", "421 4.7.28 Rate limit reached + drop", "rate_limited", "rate", 421),
    ("MAIL", "drop", "endpoint_failure", "dropped", 0),
    ("RCPT", "451 4.7.1 Greylisted", "temporary", "rcpt_temporary", 451),
    ("RCPT", "550 5.1.1 No such user", "permanent", "rcpt_refused", 550),
    ("RCPT", "552 5.2.2 Mailbox full", "permanent", "rcpt_refused", 552),
    ("RCPT", "421 4.3.2 Shutting down + drop", "endpoint_failure", "rcpt_closed", 421),
    ("RCPT", "drop", "endpoint_failure", "dropped", 0),
    ("DATA", "451 4.3.0 Later", "temporary", "data_temporary", 451),
    ("DATA", "554 5.7.1 No", "permanent", "data_refused", 554),
    ("DATA", "421 4.3.2 Shutting down + drop", "endpoint_failure", "closing", 421),
    ("DATA", "drop", "endpoint_failure", "data_dropped", 0),
    ("DOT", "451 4.3.0 Queue file write error", "temporary", "dot_temporary", 451),
    ("DOT", "554 5.7.1 Spam", "permanent", "dot_refused", 554),
    ("DOT", "552 5.3.4 Message size exceeds fixed limit", "permanent", "dot_refused", 552),
    ("DOT", "550 5.4.5 Daily user sending quota exceeded", "quota", "quota", 550),
    ("DOT", "552 5.2.2 Over quota", "quota", "quota", 552),
    ("DOT", "554 Your sending rate is too high", "quota", "quota", 554),
    ("DOT", "421 4.3.2 Shutting down + drop", "endpoint_failure", "dot_closed", 421),
    ("DOT", "drop", "in_doubt", "dot_no_reply", 0),
    ("DOT", "hang", "in_doubt", "dot_no_reply", 0),
]
GREETING_ROWS = [
    ("421 4.3.2 Too busy + drop", "endpoint_failure", "greeting_refused", 421),
    ("554 5.7.1 Go away", "endpoint_failure", "greeting_refused", 554),
    ("450 later", "endpoint_failure", "greeting_refused", 450),
    ("drop", "endpoint_failure", "greeting_dropped", 0),
    ("hang", "endpoint_failure", "greeting_timeout", 0),
]


class Table(Case):
    def test_each_row_on_a_fresh_connection(self):
        for step, fault, *expected in ROWS:
            with self.subTest(step=step, fault=fault), ScriptedSmtp({(step, 1): fault}) as server, \
                    Sender("smtp", plain(server)) as sender:
                self.holds(sender.send([A]), *expected)
                self.arrives(sender, server, "after")

    def test_each_row_on_a_used_connection(self):
        for step, fault, *expected in ROWS:
            # What closes a connection before anything was sent is tried on a fresh one at once.
            closes = step == "MAIL" and ("drop" in fault)
            faults = {(step, 2): fault, (step, 3): fault} if closes else {(step, 2): fault}
            with self.subTest(step=step, fault=fault), ScriptedSmtp(faults) as server, \
                    Sender("smtp", plain(server)) as sender:
                self.holds(sender.send([A]), "done", "ok", 250)
                self.holds(sender.send([A]), *expected)
                self.assertEqual(server.connections, 2 if closes else 1)
                self.arrives(sender, server, "after")

    def test_greetings(self):
        for fault, *expected in GREETING_ROWS:
            for used in (False, True):
                number = 2 if used else 1
                with self.subTest(fault=fault, used=used), \
                        ScriptedSmtp({("CONNECT", number): fault, ("MAIL", 2): "drop"}) as server, \
                        Sender("smtp", plain(server)) as sender:
                    if used:
                        self.holds(sender.send([A]), "done", "ok", 250)
                    self.holds(sender.send([A]), *expected)
                    server.faults.clear()
                    self.arrives(sender, server, "after")

    def test_hello_refused_twice(self):
        for number in (1, 2):
            faults = {("EHLO", number): "502 5.5.1 no", ("MAIL", 2): "drop"}
            with self.subTest(number=number), ScriptedSmtp(faults) as server, Sender("smtp", plain(server)) as sender:
                if number == 2:
                    self.holds(sender.send([A]), "done", "ok", 250)
                self.holds(sender.send([A]), "endpoint_failure", "hello_refused", 502)
                server.faults.clear()
                self.arrives(sender, server, "after")

    def test_nobody_listens(self):
        for used in (False, True):
            with self.subTest(used=used), ScriptedSmtp({("MAIL", 2): "drop"}) as server, \
                    Sender("smtp", plain(server)) as sender:
                if used:
                    self.holds(sender.send([A]), "done", "ok", 250)
                server.stop_listening()
                for _ in range(2):
                    self.holds(sender.send([A]), "endpoint_failure", "connect_refused", 0)

    def test_nobody_takes_the_connection(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            # As many as wait in its queue, and one that fills it for sure.
            waiting = [socket.socket() for _ in range(3)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(listener.getsockname())
            settings = {"port": listener.getsockname()[1], "tls": "none", "connect_ms": 500}
            with Sender("smtp", settings) as sender:
                for _ in range(2):
                    self.holds(sender.send([A]), "endpoint_failure", "connect_timeout", 0)
            for one in waiting:
                one.close()

    def test_a_reply_that_does_not_come(self):
        for step in ("EHLO", "MAIL", "RCPT", "DATA"):
            row = "data_dropped" if step == "DATA" else "dropped"
            for used in (False, True):
                faults = {(step, 2 if used else 1): "hang"}
                if used and step == "EHLO":
                    faults[("MAIL", 2)] = "drop"
                if used and step == "MAIL":  # before anything was sent a fresh connection is tried
                    faults[("MAIL", 3)] = "hang"
                with self.subTest(step=step, used=used), ScriptedSmtp(faults) as server, \
                        Sender("smtp", plain(server)) as sender:
                    if used:
                        self.holds(sender.send([A]), "done", "ok", 250)
                    self.holds(sender.send([A]), "endpoint_failure", row, 0)
                    server.faults.clear()
                    self.arrives(sender, server, "after")

    def test_no_such_name(self):
        with Sender("smtp", {"host": "nothing.invalid", "port": 25, "tls": "none"}) as sender:
            self.holds(sender.send([A]), "endpoint_failure", "dns", 0)

    def test_a_mail_cut_in_its_middle_is_not_in_doubt(self):
        with ScriptedSmtp() as server, Sender("smtp", plain(server, dot_s=5)) as sender:
            # Twice what the kernel holds on the way, so that some is left.
            server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            wmem_most = int(pathlib.Path("/proc/sys/net/ipv4/tcp_wmem").read_text().split()[2])
            whole = scripted_smtp.Talk.data

            def cut(talk):
                talk.client.recv(1000)
                talk.drop()
            scripted_smtp.Talk.data = cut
            try:
                answer = sender.send([A], "Subject: x\r\n\r\n" + "0123456789abcdef\r\n" * (2 * wmem_most // 18))
            finally:
                scripted_smtp.Talk.data = whole
            self.holds(answer, "endpoint_failure", "data_dropped", 0)


class Recipients(Case):
    def test_each_has_its_own_answer(self):
        own = {"no@example.test": "550 5.1.1 No such user", "later@example.test": "451 4.7.1 Greylisted",
               "full@example.test": "452 4.2.2 Mailbox full"}
        with ScriptedSmtp(recipients=own) as server, Sender("smtp", plain(server)) as sender:
            for _ in range(2):
                answer = sender.send([A, "no@example.test", "later@example.test", B, "full@example.test"])
                self.assertEqual(outcomes(answer), ["done", "permanent", "temporary", "done", "temporary"], answer)
                self.assertEqual([t["code"] for t in answer["targets"]], [250, 550, 451, 250, 452])
                self.assertEqual(answer["row"], "rcpt_refused")
                self.assertIn("5.1.1 No such user", answer["targets"][1]["text"])
                self.assertEqual(server.mails[-1]["rcpt"], [A, B])

    def test_those_refused_stay_refused_when_the_mail_fails(self):
        own = {"no@example.test": "550 5.1.1 No such user"}
        for fault, outcome in [("drop", "in_doubt"), ("451 later", "temporary"), ("554 no", "permanent")]:
            with self.subTest(fault=fault), ScriptedSmtp({("DOT", 1): fault}, recipients=own) as server, \
                    Sender("smtp", plain(server)) as sender:
                answer = sender.send([A, "no@example.test", B])
                self.assertEqual(outcomes(answer), [outcome, "permanent", outcome], answer)

    def test_all_refused_is_a_mail_to_nobody(self):
        own = {A: "550 5.1.1 no", B: "451 later"}
        with ScriptedSmtp(recipients=own) as server, Sender("smtp", plain(server)) as sender:
            self.assertEqual(outcomes(sender.send([A, B])), ["permanent", "temporary"])
            self.assertEqual(server.mails, [])

    def test_421_at_the_second_leaves_nobody_sent_to(self):
        own = {B: "421 4.3.2 closing"}
        with ScriptedSmtp({("DATA", 1): "drop"}, recipients=own) as server, Sender("smtp", plain(server)) as sender:
            self.assertEqual(outcomes(sender.send([A, B])), ["endpoint_failure"] * 2)
            self.assertEqual(server.mails, [])


class Injection(Case):
    """F17: libcurl passes line breaks on."""

    BAD = ["a@example.test>\r\nRCPT TO:<evil@example.test", "a@example.test\nRSET", "a b@example.test", "a@b@c.test",
           "@example.test", "a@", "plain", "a@example.test\x00", "<a@example.test>", "a" * 65 + "@example.test",
           "a@" + "b" * 250 + ".test", "é@example.test", "a@exa\x7fmple.test", ""]

    def test_no_address_can_be_a_command(self):
        with ScriptedSmtp() as server, Sender("smtp", plain(server)) as sender:
            for bad in self.BAD:
                with self.subTest(bad=bad):
                    answer = sender.send([A, bad])
                    self.assertEqual(outcomes(answer), ["done", "permanent"], answer)
                    self.assertEqual(server.mails[-1]["rcpt"], [A])
                    self.assertEqual(outcomes(sender.send([bad])), ["permanent"])
                    self.assertEqual(sender.send([bad])["row"], "address_refused")
            self.assertFalse([c for c in server.commands if "evil" in c or c == "RSET"])

    def test_no_setting_can_be_one_either(self):
        for settings in ({"from": "a@x.test>\r\nRCPT TO:<e@x.test"}, {"ehlo_name": "x\r\nRSET"}, {"host": "x\r\ny"},
                         {"host": "h", "user": "a\r\nb", "password": "c"}, {"host": "a:b"}, {"host": "h:99999"}):
            with self.subTest(settings=settings), Sender("smtp", settings) as sender:
                self.assertIn("smtp \"test\": ", sender.start["refused"])


class Traps(Case):
    def test_a_late_reply_is_not_taken_for_another_mail_s(self):
        """F13: after a time-out libcurl gives the connection back as a good one."""
        with ScriptedSmtp({("DOT", 1): "hang"}) as server, Sender("smtp", plain(server)) as sender:
            self.holds(sender.send([A]), "in_doubt", "dot_no_reply", 0)
            server.release.set()
            server.faults[("DOT", 2)] = "554 5.7.1 Spam"
            self.holds(sender.send([A]), "permanent", "dot_refused", 554)
            self.assertEqual(server.connections, 2)

    def test_cleaning_up_does_not_wait_for_the_answer_to_quit(self):
        """F14: libcurl waits for it as long as for any reply."""
        faults = {("DOT", 1): "hang", **{("QUIT", n): "hang" for n in range(1, 9)}}
        with ScriptedSmtp(faults) as server, Sender("smtp", plain(server, reply_s=600)) as sender:
            self.holds(sender.send([A]), "in_doubt", "dot_no_reply", 0)
            sender.close()
            self.assertEqual(sender.process.returncode, 0)

    def test_a_password_never_travels_in_the_clear(self):
        for host in ("mail.example.test", "192.0.2.1"):
            with Sender("smtp", {"host": host, "tls": "none", "user": USER, "password": PASSWORD}) as sender:
                self.assertIn("without TLS", sender.start["refused"])
                self.assertNotIn(PASSWORD, sender.start["refused"])

    def test_verification_cannot_be_left_out_with_the_great_providers(self):
        for host in ("smtp.gmail.com", "SMTP.mail.yahoo.com:465", "smtp.office365.com"):
            with Sender("smtp", {"host": host, "tls_verify": False}) as sender:
                self.assertIn("tls_verify", sender.start["refused"])

    def test_a_connection_the_server_closed_meanwhile_costs_nothing(self):
        for fault in ("drop", "421 4.4.2 idle too long + drop"):
            with self.subTest(fault=fault), ScriptedSmtp({("MAIL", 2): fault}) as server, \
                    Sender("smtp", plain(server)) as sender:
                self.holds(sender.send([A]), "done", "ok", 250)
                self.holds(sender.send([A]), "done", "ok", 250)
                self.assertEqual(server.connections, 2)


if __name__ == "__main__":
    harness.main(unittest.main)
