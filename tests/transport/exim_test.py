#!/usr/bin/env python3
"""Against a second real mail system: an exim of our own as an ordinary user, with logins by STARTTLS and TLS,
and behind a proxy that cuts the line at the final dot.

    exim_test.py SEND      the program of send.cpp. Skipped, with a word, without exim4 on the PATH or in
                           FASTRSI_EXIM. Debian's package and postfix's do not go together; unpacked it does:
                           apt-get download exim4-daemon-light libidn12 libgnutls-dane0, dpkg -x each to the
                           same folder, FASTRSI_EXIM=FOLDER/usr/sbin/exim4.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import unittest

import harness
import mail_system
from harness import PASSWORD, USER, Sender, outcomes
from mail_system import MAIL, Mailbox

EXIM = os.environ.get("FASTRSI_EXIM") or shutil.which(
    "exim4", path=os.environ.get("PATH", "") + ":/usr/sbin") or harness.skip(
    "exim4 is not installed", "apt install exim4-daemon-light, or FASTRSI_EXIM=/path/to/exim4")
OWNER = "Debian-exim"  # whom the package is built for: without this name it does not start
# In a name space of its own the files of users and groups are ours.
WITH_OWNER = ["unshare", "--mount", "sh", "-ec",
              'for file in passwd group; do mount --bind "$1/$file" "/etc/$file"; done; shift; exec "$@"', "sh"]

CONFIG = r"""
primary_hostname = mx.exim.test
exim_path = {exim}
exim_user = {user}
exim_group = {group}
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/log-%slog
pid_file_path = {folder}/pid
keep_environment = LD_LIBRARY_PATH
deliver_drop_privilege = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls}
tls_on_connect_ports = {tls}
tls_certificate = {certificate}
tls_privatekey = {key}
tls_advertise_hosts = *
smtp_accept_max_per_connection = 1000
domainlist local_domains = example.test
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
acl_smtp_mail = accept
begin acl
rcpt:
  deny local_parts = no
       message = 550 5.1.1 no such user
  defer local_parts = later
       message = 452 4.2.2 mailbox full
  deny condition = ${{if and{{{{def:tls_in_cipher}}{{!def:authenticated_id}}}}}}
       message = 550 5.7.1 log in first
  accept domains = +local_domains
  deny message = 550 5.7.1 relay not permitted
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = {folder}/mail
  maildir_format
  user = {user}
  group = {group}
begin retry
* * F,1h,1m
begin authenticators
PLAIN:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{login}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
LOGIN:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{login}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""


def account():
    """Whom it runs as: an ordinary user."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


class Exim:
    def __init__(self, folder, certificate):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        user = account()
        for name in ("spool", "mail", "mail/cur", "mail/new", "mail/tmp"):
            (self.folder / name).mkdir()
        # A copy has no set-uid bit.
        program = shutil.copyfile(EXIM, self.folder / "exim4")
        pathlib.Path(program).chmod(0o755)
        own = [shutil.copy(path, self.folder) for path in certificate]
        self.box = Mailbox(self.folder / "mail/new")
        self.port, self.tls = harness.free_ports(2)
        (self.folder / "exim.conf").write_text(CONFIG.format(
            folder=self.folder, exim=program, user=user.pw_uid, group=user.pw_gid, port=self.port, tls=self.tls,
            certificate=own[0], key=own[1], login=USER, password=PASSWORD))
        for name, line in (("passwd", f"{OWNER}:x:{user.pw_uid}:{user.pw_gid}::/:/usr/sbin/nologin\n"),
                           ("group", f"{OWNER}:x:{user.pw_gid}:\n")):
            (self.folder / name).write_text(pathlib.Path("/etc", name).read_text() + line)
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        words = [program, "-C", self.folder / "exim.conf", "-bdf", "-q1m"]
        if os.geteuid() == 0:
            words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *words]
        if not has_owner():
            words = [*WITH_OWNER, self.folder, *words]
        # Libraries that were unpacked beside it.
        libraries = ":".join(map(str, pathlib.Path(EXIM).resolve().parents[2].glob("usr/lib/*-linux-gnu")))
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, env=os.environ | {"LD_LIBRARY_PATH": libraries})
        harness.until_it_listens(self.process, self.port, self.tls)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def has_owner():
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        return False
    return True


if not has_owner() and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
    harness.skip(f"there is no user {OWNER}", f"as root, useradd -r {OWNER}")


class Mails(mail_system.Case):
    @classmethod
    def setUpClass(cls):
        cls.scratch, cls.home = harness.scratch(), harness.scratch()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.addClassCleanup(cls.home.cleanup)
        cls.made = harness.Certificates(cls.scratch.name)
        cls.system = Exim(cls.home.name, cls.made.good)
        cls.addClassCleanup(cls.system.stop)

    def settings(self, tls, **more):
        port = self.system.tls if tls == "tls" else self.system.port
        return {"port": port, "tls": tls, "ca_file": str(self.made.ca), **more}

    def test_each_recipient_has_its_own_answer(self):
        with Sender("smtp", self.settings("none")) as sender:
            for _ in range(2):
                answer = sender.send(["a@example.test", "no@example.test", "later@example.test", "a@else.test"], MAIL)
                self.assertEqual(outcomes(answer), ["done", "permanent", "temporary", "permanent"], answer)
                self.assertEqual([target["code"] for target in answer["targets"]], [250, 550, 452, 550])
            self.arrived(2)

    def test_logins_by_starttls_and_tls(self):
        for tls in ("starttls", "tls"):
            for auth in ("plain", "login", "auto"):
                with self.subTest(tls=tls, auth=auth):
                    self.logs_in(self.settings(tls, auth=auth))
            with self.subTest(tls=tls):
                self.needs_its_login(self.settings(tls))


if __name__ == "__main__":
    harness.main(unittest.main)
