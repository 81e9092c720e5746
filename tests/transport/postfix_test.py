#!/usr/bin/env python3
"""Against a real mail system: a postfix of our own in a folder of its own, plain, with TLS and with
logins, and behind a proxy that cuts the line at the final dot.

    postfix_test.py SEND      the program of send.cpp. Skipped, with a word, without postfix or root,
                              whom postfix wants to be started by.
"""

import grp
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402
from cut_proxy import DOT_LOST, REPLY_LOST, CutProxy  # noqa: E402
from dovecot_auth import PASSWORD, USER, DovecotAuth  # noqa: E402
from folder_watch import FolderWatch  # noqa: E402
from harness import Sender, outcomes  # noqa: E402

POSTFIX = shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin") or harness.skip(
    "postfix is not installed", "apt install postfix")
if os.geteuid() != 0:
    harness.skip("postfix is started by root only", "run the tests as root, in a container for example")

MAIL = "From: rsi@example.test\r\nMessage-ID: <mid1@example.test>\r\nSubject: x\r\n\r\n.\r\n..dots\r\nسلام\r\n"
DISTRIBUTED = ("/etc/postfix/master.cf.proto", "/usr/share/postfix/master.cf.dist")

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.postfix.test
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = example.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
virtual_minimum_uid = 1
default_transport = error:5.1.2 nothing goes outside
mynetworks = 127.0.0.0/8
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_client_connection_rate_limit = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/logins
smtpd_tls_auth_only = yes
smtpd_discard_ehlo_keywords = chunking
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{no@example.test = 550 5.1.1 no such user}}
   {{later@example.test = 452 4.2.2 mailbox full}} {{bye@example.test = 421 4.3.2 shutting down}} }}
"""


class Postfix:
    def __init__(self, folder, certificate):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        for name in ("etc", "queue", "data", "mail"):
            (self.folder / name).mkdir()
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        for box in ("mail", "mail/all", "mail/all/cur", "mail/all/new", "mail/all/tmp"):
            (self.folder / box).mkdir(exist_ok=True)
            os.chown(self.folder / box, nobody.pw_uid, nobody.pw_gid)
        self.came = FolderWatch(self.folder / "mail/all/new")
        self.port, self.starttls, self.tls, self.starttls_login, self.tls_login = harness.free_ports(5)
        self.logins = DovecotAuth(self.folder / "logins")
        etc = self.folder / "etc"
        (etc / "main.cf").write_text(MAIN.format(folder=self.folder, user=nobody.pw_uid, group=nobody.pw_gid,
                                                 certificate=certificate[0], key=certificate[1]))
        master = next(path for path in map(pathlib.Path, DISTRIBUTED) if path.exists()).read_text()
        lines = ["#" + line if line.split()[:2] == ["smtp", "inet"] else line for line in master.splitlines()]
        starttls, implicit = ("  -o smtpd_tls_security_level=encrypt",), ("  -o smtpd_tls_wrappermode=yes",)
        login = ("  -o smtpd_sasl_auth_enable=yes",
                 "  -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }")
        for port, options in [(self.port, ()), (self.starttls, starttls), (self.tls, implicit),
                              (self.starttls_login, starttls + login), (self.tls_login, implicit + login)]:
            lines += [f"127.0.0.1:{port} inet n - n - - smtpd", *options]
        (etc / "master.cf").write_text("\n".join(lines) + "\n")
        for name in ("postfix-files", "dynamicmaps.cf", "postfix-files.d", "dynamicmaps.cf.d"):
            found = pathlib.Path("/etc/postfix") / name
            if found.is_dir():
                shutil.copytree(found, etc / name)
            elif found.exists():
                shutil.copy(found, etc / name)
        started = self.order("start")
        if started.returncode:
            raise AssertionError(f"postfix does not start: {started.stdout}")

    def order(self, word):
        return subprocess.run([POSTFIX, "-c", self.folder / "etc", word], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    def stored(self, count):
        """Texts in the mailbox, when there are so many or no more come. A queue takes its time."""
        deadline = time.monotonic() + 60
        while True:
            texts = [path.read_text() for path in self.folder.glob("mail/all/new/*")]
            if len(texts) >= count or not self.came.wait(max(0, deadline - time.monotonic())):
                return texts

    def forget(self):
        for path in self.folder.glob("mail/all/new/*"):
            path.unlink()


class Mails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = harness.scratch()
        cls.made = harness.Certificates(cls.scratch.name)
        os.chmod(cls.scratch.name, 0o755)
        cls.home = harness.scratch()
        cls.postfix = Postfix(cls.home.name, cls.made.good)

    @classmethod
    def tearDownClass(cls):
        cls.postfix.order("stop")
        cls.postfix.logins.close()
        cls.home.cleanup()
        cls.scratch.cleanup()

    def setUp(self):
        self.postfix.forget()

    def holds(self, texts, count):
        self.assertEqual(len(texts), count)
        for text in texts:
            self.assertEqual(text.count("Message-ID: <mid1@example.test>"), 1)
            self.assertTrue(text.endswith("\n\n.\n..dots\nسلام\n"), text)

    def test_plain_starttls_and_tls(self):
        ports = [(self.postfix.port, "none"), (self.postfix.starttls, "starttls"), (self.postfix.tls, "tls")]
        for port, tls in ports:
            with self.subTest(tls=tls), Sender("smtp", {"port": port, "tls": tls, "ca_file": str(self.made.ca)}) as sender:
                self.postfix.forget()
                for _ in range(2):
                    answer = sender.send(["a@example.test", "no@example.test", "later@example.test"], MAIL)
                    self.assertEqual(outcomes(answer), ["done", "permanent", "temporary"], answer)
                self.holds(self.postfix.stored(2), 2)
                answer = sender.send(["bye@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["endpoint_failure"], "rcpt_closed"))
                self.assertEqual(outcomes(sender.probe()), ["done"])

    def test_logins_by_starttls_and_tls(self):
        ports = [(self.postfix.starttls_login, "starttls"), (self.postfix.tls_login, "tls")]
        for port, tls in ports:
            settings = {"port": port, "tls": tls, "ca_file": str(self.made.ca)}
            for auth, mechanism in (("plain", "PLAIN"), ("login", "LOGIN"), ("auto", "PLAIN")):
                with self.subTest(tls=tls, auth=auth):
                    self.postfix.forget()
                    self.postfix.logins.logins.clear()
                    login = {**settings, "auth": auth, "user": USER}
                    with Sender("smtp", {**login, "password": PASSWORD}) as sender:
                        self.assertEqual(outcomes(sender.probe()), ["done"])
                        for _ in range(2):
                            answer = sender.send(["a@example.test", "no@example.test"], MAIL)
                            self.assertEqual(outcomes(answer), ["done", "permanent"], answer)
                        self.holds(self.postfix.stored(2), 2)
                        self.assertNotIn("canary", "".join(sender.said))
                    self.assertEqual(set(self.postfix.logins.logins), {(mechanism, USER)})
                    self.postfix.forget()
                    with Sender("smtp", {**login, "password": "canary wrong"}) as sender:
                        for _ in range(2):
                            answer = sender.send(["a@example.test"], MAIL)
                            self.assertEqual((outcomes(answer), answer["row"], answer["targets"][0]["code"]),
                                             (["auth_failure"], "auth_refused", 535), answer)
                        self.assertNotIn("canary", "".join(sender.said))
            with self.subTest(tls=tls), Sender("smtp", {**settings, "user": "busy", "password": PASSWORD}) as sender:
                answer = sender.send(["a@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"], answer["targets"][0]["code"]),
                                 (["endpoint_failure"], "auth_temporary", 454), answer)
            with self.subTest(tls=tls), Sender("smtp", settings) as sender:  # one that has no login
                self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["permanent"])
            with self.subTest(tls=tls), Sender("smtp", {**settings, "auth": "cram-md5", "user": USER,
                                                        "password": PASSWORD}) as sender:
                self.assertEqual(sender.send(["a@example.test"], MAIL)["row"], "auth_mechanism")
            self.assertEqual(list(self.postfix.folder.glob("mail/all/new/*")), [])

    def test_a_login_that_a_port_does_not_offer_is_no_mail(self):
        settings = {"port": self.postfix.starttls, "ca_file": str(self.made.ca), "user": USER, "password": PASSWORD}
        with Sender("smtp", settings) as sender:
            for _ in range(2):
                answer = sender.send(["a@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["auth_failure"], "auth_not_offered"), answer)
            self.assertNotIn("queued as", "".join(sender.said))  # its word for a mail that it has taken
            settings = {key: settings[key] for key in ("port", "ca_file")}
        with Sender("smtp", settings) as sender:
            self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
            self.assertIn("queued as", "".join(sender.said))

    def cut(self, mode, stored):
        for tls in (None, self.made.good):
            with self.subTest(tls=tls is not None), CutProxy(self.postfix.port, mode, tls=tls) as proxy, \
                    Sender("smtp", {"port": proxy.port, "tls": "tls" if tls else "none", "ca_file": str(self.made.ca)}) as sender:
                self.postfix.forget()
                answer = sender.send(["a@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["in_doubt"], "dot_no_reply"), answer)
                self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
                self.holds(self.postfix.stored(stored), stored)

    def test_reply_lost_after_the_dot_is_in_doubt_and_comes_twice(self):
        self.cut(REPLY_LOST, 2)

    def test_cut_before_the_dot_is_stored_once(self):
        self.cut(DOT_LOST, 1)


if __name__ == "__main__":
    harness.main(unittest.main)
