#!/usr/bin/env python3
"""Against a Telegram server that is not ours, npm's telegram-test-api: what a chat is sent is what it gets,
once, and behind a proxy that loses an answer it is in doubt.

    telegram_test.py SEND      the program of send.cpp. Skipped, with a word, without node, npm or a network.
"""

import json
import pathlib
import unittest
import urllib.request

import harness
import npm_modules
from harness import Sender, outcomes
from lossy_proxy import LossyProxy

SERVE = pathlib.Path(__file__).resolve().with_name("serve_telegram.js")
TOKEN = "123456:canary-Token_x"
TEXT = "<b>سیگنال خرید</b>\nAlert: خرید - \u2068BTCUSDT\u2069 &lt;5 &amp; x"


class Server(npm_modules.NodeServer):
    def __init__(self):
        super().__init__(Telegram.modules, SERVE)
        self.base = f"http://127.0.0.1:{self.port}"

    def history(self, token=TOKEN):
        request = urllib.request.Request(self.base + "/getUpdatesHistory", json.dumps({"token": token}).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=harness.HANG_SECONDS) as answer:
            return [one["message"] for one in json.load(answer)["result"]]


class Telegram(unittest.TestCase):
    def sender(self, base, **more):
        return Sender("push", {"service": "telegram", "api_base": base, "token": TOKEN, **more})

    def holds(self, answer, outcome, row):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)

    def test_a_chat_gets_what_was_sent(self):
        octets = {"text": TEXT, "parse_mode": "HTML", "disable_notification": False,
                  "link_preview_options": {"is_disabled": True}}
        with Server() as server, self.sender(server.base) as sender:
            self.holds(sender.probe(), "done", "ok")
            self.assertEqual(server.history(), [])
            self.holds(sender.send(["-100123", "42", "@canal"], json.dumps(octets)), "done", "ok")
            self.holds(sender.send(["-100123/7"], json.dumps(octets)), "done", "ok")
            self.assertEqual(server.history(), [{**octets, "chat_id": -100123}, {**octets, "chat_id": 42},
                                                {**octets, "chat_id": "@canal"},
                                                {**octets, "chat_id": -100123, "message_thread_id": 7}])
            self.assertEqual(server.history("other"), [])
            self.assertNotIn("canary", "".join(sender.said))

    def test_an_address_that_is_no_api_s(self):
        with Server() as server, self.sender(server.base + "/elsewhere") as sender:
            self.holds(sender.send(["1"], json.dumps({"text": "x"})), "temporary", "http_server")
            self.assertEqual(server.history(), [])

    def test_an_answer_that_gets_lost_is_in_doubt(self):
        for used in (False, True):
            with self.subTest(used=used), Server() as server, \
                    LossyProxy(server.port, 1 if used else 0) as proxy, \
                    self.sender(f"http://127.0.0.1:{proxy.port}") as sender:
                if used:
                    self.holds(sender.send(["1"], json.dumps({"text": "before"})), "done", "ok")
                self.holds(sender.send(["1"], json.dumps({"text": "lost"})), "in_doubt", "http_no_answer")
                self.holds(sender.send(["1"], json.dumps({"text": "after"})), "done", "ok")
                # Once, whatever libcurl would like to do about it.
                self.assertEqual([one["text"] for one in server.history()],
                                 [*(["before"] if used else []), "lost", "after"])


def main():
    Telegram.modules = npm_modules.bring("telegram-test-api", "4.2.1")
    unittest.main()


if __name__ == "__main__":
    harness.main(main)
