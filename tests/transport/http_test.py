#!/usr/bin/env python3
"""Every row of the table of push services, and the guards of HTTP, against a scripted server.

    http_test.py SEND      the program of send.cpp. Python's standard library only.
"""

import base64
import hashlib
import hmac
import json
import time
import unittest
import urllib.parse

import harness
from harness import Sender, outcomes
from scripted_http import ScriptedHttp
from scripted_smtp import ScriptedSmtp  # a server that is none of HTTP

TOKEN = "123456:canary-Token_x"
MID = "abcdefghijklmnopqrstuvwxyz"
OK = (200, {}, {"ok": True, "result": {"message_id": 1}})


def telegram_error(code, description, **parameters):
    body = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return (code, {}, body)


def telegram(server, **more):
    return {"service": "telegram", "api_base": server.base, "token": TOKEN, **more}


def hook(service, server, **more):
    return {"service": service, "url": server.base + "/hooks/canaryhookkey?x=canaryquery", **more}


def settings_of(service, server, **more):
    if service in ("telegram", "ntfy", "pushover", "gotify"):
        return {"service": service, "api_base": server.base, "token": TOKEN, **more}
    return hook(service, server, **more)


GOOD = {"telegram": OK, "pushover": (200, {}, {"status": 1, "request": "r"}), "ntfy": (200, {}, {"id": "x"}),
        "gotify": (200, {}, {"id": 5}), "discord": (204, {}, ""), "slack": (200, {}, "ok"),
        "mattermost": (200, {}, "ok"), "webhook": (202, {}, ""), "relay": (200, {}, "")}

# service, answer -> outcome, row, retry after in ms (None: not told; a function of the answer)
ROWS = [
    *[(service, good, "done", "ok", None) for service, good in GOOD.items()],
    ("telegram", telegram_error(429, "Too Many Requests: retry after 7", retry_after=7), "rate_limited", "rate", 7000),
    ("telegram", telegram_error(429, "Too Many Requests", retry_after=0.35), "rate_limited", "rate", 350),
    ("telegram", telegram_error(400, "Bad Request: chat not found"), "permanent", "chat_unknown", None),
    ("telegram", telegram_error(400, "Bad Request: message is too long"), "permanent", "http_too_long", None),
    ("telegram", telegram_error(400, "Bad Request: message text is empty"), "permanent", "http_refused", None),
    ("telegram", telegram_error(403, "Forbidden: bot was blocked by the user"), "permanent", "chat_blocked", None),
    ("telegram", telegram_error(401, "Unauthorized"), "auth_failure", "http_auth", None),
    ("telegram", telegram_error(404, "Not Found"), "auth_failure", "http_auth", None),
    ("telegram", telegram_error(502, "Bad Gateway"), "temporary", "http_server", None),
    ("telegram", (200, {}, "<html>pay for the wifi</html>"), "in_doubt", "http_garbled", None),
    ("telegram", (200, {}, "[" * 60000), "in_doubt", "http_garbled", None),
    ("ntfy", (429, {}, {"code": 42901, "error": "limit reached"}), "rate_limited", "rate", 5000),
    ("ntfy", (429, {"Retry-After": "9"}, {"code": 42901}), "rate_limited", "rate", 9000),
    ("ntfy", (401, {}, {"code": 40101, "error": "unauthorized"}), "auth_failure", "http_auth", None),
    ("ntfy", (403, {}, {"code": 40301, "error": "forbidden"}), "auth_failure", "http_auth", None),
    ("ntfy", (400, {}, {"code": 40014, "error": "no"}), "permanent", "http_refused", None),
    ("ntfy", (413, {}, {"code": 41301}), "permanent", "http_too_long", None),
    ("ntfy", (507, {}, {"code": 50701}), "temporary", "http_server", None),
    ("discord", (429, {"Retry-After": "1"}, {"retry_after": 64.57, "global": False}), "rate_limited", "rate", 1000),
    ("discord", (429, {}, {"retry_after": 0.5}), "rate_limited", "rate", 500),
    ("discord", (429, {}, {"retry_after": 64000}), "rate_limited", "rate", 3_600_000),
    ("discord", (429, {}, {"retry_after": "soon"}), "rate_limited", "rate", None),
    ("discord", (404, {}, {"message": "Unknown Webhook"}), "permanent", "http_not_found", None),
    ("discord", (401, {}, {"message": "Invalid Webhook Token"}), "auth_failure", "http_auth", None),
    ("discord", (204, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.25"}, ""), "done", "ok", 1250),
    ("discord", (500, {}, ""), "temporary", "http_server", None),
    ("slack", (429, {"Retry-After": "30"}, ""), "rate_limited", "rate", 30000),
    ("slack", (400, {}, "invalid_payload"), "permanent", "http_refused", None),
    ("slack", (403, {}, "invalid_token"), "permanent", "http_auth", None),
    ("slack", (404, {}, "no_service"), "permanent", "http_not_found", None),
    ("slack", (410, {}, "channel_is_archived"), "permanent", "http_not_found", None),
    ("slack", (503, {}, ""), "temporary", "http_server", None),
    ("mattermost", (429, {"X-RateLimit-Reset": "4"}, ""), "rate_limited", "rate", 4000),
    ("mattermost", (400, {}, {"message": "Couldn't find the channel"}), "permanent", "http_refused", None),
    ("mattermost", (403, {}, ""), "permanent", "http_auth", None),
    ("pushover", (400, {}, {"status": 0, "user": "invalid", "errors": ["user identifier is invalid"]}), "permanent",
     "http_auth", None),
    ("pushover", (400, {}, {"status": 0, "errors": ["message cannot be blank"]}), "permanent", "http_refused", None),
    ("pushover", (503, {}, ""), "temporary", "http_server", 5000),
    ("pushover", (200, {}, {"status": 0}), "in_doubt", "http_garbled", None),
    ("gotify", (401, {}, {"error": "Unauthorized", "errorDescription": "token"}), "auth_failure", "http_auth", None),
    ("gotify", (403, {}, {}), "auth_failure", "http_auth", None),
    ("gotify", (400, {}, {"error": "Bad Request"}), "permanent", "http_refused", None),
    ("gotify", (502, {}, ""), "temporary", "http_server", None),
    ("webhook", (409, {}, ""), "done", "ok", None),
    *[("webhook", (code, {}, ""), "temporary", "http_server", None) for code in (408, 425, 500, 502, 503, 504)],
    ("webhook", (429, {"Retry-After": "2"}, ""), "rate_limited", "rate", 2000),
    ("webhook", (501, {}, ""), "permanent", "http_refused", None),
    ("webhook", (400, {}, ""), "permanent", "http_refused", None),
    ("webhook", (401, {}, ""), "permanent", "http_auth", None),
    ("webhook", (404, {}, ""), "permanent", "http_not_found", None),
    ("webhook", (302, {"Location": "http://127.0.0.1:1/"}, ""), "endpoint_failure", "http_redirect", None),
    ("relay", (401, {}, ""), "auth_failure", "http_auth", None),
    ("relay", (409, {}, ""), "done", "ok", None),
    ("relay", (503, {}, ""), "temporary", "http_server", None),
    *[(service, "drop", "in_doubt", "http_no_answer", None) for service in GOOD],
    *[(service, "hang", "in_doubt", "http_no_answer", None) for service in ("telegram", "webhook")],
]


def target_of(service):
    return "a@example.test" if service == "relay" else "-100123"


class Case(unittest.TestCase):
    def holds(self, answer, outcome, row):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)

    def letter(self, sender, target="-100123", **octets):
        return sender.send([target], json.dumps(octets or {"text": "x"}), MID)


class Table(Case):
    def test_each_row_fresh_and_on_a_used_connection(self):
        for service, answer, outcome, row, retry_after in ROWS:
            for used in (False, True):
                answers = [GOOD[service], answer] if used else [answer]
                with self.subTest(service=service, answer=answer, used=used), ScriptedHttp(*answers) as server, \
                        Sender("push", settings_of(service, server, answer_ms=1000)) as sender:
                    if used:
                        self.holds(self.letter(sender, target_of(service)), "done", "ok")
                    got = self.letter(sender, target_of(service))
                    self.holds(got, outcome, row)
                    self.assertEqual(got["retry_after_ms"], retry_after, got)
                    self.assertEqual(len(server.requests), 2 if used else 1)
                    # After a drop libcurl begins anew, connects, and is not given the octets again.
                    self.assertIn(server.connections, (1, 2) if used and answer == "drop" else (1,))
                    self.assertNotIn("canary", "".join(sender.said))

    def test_pauses_until_a_point_of_time(self):
        reset = int(time.time()) + 5000
        with ScriptedHttp((429, {"X-Limit-App-Reset": str(reset)}, {"status": 0})) as server, \
                Sender("push", settings_of("pushover", server)) as sender:
            got = self.letter(sender)
            self.holds(got, "quota", "quota")
            self.assertAlmostEqual(got["retry_after_ms"] / 1000, reset - time.time(), delta=60)
        with ScriptedHttp((429, {}, {"code": 42908, "error": "daily quota"})) as server, \
                Sender("push", settings_of("ntfy", server)) as sender:
            got = self.letter(sender)
            self.holds(got, "quota", "quota")
            self.assertEqual(round((time.time() + got["retry_after_ms"] / 1000) / 86400 * 1440) % 1440, 0)

    def test_codes_of_the_user_s_own_are_temporary(self):
        with ScriptedHttp((423, {}, "")) as server, \
                Sender("push", hook("webhook", server, temporary=[423])) as sender:
            self.holds(self.letter(sender), "temporary", "http_server")


class Requests(Case):
    """What goes out."""

    def one(self, service, octets, **more):
        target = more.pop("target", target_of(service))
        with ScriptedHttp(GOOD[service]) as server, Sender("push", settings_of(service, server, **more)) as sender:
            answer = sender.send([target], octets, MID)
            self.holds(answer, "done", "ok")
            return server.requests[0]

    def test_telegram(self):
        text = {"text": "<b>خرید</b>", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
        request = self.one("telegram", json.dumps(text))
        self.assertEqual(request["path"], f"/bot{TOKEN}/sendMessage")
        self.assertEqual(json.loads(request["body"]), {"chat_id": -100123, **text})
        self.assertIn("application/json", request["headers"]["content-type"])
        self.assertNotIn("expect", request["headers"])
        self.assertEqual(json.loads(self.one("telegram", '{"text":"x"}', target="@canal")["body"])["chat_id"], "@canal")
        topic = json.loads(self.one("telegram", '{"text":"x"}', target="-100/45")["body"])
        self.assertEqual((topic["chat_id"], topic["message_thread_id"]), (-100, 45))

    def test_ntfy(self):
        request = self.one("ntfy", '{"title":"t","message":"m","priority":4}', target="topic")
        self.assertEqual(request["path"], "/")
        self.assertEqual(json.loads(request["body"]),
                         {"title": "t", "message": "m", "priority": 4, "topic": "topic", "sequence_id": MID})
        self.assertEqual(request["headers"]["authorization"], "Bearer " + TOKEN)
        request = self.one("ntfy", '{"message":"m"}', token=None, user="me", password="pass word")
        self.assertEqual(request["headers"]["authorization"], "Basic " + base64.b64encode(b"me:pass word").decode())

    def test_pushover(self):
        request = self.one("pushover", '{"title":"t&=","message":"سلام +1","priority":1,"timestamp":17}', target="USER")
        self.assertEqual(request["path"], "/1/messages.json")
        self.assertEqual(urllib.parse.parse_qs(request["body"], strict_parsing=True),
                         {"token": [TOKEN], "user": ["USER"], "title": ["t&="], "message": ["سلام +1"],
                          "priority": ["1"], "timestamp": ["17"]})

    def test_gotify(self):
        request = self.one("gotify", '{"title":"t","message":"m"}')
        self.assertEqual((request["path"], request["headers"]["x-gotify-key"]), ("/message", TOKEN))

    def test_hooks_get_the_octets_as_they_are(self):
        for service in ("discord", "slack", "mattermost", "webhook"):
            octets = '{"content": "x",  "unusual" : [1.50] }'
            request = self.one(service, octets)
            self.assertEqual(request["body"], octets)
            self.assertEqual("wait=true" in request["path"], service == "discord")

    def test_webhook_is_signed_and_has_a_key(self):
        octets = '{"a": 1}'
        request = self.one("webhook", octets, signing_key="canary key", headers={"Authorization": "Basic canarycanary"})
        self.assertEqual(request["headers"]["idempotency-key"], MID)
        self.assertEqual(request["headers"]["authorization"], "Basic canarycanary")
        stamp, signed = request["headers"]["x-fastrsi-signature"].split(",")
        self.assertAlmostEqual(int(stamp.removeprefix("t=")), time.time(), delta=60)
        wanted = hmac.new(b"canary key", f"{stamp[2:]}.{octets}".encode(), hashlib.sha256).hexdigest()
        self.assertEqual(signed, "v1=" + wanted)

    def test_relay(self):
        mail = {"from": "rsi@example.test", "subject": "s", "text": "t"}
        request = self.one("relay", json.dumps(mail))
        self.assertEqual(json.loads(request["body"]), {**mail, "to": ["a@example.test"]})
        raw = "Subject: x\r\n\r\nbody\r\n"
        request = self.one("relay", raw, raw=True, **{"from": "rsi@example.test"})
        self.assertEqual((request["body"], request["headers"]["content-type"]), (raw, "message/rfc822"))
        self.assertEqual((request["headers"]["x-envelope-from"], request["headers"]["x-envelope-to"]),
                         ("rsi@example.test", "a@example.test"))

    def test_octets_that_are_no_object_go_nowhere(self):
        for octets in ("", "[]", "x", '{"a":', "1"):
            with ScriptedHttp() as server, Sender("push", hook("webhook", server)) as sender:
                self.holds(sender.send(["x"], octets, MID), "permanent", "octets")
                self.holds(sender.send(["x"], "{}", "bad mid\r\nX: y"), "permanent", "octets")
                self.assertEqual(server.requests, [])

    def test_probes_send_nothing(self):
        for service, path in [("telegram", f"/bot{TOKEN}/getMe"), ("ntfy", "/v1/health"), ("gotify", "/health")]:
            with ScriptedHttp(OK) as server, Sender("push", settings_of(service, server)) as sender:
                self.holds(sender.probe(), "done", "ok")
                self.assertEqual([(r["method"], r["path"]) for r in server.requests], [("GET", path)])
        for service in ("slack", "webhook", "pushover", "relay"):
            with ScriptedHttp() as server, Sender("push", settings_of(service, server)) as sender:
                self.holds(sender.probe(), "done", "ok_connected")
                self.assertEqual(server.requests, [])


class Mends(Case):
    """What is asked a second time was refused the first."""

    def test_a_chat_that_moved_is_followed_and_remembered(self):
        moved = telegram_error(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
        with ScriptedHttp(moved, OK) as server, Sender("push", telegram(server)) as sender:
            for _ in range(2):
                self.holds(self.letter(sender), "done", "ok")
            self.assertEqual([json.loads(r["body"])["chat_id"] for r in server.requests], [-100123, -1009, -1009])

    def test_a_chat_that_moves_for_ever_is_followed_once(self):
        moved = telegram_error(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
        with ScriptedHttp(moved) as server, Sender("push", telegram(server)) as sender:
            self.holds(self.letter(sender), "permanent", "http_refused")
            self.assertEqual(len(server.requests), 2)

    def test_marks_that_cannot_be_read_are_left_out_once(self):
        broken = telegram_error(400, "Bad Request: can't parse entities: Unsupported start tag")
        with ScriptedHttp(broken, OK) as server, Sender("push", telegram(server)) as sender:
            self.holds(self.letter(sender, text="<b>A &amp; B</b> &lt;5", parse_mode="HTML"), "done", "ok")
            self.assertEqual(json.loads(server.requests[1]["body"]), {"chat_id": -100123, "text": "A & B <5"})
        with ScriptedHttp(broken) as server, Sender("push", telegram(server)) as sender:
            self.holds(self.letter(sender, text="x", parse_mode="HTML"), "permanent", "http_refused")
            self.assertEqual(len(server.requests), 2)

    def test_a_token_of_a_command_is_fetched_anew_once(self):
        with harness.scratch() as folder, ScriptedHttp(telegram_error(401, "Unauthorized"), OK) as server:
            command = ["sh", "-c", f"echo x >> {folder}/runs; echo token$(wc -l < {folder}/runs)"]
            with Sender("push", telegram(server, token={"command": command})) as sender:
                self.holds(self.letter(sender), "done", "ok")
                self.assertEqual([r["path"].split("/")[1] for r in server.requests], ["bottoken1", "bottoken2"])


class Guards(Case):
    def test_a_lost_answer_on_a_used_connection_is_no_second_message(self):
        """F15: libcurl would send it again by itself."""
        for service in GOOD:
            with self.subTest(service=service), ScriptedHttp(GOOD[service], "drop", GOOD[service]) as server, \
                    Sender("push", settings_of(service, server)) as sender:
                self.holds(self.letter(sender, target_of(service)), "done", "ok")
                self.holds(self.letter(sender, target_of(service)), "in_doubt", "http_no_answer")
                self.assertEqual(len(server.requests), 2)
                self.holds(self.letter(sender, target_of(service)), "done", "ok")

    def test_private_addresses_are_not_asked(self):
        with ScriptedHttp() as server:
            for host in ("127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "10.0.0.1",
                         "169.254.169.254", "100.64.0.1", "192.168.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1", "0"):
                url = f"http://{host}:{server.port}/"
                with self.subTest(host=host), \
                        Sender("push", {"service": "webhook", "url": url, "allow_private": False}) as sender:
                    self.assertIn("allow_private", sender.start.get("refused", ""))
            # A name is looked up when it is asked: here it is the same address.
            url = f"http://other.localhost:{server.port}/"
            with Sender("push", {"service": "webhook", "url": url, "allow_private": False}) as sender:
                answer = self.letter(sender)
                self.holds(answer, "endpoint_failure", "private_address")
                self.assertTrue(answer["config_suspect"])
            self.assertEqual(server.connections, 0)

    def test_only_http_and_no_secret_in_the_clear(self):
        for url, words in [("file:///etc/passwd", "https://"), ("ftp://a.test/", "https://"),
                           ("http://a.test/x\r\nY: z", "control"), ("https://u:p@a.test/", "user"), ("::", "read")]:
            with Sender("push", {"service": "webhook", "url": url, "allow_private": False}) as sender:
                self.assertIn(words, sender.start["refused"])
        with Sender("push", {"service": "slack", "url": "http://a.test/canary", "allow_private": False}) as sender:
            self.assertIn("without TLS", sender.start["refused"])
            self.assertNotIn("canary", sender.start["refused"])

    def test_redirects_are_not_followed(self):
        with ScriptedHttp() as there, ScriptedHttp((307, {"Location": there.base + "/"}, "")) as here, \
                Sender("push", hook("webhook", here)) as sender:
            self.holds(self.letter(sender), "endpoint_failure", "http_redirect")
            self.assertEqual(there.connections, 0)

    def test_the_environment_s_proxy_does_not_count(self):
        with ScriptedHttp() as proxy, ScriptedHttp() as server:
            environment = {"http_proxy": proxy.base, "HTTPS_PROXY": proxy.base, "ALL_PROXY": proxy.base}
            with Sender("push", hook("webhook", server), environment) as sender:
                self.holds(self.letter(sender), "done", "ok")
            self.assertEqual((proxy.connections, server.connections), (0, 1))

    def test_what_a_proxy_says_back_of_its_password_is_taken_out(self):
        # It answers in the place of the server, whom nothing reaches.
        with ScriptedHttp((200, {}, ""), (400, {}, "not me:canary word")) as proxy, ScriptedHttp() as server:
            through = proxy.base.replace("//", "//me:canary%20word@")
            with Sender("push", hook("webhook", server, proxy=through)) as sender:
                answer = self.letter(sender)
                self.assertEqual(outcomes(answer), ["permanent"])
                self.assertIn("not me:", answer["targets"][0]["text"])
                self.assertNotIn("canary", "".join(sender.said))
            self.assertEqual([request["method"] for request in proxy.requests], ["CONNECT", "POST"])
            self.assertEqual(server.connections, 0)

    def test_a_long_answer_is_cut(self):
        for headers, body in [({}, "x" * 10_000_000), ({f"X-{n}": "y" * 900 for n in range(200)}, "")]:
            with ScriptedHttp((500, headers, body)) as server, Sender("push", hook("webhook", server)) as sender:
                self.assertEqual(outcomes(self.letter(sender)), ["temporary"])
                self.assertLess(len(sender.said[-1]), 3000)

    def test_an_answer_that_nests_deeply_is_told_without_its_depth(self):
        for body in ("[" * 32_000 + "]" * 32_000, '{"a":' * 10_000 + "1" + "}" * 10_000, "[" * 20 + "7" + "]" * 20):
            with ScriptedHttp((400, {}, body)) as server, Sender("push", hook("webhook", server)) as sender:
                answer = self.letter(sender)
                self.holds(answer, "permanent", "http_refused")
                told = answer["transcript"][1]
                self.assertLess(told.count("[") + told.count("{"), 40)
                self.assertEqual("7" in told, "7" in body)

    def test_connections_that_fail_sent_nothing(self):
        with ScriptedHttp() as server:
            pass
        with Sender("push", hook("webhook", server)) as sender:
            self.holds(self.letter(sender), "endpoint_failure", "connect_refused")
        with Sender("push", {"service": "webhook", "url": "http://nothing.invalid/"}) as sender:
            self.holds(self.letter(sender), "endpoint_failure", "dns")

    def test_certificates(self):
        with harness.scratch() as folder:
            made = harness.Certificates(folder)
            for name, row in [("self_signed", "tls_self_signed"), ("expired", "tls_expired"),
                              ("wrong_name", "tls_wrong_name")]:
                with ScriptedHttp(tls=getattr(made, name)) as server, \
                        Sender("push", hook("webhook", server, ca_file=str(made.ca))) as sender:
                    answer = self.letter(sender)
                    self.holds(answer, "endpoint_failure", row)
                    self.assertTrue(answer["config_suspect"])
            with ScriptedHttp(tls=made.good) as server, \
                    Sender("push", hook("webhook", server, ca_file=str(made.ca))) as sender:
                self.holds(self.letter(sender), "done", "ok")
        with ScriptedSmtp() as server, \
                Sender("push", {"service": "webhook", "url": f"https://127.0.0.1:{server.port}/"}) as sender:
            self.holds(self.letter(sender), "endpoint_failure", "tls_handshake")

    def test_secrets_that_a_server_says_are_hidden(self):
        key = "canary/Key+é"
        forms = [key, urllib.parse.quote(key), urllib.parse.quote(key, safe=""), "canaryhookkey", "canaryquery"]
        said = " ".join([*forms, json.dumps(key), json.dumps(json.dumps(key)), *[base64.b64encode(b"x" * n + key.encode()).decode() for n in range(3)]])
        with ScriptedHttp((400, {}, {"error": said})) as server, \
                Sender("push", hook("webhook", server, headers={"X-Key": key})) as sender:
            self.letter(sender)
            server.answers = [(400, {}, said + " " + json.dumps(key) + " no JSON")]
            self.letter(sender)
            for text in sender.said[-2:]:
                self.assertIn("***", text)
                for form in [*forms, "canary", base64.b64encode(key.encode()).decode()[4:12]]:
                    self.assertNotIn(form, text)


    def test_a_secret_that_is_cut_is_hidden_too(self):
        for at in (400, 500):
            for before in range(at - 15, at):
                with ScriptedHttp((400, {}, "x" * before + "canary/Key+1234567")) as server, \
                        Sender("push", hook("webhook", server, headers={"X-Key": "canary/Key+1234567"})) as sender:
                    self.letter(sender)
                    self.assertNotIn("xca", sender.said[-1])


if __name__ == "__main__":
    harness.main(unittest.main)
