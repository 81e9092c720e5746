"""Secrets for canary_test.py, each where a configuration says, and what servers say back of them."""

import base64
import json
import os
import pathlib
import re
import sys
from urllib.parse import quote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "transport"))
from scripted_http import ScriptedHttp  # noqa: E402, F401
from scripted_smtp import USER, ScriptedSmtp  # noqa: E402, F401

SMALL = re.compile("%[0-9A-F]{2}")
# Where texts are cut on their way: of a body, of an error, of an SMTP reply.
CUTS = (400, 500, 1000, 1024)


def base64_forms(secret):
    """What base64 of anything that holds the secret has in it for sure, at each alignment."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode()
        yield text[4 if before else 0:len(text) - 4]


def said_back(secret):
    return " ".join([secret, quote(secret), quote(secret, safe=""),
                     SMALL.sub(lambda found: found[0].lower(), quote(secret)),
                     *(base64.b64encode(b"x" * n + secret.encode()).decode() for n in range(3)),
                     base64.urlsafe_b64encode(secret.encode()).decode(), json.dumps(secret)])


def cut_in_two(secret, at):
    return "x" * (at - len(secret) // 2) + secret


class Secrets:
    """Makes them, each where the configuration says."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("secrets", "credentials"):
            (folder / name).mkdir()
        self.environment = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(folder / "credentials")}
        self.all = []

    def take(self, source, secret=None):
        """A fresh one and the words of the configuration for it."""
        number = len(self.all)
        secret = secret or f"canary {number}/pass+word?&é{number:04}"
        self.all.append(secret)
        if source == "text":
            return secret, json.dumps(secret, ensure_ascii=False)
        if source == "env":
            self.environment[f"SECRET_{number}"] = secret
            return secret, f'{{ env = "SECRET_{number}" }}'
        path = self.folder / ("credentials" if source == "credential" else "secrets") / f"s{number}"
        path.write_text(secret + "\n")
        path.chmod(0o400)
        if source == "credential":
            return secret, f'{{ credential = "s{number}" }}'
        return secret, f'{{ command = ["cat", "{path}"] }}' if source == "command" else f'{{ file = "{path}" }}'

    def forms(self):
        yield "canary"
        for secret in self.all:
            for form in base64_forms(secret):
                yield form[:12]
                yield form[-12:]


# What a service takes for success.
GOOD = {"telegram": {"ok": True, "result": {}}, "pushover": {"status": 1}, "gotify": {"id": 5}, "ntfy": {"id": "x"},
        "webhook": {}, "discord": {}, "slack": {}, "mattermost": {}, "relay": {}}


def parts_of(secret):
    """Of an address what a server may say by itself."""
    return [secret, secret.split("/", 3)[3], secret.split("=")[1]] if "://" in secret else [secret]


def answers_of(service, taken):
    """Well, refused, cut in the middle of a secret, lost, failing, and no more let in."""
    secrets = [part for secret in taken for part in parts_of(secret)]
    back = " ".join(map(said_back, secrets))
    note = {"X-Note": quote(secrets[0])}
    refused = [(400, note, {"ok": False, "status": 0, "description": back, "error": back, "message": back,
                            "errors": [back]}),
               *[(400, note, cut_in_two(secret, at)) for secret in secrets for at in CUTS]]
    return [(200, note, {**GOOD[service], "note": back}), *refused, "drop", (500, note, back), (401, note, back)]


def smtp_faults(password):
    """A word after each step; in the end no login is taken."""
    back = said_back(password)
    lines = f"550-5.1.1 no {back}\r\n550 5.1.1 {back}"
    replies = [("DOT", f"250 2.0.0 stored {back}"), ("RCPT", lines), ("DOT", f"554 5.7.1 {back}"),
               ("MAIL", f"550 5.7.1 {back}"), ("DATA", f"554 5.7.1 {back}"), ("DOT", "drop"),
               *[("RCPT", "550 5.1.1 " + cut_in_two(quote(password), at - 10)) for at in CUTS]]
    replies.append(("MAIL", "drop"))  # so that there is a login once more
    return {(step, number): reply for number, (step, reply) in enumerate(replies, 1)}, f"535 5.7.8 no {back}"


class LockedInTheEnd(ScriptedSmtp):
    """Takes no login any more when each fault has been."""

    def __init__(self, password):
        faults, self.refusal = smtp_faults(password)
        self.answers = len(faults)
        super().__init__(faults, password=password)

    @property
    def auth_reply(self):
        return self.refusal if self.tried >= self.answers else None

    @auth_reply.setter
    def auth_reply(self, _):
        pass
