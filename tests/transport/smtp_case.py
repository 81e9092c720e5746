"""What the tests of SMTP against our own server share."""

import unittest

from harness import outcomes

A, B = "a@example.test", "b@example.test"


def plain(server, **more):
    return {"port": server.port, "tls": "none", "reply_s": 2, "dot_s": 1, **more}


class Case(unittest.TestCase):
    def holds(self, answer, outcome, row, code):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)
        if code is not None:
            self.assertEqual(answer["targets"][0]["code"], code, answer)

    def arrives(self, sender, server, text):
        """The next mail, whole and in step."""
        answer = sender.send([A], f"Subject: {text}\r\n\r\nnext\r\n", mid="next")
        self.holds(answer, "done", "ok", 250)
        self.assertEqual(server.mails[-1]["text"], f"Subject: {text}\n\nnext")
