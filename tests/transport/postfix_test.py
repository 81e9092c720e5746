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
import unittest

import harness
import mail_system
from dovecot_auth import DovecotAuth
from harness import PASSWORD, USER, Sender, outcomes
from mail_system import MAIL, Mailbox

POSTFIX = shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin") or harness.skip(
    "postfix is not installed", "apt install postfix")
if os.geteuid() != 0:
    harness.skip("postfix is started by root only", "run the tests as root, in a container for example")

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
        self.box = Mailbox(self.folder / "mail/all/new")
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


class Mails(mail_system.Case):
    @classmethod
    def setUpClass(cls):
        cls.scratch = harness.scratch()
        cls.made = harness.Certificates(cls.scratch.name)
        os.chmod(cls.scratch.name, 0o755)
        cls.home = harness.scratch()
        cls.system = Postfix(cls.home.name, cls.made.good)

    @classmethod
    def tearDownClass(cls):
        cls.system.order("stop")
        cls.system.logins.stop_listening()
        cls.home.cleanup()
        cls.scratch.cleanup()

    def test_plain_starttls_and_tls(self):
        ports = [(self.system.port, "none"), (self.system.starttls, "starttls"), (self.system.tls, "tls")]
        for port, tls in ports:
            with self.subTest(tls=tls), Sender("smtp", {"port": port, "tls": tls, "ca_file": str(self.made.ca)}) as sender:
                self.system.box.forget()
                for _ in range(2):
                    answer = sender.send(["a@example.test", "no@example.test", "later@example.test"], MAIL)
                    self.assertEqual(outcomes(answer), ["done", "permanent", "temporary"], answer)
                self.arrived(2)
                answer = sender.send(["bye@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["endpoint_failure"], "rcpt_closed"))
                self.assertEqual(outcomes(sender.probe()), ["done"])

    def test_logins_by_starttls_and_tls(self):
        ports = [(self.system.starttls_login, "starttls"), (self.system.tls_login, "tls")]
        for port, tls in ports:
            settings = {"port": port, "tls": tls, "ca_file": str(self.made.ca)}
            for auth, mechanism in (("plain", "PLAIN"), ("login", "LOGIN"), ("auto", "PLAIN")):
                with self.subTest(tls=tls, auth=auth):
                    self.system.logins.logins.clear()
                    self.logs_in({**settings, "auth": auth})
                    self.assertEqual(set(self.system.logins.logins), {(mechanism, USER)})
            with self.subTest(tls=tls), Sender("smtp", {**settings, "user": "busy", "password": PASSWORD}) as sender:
                self.refused(sender.send(["a@example.test"], MAIL), "endpoint_failure", "auth_temporary", 454)
            with self.subTest(tls=tls):
                self.needs_its_login(settings)

    def test_a_login_that_a_port_does_not_offer_is_no_mail(self):
        settings = {"port": self.system.starttls, "ca_file": str(self.made.ca), "user": USER, "password": PASSWORD}
        with Sender("smtp", settings) as sender:
            for _ in range(2):
                answer = sender.send(["a@example.test"], MAIL)
                self.assertEqual((outcomes(answer), answer["row"]), (["auth_failure"], "auth_not_offered"), answer)
            self.assertNotIn("queued as", "".join(sender.said))  # its word for a mail that it has taken
            settings = {key: settings[key] for key in ("port", "ca_file")}
        with Sender("smtp", settings) as sender:
            self.assertEqual(outcomes(sender.send(["a@example.test"], MAIL)), ["done"])
            self.assertIn("queued as", "".join(sender.said))


if __name__ == "__main__":
    harness.main(unittest.main)
