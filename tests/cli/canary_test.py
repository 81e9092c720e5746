#!/usr/bin/env python3
"""No secret leaves: the service with a sink of each secret kind, each secret from another place, beside
servers that answer well and wrongly and say the secret back in every form. Afterwards none occurs, raw, in
base64 or as in a URL, in what any command prints, in log files, in the journal and its -wal, in
/proc/PID/cmdline and environ; and nobody of the same user reads the process.

    canary_test.py PROGRAM      Python's standard library only; as root it runs the service as nobody.
"""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

import program
from canaries import USER, LockedInTheEnd, ScriptedHttp, Secrets, answers_of

HANG_SECONDS = 60
CONFIG = """
[[feed]]
venue = "binance"
url = "file:{folder}/capture"
[[rule]]
name = "t"
timeframes = ["1s"]
warmup_bars = 15
[state]
dir = "{folder}/out/state"
ballast_mib = 1
[socket]
path = "{folder}/s"
[[sink]]
type = "log"
name = "log"
format = "json"
path = "{folder}/out/log.json"
"""
RULES = """
max_symbols = 1
group_wait = "0s"
group_interval = "0s"
rate = ["1000/1s+1000"]
expires = "365d"
"""
class Canary(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-"))  # short, because the socket's path is
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.servers = contextlib.ExitStack()
        self.addCleanup(self.servers.close)
        # An ordinary user's process, which the program need not lie open to.
        self.user = {}
        if os.geteuid() == 0:
            self.user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        self.program = shutil.copy(program.program, self.folder / "fastrsi")
        (self.folder / "out").mkdir()
        self.give_away()
        self.secrets = Secrets(self.folder)
        self.http, self.smtp, self.sinks = {}, {}, []
        program.BEGIN_NS = (time.time_ns() // 10**9 - 120) * 10**9
        (self.folder / "capture").write_bytes(b"".join(program.made_up_session(symbols=1, seconds=60)))

    # The configuration.

    def add_sink(self, name, kind, lines):
        self.sinks.append(f'[[sink]]\ntype = "{kind}"\nname = "{name}"\n{RULES}{lines}\n')

    def add_smtp(self, source):
        password, words = self.secrets.take(source)
        server = self.smtp["mail_" + source] = self.servers.enter_context(LockedInTheEnd(password))
        self.add_sink("mail_" + source, "email", f"""from = "rsi@example.test"
to = ["a@example.test"]
smtp = [{{ host = "127.0.0.1", port = {server.port}, tls = "none", user = "{USER}", password = {words} }}]""")

    def add_push(self, service, keys, **secrets):
        """`secrets` are keys with their sources; `keys` the lines beside them."""
        words = {}
        taken = []
        server = self.servers.enter_context(ScriptedHttp())
        for key, source in secrets.items():
            secret = None
            if key == "url":
                number = len(self.secrets.all)
                secret = f"{server.base}/hooks/canaryhook{number}/x?key=canaryquery{number}"
            elif service == "telegram":
                secret = "123456:canary-Token_x"
            secret, words[key] = self.secrets.take(source, secret)
            taken.append(secret)
        server.answers = answers_of(service, taken)
        server.moods = list(server.answers)
        self.http["push_" + service] = server
        if service == "relay":
            return self.add_sink("push_relay", "email", f"""protocol = "http"
from = "rsi@example.test"
to = ["a@example.test"]
http = {{ url = "{server.base}/relay", header = {{ Authorization = {words["header"]} }}, allow_private = true }}""")
        lines = [f'service = "{service}"', "allow_private = true", *keys]
        if "url" not in words:
            lines.append(f'api_base = "{server.base}"')
        if "header" in words:
            words["header"] = f'{{ "X-Key" = {words["header"]} }}'
        lines += [f"{key} = {text}" for key, text in words.items()]
        self.add_sink("push_" + service, "push", "\n".join(lines))

    def make_all(self):
        (self.folder / "show").write_text(f"#!/bin/sh\nenv >> {self.folder}/out/environment\nexit 75\n")
        (self.folder / "show").chmod(0o755)
        self.add_sink("show", "exec", f'command = ["{self.folder}/show"]')
        for source in ("file", "env", "credential", "command"):
            self.add_smtp(source)
        self.add_push("telegram", ['chat = ["-100"]'], token="file")
        self.add_push("ntfy", ['chat = ["topic"]', 'user = "me"'], password="env")
        self.add_push("pushover", ['chat = ["user"]'], token="command")
        self.add_push("gotify", [], token="text")
        self.add_push("webhook", [], url="text", signing_key="credential", header="env")
        self.add_push("discord", [], url="env")
        self.add_push("slack", [], url="file")
        self.add_push("mattermost", [], url="command")
        self.add_push("relay", [], header="credential")
        (self.folder / "c.toml").write_text(CONFIG.format(folder=self.folder) + "".join(self.sinks))
        (self.folder / "c.toml").chmod(0o600)
        self.give_away()

    def give_away(self):
        """All of it to the user whom the program runs as."""
        if self.user:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, pwd.getpwnam("nobody").pw_uid, self.user["group"])

    # Running it.

    def call(self, *words):
        """A command's exit code and all that it prints, which no secret is in."""
        command = [str(word) for word in (self.program, *words)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=self.secrets.environment, timeout=HANG_SECONDS, **self.user)
        self.is_clean(" ".join(map(str, words)), done.stdout)
        return done.returncode, done.stdout.decode()

    def start(self):
        with open(self.folder / "out/stdout", "ab") as out, open(self.folder / "out/stderr", "ab") as err:
            service = subprocess.Popen([self.program, "run", "--stay", "--config", self.folder / "c.toml"],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env=self.secrets.environment, **self.user)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        return service

    def wait_for(self, service, missing):
        """Until nothing is missing."""
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            code, text = self.call("status", "--json", "--config", self.folder / "c.toml")
            left = missing({sink["name"]: sink for sink in json.loads(text)["sinks"]}) if code == 0 else [text]
            if not left:
                return
            said = (self.folder / "out/stderr").read_text()
            self.assertIsNone(service.poll(), said)
            self.assertLess(time.monotonic(), deadline, f"{left}\n{said}")

    def unanswered(self, sinks):
        """Sinks whose servers have not said everything."""
        return [*(f"{name}: {len(server.answers)} left" for name, server in self.http.items()
                  if len(server.answers) > 1),
                *(f"{name}: {server.tried} of {server.answers}" for name, server in self.smtp.items()
                  if not sinks[name]["delivery"]["config_error"])]

    # Looking.

    def is_clean(self, where, data):
        for form in self.secrets.forms():
            at = data.find(form.encode())
            if at >= 0:
                self.fail(f"{where} has {form!r}: ...{data[max(0, at - 200):at + 60]!r}")

    def files_are_clean(self):
        names = set()
        for path in sorted((self.folder / "out").rglob("*")):
            if path.is_file():
                self.is_clean(str(path), path.read_bytes())
                names.add(path.name)
        return names

    def reads_environment(self, process):
        """Whether somebody of the same user can, and so could read its memory."""
        return not subprocess.run(["cat", f"/proc/{process.pid}/environ"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, **self.user).returncode

    def process_is_closed(self, process):
        self.assertFalse(self.reads_environment(process))
        self.assertEqual(os.stat(f"/proc/{process.pid}/mem").st_uid, 0)
        self.is_clean("cmdline", pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes())
        if self.user:
            shown = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            self.assertIn(b"CREDENTIALS_DIRECTORY=", shown)
            self.is_clean("environ", shown)

    def test_a_service_says_no_secret(self):
        self.make_all()
        service = self.start()
        self.wait_for(service, self.unanswered)
        self.process_is_closed(service)
        names = self.files_are_clean()
        self.assertTrue({"journal.db", "journal.db-wal"} <= names, names)
        config = ("--config", self.folder / "c.toml")
        for words in (("status",), ("tail", "--no-follow"), ("tail", "--no-follow", "--json"), ("scan",), ("levels",)):
            self.call(*words, *config)
        for words in (("config", "check"), ("config", "dump")):
            self.assertEqual(self.call(*words, self.folder / "c.toml")[0], 0)
        stories = 0
        for line in (self.folder / "out/log.json").read_text().splitlines()[:60]:
            record = json.loads(line)
            if record["type"] == "signal":
                for more in ((), ("--json",)):
                    code, text = self.call("why", record["id"], *more, *config)
                    self.assertEqual(code, 0, text)
                    stories += "***" in text
        self.assertGreater(stories, 10)  # a server's words, its secrets taken out
        service.send_signal(signal.SIGTERM)
        service.wait(HANG_SECONDS)
        self.assertIn("environment", self.files_are_clean())
        self.the_journal_tells()
        self.a_restart_is_clean()

    def the_journal_tells(self):
        """Its rows are of all that the servers said, or looking for secrets in them shows nothing."""
        with contextlib.closing(sqlite3.connect(self.folder / "out/state/journal.db")) as journal:
            for table in ("delivery_attempts", "delivery_dead"):
                rows = journal.execute(f"SELECT DISTINCT sink FROM {table} WHERE text LIKE '%***%'").fetchall()
                self.assertEqual({name for name, in rows}, set(self.http) | set(self.smtp), table)
            journal.execute("UPDATE delivery_targets SET due = 0 WHERE sink = 'show'")
            journal.commit()
        for server in self.http.values():
            sent = str(server.requests)
            self.assertTrue("canary" in sent or "v1=" in sent or "Basic" in sent)
        for server in self.smtp.values():
            self.assertGreater(server.tried, 3)

    def a_restart_is_clean(self):
        """What waits is due at once, and a program of the user's must not find the others' secrets."""
        (self.folder / "out/environment").unlink()
        service = self.start()
        self.wait_for(service, lambda _: [] if (self.folder / "out/environment").exists() else ["show"])
        service.send_signal(signal.SIGTERM)
        service.wait(HANG_SECONDS)
        self.files_are_clean()

    def test_a_test_says_no_secret(self):
        self.make_all()
        config = ("--config", self.folder / "c.toml")
        for name, server in self.http.items():
            for mood in server.moods:
                server.answers = [mood]
                text = self.call("test", name, *config)[1]
                self.assertIn(name, text)
                self.call("test", name, "--no-message", *config)
        for name, server in self.smtp.items():
            for _ in range(server.answers):
                self.assertIn("> AUTH PLAIN ***", self.call("test", name, *config)[1])
                self.call("test", name, "--no-message", *config)
            self.assertIn("535", self.call("test", name, *config)[1])
        self.files_are_clean()

    def test_a_test_is_closed_to_others_of_the_same_user(self):
        self.make_all()
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, **self.user) as ordinary:
            self.assertTrue(self.reads_environment(ordinary))
        for name in ("push_ntfy", "push_discord", "push_telegram"):
            server = self.http[name]
            server.answers = ["hang"]
            process = subprocess.Popen([self.program, "test", name, "--config", self.folder / "c.toml"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       env=self.secrets.environment, **self.user)
            try:
                with server.came:
                    self.assertTrue(server.came.wait_for(lambda: server.requests, HANG_SECONDS))
                self.assertFalse(self.reads_environment(process))
            finally:
                process.kill()
                process.wait()

    def test_a_configuration_that_is_wrong_says_no_secret(self):
        wrong = ['token = ["canary one"]', 'token = { fil = "canary two" }',
                 'token = { file = "a", text = "canary three" }', 'token = canary', 'tokn = "canary four"',
                 'token = "canary\\u0001five"', 'token = """canary\nsix"""', 'header = "canary seven"',
                 'header = { "X" = ["canary eight"] }', 'url = "ftp://canary.test/nine"',
                 'url = "https://u:canary@host.test/"', 'password = 5\ntoken = "canary ten"',
                 'signing_key = { env = ["canary"] }']
        for line in wrong:
            (self.folder / "c.toml").write_text(CONFIG.format(folder=self.folder) + f"""[[sink]]
type = "push"
name = "p"
service = "webhook"
{line}
""")
            (self.folder / "c.toml").chmod(0o600)
            self.give_away()
            with self.subTest(line=line):
                self.call("config", "check", self.folder / "c.toml")
                self.call("config", "dump", self.folder / "c.toml")
                self.call("test", "p", "--config", self.folder / "c.toml")


if __name__ == "__main__":
    program.main()
