"""What the tests behind real mail systems share: a mailbox of files, logins, and a line cut at the final dot.
A mail system has `port`, without TLS and login, and `box`."""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cut_proxy import DOT_LOST, REPLY_LOST, CutProxy  # noqa: E402
from folder_watch import FolderWatch  # noqa: E402
from harness import PASSWORD, USER, Sender, outcomes  # noqa: E402

MAIL = "From: rsi@example.test\r\nMessage-ID: <mid1@example.test>\r\nSubject: x\r\n\r\n.\r\n..dots\r\nسلام\r\n"


class Mailbox:
    """A maildir's folder of mails that have come."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.came = FolderWatch(self.folder)

    def texts(self, count):
        """When there are so many, or no more come. A queue takes its time."""
        deadline = time.monotonic() + 60
        while True:
            texts = [path.read_text() for path in self.folder.iterdir()]
            if len(texts) >= count or not self.came.wait(max(0, deadline - time.monotonic())):
                return texts

    def forget(self):
        for path in self.folder.iterdir():
            path.unlink()


class Case(unittest.TestCase):
    """Whoever derives from it sets `system`, and `made`, the certificates, for its class."""

    def setUp(self):
        self.system.box.forget()

    def arrived(self, count):
        texts = self.system.box.texts(count)
        self.assertEqual(len(texts), count)
        for text in texts:
            self.assertEqual(text.count("Message-ID: <mid1@example.test>"), 1)
            self.assertTrue(text.endswith("\n\n.\n..dots\nسلام\n"), text)

    def refused(self, answer, outcome, row, code):
        self.assertEqual((outcomes(answer), answer["row"], answer["targets"][0]["code"]), ([outcome], row, code), answer)

    def logs_in(self, settings):
        """With the right password, and not with another."""
        self.system.box.forget()
        with Sender("smtp", {**settings, "user": USER, "password": PASSWORD}) as sender:
            self.assertEqual(outcomes(sender.probe()), ["done"])
            for _ in range(2):
                answer = sender.send(["a@example.test", "no@example.test"], MAIL)
                self.assertEqual(outcomes(answer), ["done", "permanent"], answer)
            self.arrived(2)
            self.assertNotIn("canary", "".join(sender.said))
        self.system.box.forget()
        with Sender("smtp", {**settings, "user": USER, "password": "canary wrong"}) as sender:
            for _ in range(2):
                self.refused(sender.send(["a@example.test"], MAIL), "auth_failure", "auth_refused", 535)
            self.assertNotIn("canary", "".join(sender.said))

    def needs_its_login(self, settings):
        with Sender("smtp", settings) as sender:
            self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["permanent"])
        with Sender("smtp", {**settings, "auth": "cram-md5", "user": USER, "password": PASSWORD}) as sender:
            self.assertEqual(sender.send(["a@example.test"], MAIL)["row"], "auth_mechanism")
        self.assertEqual(list(self.system.box.folder.iterdir()), [])

    def cut(self, mode, stored):
        """In doubt, then done."""
        for tls in (None, self.made.good):
            with self.subTest(tls=tls is not None), CutProxy(self.system.port, mode, tls=tls) as proxy, \
                    Sender("smtp", {"port": proxy.port, "tls": "tls" if tls else "none",
                                    "ca_file": str(self.made.ca)}) as sender:
                self.system.box.forget()
                answer = sender.send(["a@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["in_doubt"], "dot_no_reply"), answer)
                self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
                self.arrived(stored)

    def test_reply_lost_after_the_dot_is_in_doubt_and_comes_twice(self):
        self.cut(REPLY_LOST, 2)

    def test_cut_before_the_dot_is_stored_once(self):
        self.cut(DOT_LOST, 1)
