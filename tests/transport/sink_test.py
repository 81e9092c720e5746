#!/usr/bin/env python3
"""The classification table against postfix's smtp-sink, which can be told to fail at any command.

    sink_test.py SEND      the program of send.cpp. Skipped, with a word, without the package postfix.
"""

import os
import pathlib
import shutil
import subprocess
import unittest

import harness
from harness import Sender, outcomes

SINK = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin") or harness.skip(
    "smtp-sink is not installed", "apt install postfix")

# its words -> outcome, row, code, how many mails are stored
ROWS = [
    ((), "done", "ok", 250, 1),
    (("-Q", "CONNECT"), "endpoint_failure", "greeting_refused", 421, 0),
    (("-q", "CONNECT"), "endpoint_failure", "greeting_dropped", 0, 0),
    (("-r", "MAIL", "-b", "451 4.7.1 Greylisted"), "temporary", "mail_temporary", 451, 0),
    (("-f", "MAIL", "-B", "550 5.7.1 Not you"), "sender_rejected", "sender_rejected", 550, 0),
    (("-q", "MAIL"), "endpoint_failure", "dropped", 0, 0),
    (("-r", "RCPT", "-b", "451 4.7.1 Greylisted"), "temporary", "rcpt_temporary", 451, 0),
    (("-f", "RCPT", "-B", "550 5.1.1 no such user"), "permanent", "rcpt_refused", 550, 0),
    (("-Q", "RCPT"), "endpoint_failure", "rcpt_closed", 421, 0),
    (("-q", "RCPT"), "endpoint_failure", "dropped", 0, 0),
    (("-r", "DATA"), "temporary", "data_temporary", None, 0),
    (("-f", "DATA"), "permanent", "data_refused", None, 0),
    (("-q", "DATA"), "endpoint_failure", "data_dropped", 0, 0),
    (("-r", "."), "temporary", "dot_temporary", None, None),
    (("-f", "."), "permanent", "dot_refused", None, None),
    (("-q", "."), "in_doubt", "dot_no_reply", 0, None),
    (("-Q", "."), "endpoint_failure", "dot_closed", 421, None),
    (("-W", "RCPT:1"), "done", "ok", 250, 1),
    (("-W", ".:8"), "in_doubt", "dot_no_reply", 0, None),
    (("-e",), "done", "ok", 250, 1),
    (("-q", "QUIT"), "done", "ok", 250, 1),
]


class Sink:
    def __init__(self, folder, *words):
        self.port, = harness.free_ports(1)
        user = ("-u", "nobody") if os.geteuid() == 0 else ()
        os.chmod(folder, 0o777)
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen([SINK, *user, "-d", f"{folder}/m.", *words, f"127.0.0.1:{self.port}", "16"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        harness.until_it_listens(self.process, self.port)

    def stored(self):
        """Files with a mail's text; it begins them at MAIL and takes them away some time after a refusal."""
        count = 0
        for path in self.folder.glob("m.*"):
            try:
                count += "\nbody" in path.read_text()
            except FileNotFoundError:
                pass
        return count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Table(unittest.TestCase):
    def test_each_fault_gives_its_row_and_gives_it_again(self):
        for words, outcome, row, code, stored in ROWS:
            with self.subTest(words=words), harness.scratch() as folder, Sink(folder, *words) as sink, \
                    Sender("smtp", {"port": sink.port, "tls": "none", "reply_s": 5, "dot_s": 3}) as sender:
                # The second on the handle of the first, and on its connection where there is one.
                for times in (1, 2):
                    answer = sender.send(["a@example.test"])
                    self.assertEqual((outcomes(answer), answer["row"]), ([outcome], row), answer)
                    if code is not None:
                        self.assertEqual(answer["targets"][0]["code"], code, answer)
                    if stored is not None:
                        self.assertEqual(sink.stored(), stored * times)

    def test_its_aborted_data_is_no_success(self):
        with harness.scratch() as folder, Sink(folder, "-A", "1") as sink, \
                Sender("smtp", {"port": sink.port, "tls": "none", "reply_s": 5, "dot_s": 3}) as sender:
            for _ in range(2):
                answer = sender.send(["a@example.test"], "Subject: x\r\n\r\n" + "line\r\n" * 1000)
                self.assertNotEqual(outcomes(answer), ["done"], answer)
            self.assertEqual(sink.stored(), 0)

    def test_a_login_that_it_does_not_offer_or_answers_wrongly_is_no_mail(self):
        # Without ESMTP, without AUTH; and its own AUTH, which it answers with 250.
        for words, row in [(("-e",), "auth_not_offered"), (("-a",), "auth_not_offered"), ((), "auth_refused")]:
            with self.subTest(words=words), harness.scratch() as folder, Sink(folder, *words) as sink, \
                    Sender("smtp", {"port": sink.port, "tls": "none", "user": "u", "password": "canary"}) as sender:
                for _ in range(2):
                    answer = sender.send(["a@example.test"])
                    self.assertEqual((outcomes(answer), answer["row"]), (["auth_failure"], row), answer)
                self.assertEqual(sink.stored(), 0)
                self.assertNotIn("canary", "".join(sender.said))


if __name__ == "__main__":
    harness.main(unittest.main)
