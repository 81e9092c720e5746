#!/usr/bin/env python3
"""Transports of this machine: mails as files, programs, the screen; and where secrets come from.

    local_test.py SEND      the program of send.cpp. The screen needs dbus-daemon; nothing else does.
"""

import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import time
import unittest

import harness
from harness import Sender, outcomes
from scripted_http import ScriptedHttp

MID = "abcdefghijklmnopqrstuvwxyz"


class Case(unittest.TestCase):
    def setUp(self):
        scratch = harness.scratch()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def holds(self, answer, outcome, row):
        self.assertEqual((outcomes(answer), answer["row"]), ([outcome] * len(answer["targets"]), row), answer)


class Pickup(Case):
    OCTETS = "Subject: x\r\n\r\nسلام\r\n"

    def test_a_mail_stands_there_once_and_whole(self):
        with Sender("pickup", {"directory": str(self.folder)}) as sender:
            for _ in range(2):
                self.holds(sender.send(["a@x.test"], self.OCTETS, MID), "done", "ok")
            self.holds(sender.send(["a@x.test"], self.OCTETS, "other"), "done", "ok")
        self.assertEqual(sorted(p.name for p in self.folder.glob("*.eml")), [MID + ".eml", "other.eml"])
        self.assertEqual((self.folder / (MID + ".eml")).read_bytes(), self.OCTETS.encode())
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])

    def test_the_form_for_iis_names_the_envelope(self):
        with Sender("pickup", {"directory": str(self.folder), "iis": True, "from": "rsi@x.test"}) as sender:
            self.holds(sender.send(["a@x.test", "b@x.test"], self.OCTETS, MID), "done", "ok")
        self.assertEqual((self.folder / (MID + ".eml")).read_bytes().decode(),
                         "X-Sender: rsi@x.test\r\nX-Receiver: a@x.test\r\nX-Receiver: b@x.test\r\n" + self.OCTETS)

    def test_a_name_leads_nowhere_else(self):
        with Sender("pickup", {"directory": str(self.folder)}) as sender:
            for mid in ("../x", "a/b", "", ".", "a.b", "x\x00", "x" * 65):
                self.holds(sender.send(["a@x.test"], self.OCTETS, mid), "permanent", "octets")
            self.holds(sender.send(["a@x.test\r\nX: y"], self.OCTETS, MID), "permanent", "address_refused")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["tmp"])

    def test_a_link_laid_in_its_way_is_not_followed(self):
        victim = self.folder / "victim"
        victim.write_text("untouched")
        spool = self.folder / "spool"
        (spool / "tmp").mkdir(parents=True)
        (spool / "tmp" / (MID + ".eml")).symlink_to(victim)
        with Sender("pickup", {"directory": str(spool)}) as sender:
            self.holds(sender.send(["a@x.test"], self.OCTETS, MID), "done", "ok")
        self.assertEqual(victim.read_text(), "untouched")
        self.assertFalse((spool / (MID + ".eml")).is_symlink())

    def test_a_folder_that_goes_away_and_comes_back(self):
        spool = self.folder / "spool"
        with Sender("pickup", {"directory": str(spool)}) as sender:
            self.assertIn(str(spool), sender.start["refused"])
        spool.mkdir()
        with Sender("pickup", {"directory": str(spool)}) as sender:
            self.holds(sender.probe(), "done", "ok")
            shutil.rmtree(spool)
            self.holds(sender.probe(), "endpoint_failure", "pickup_folder")
            self.holds(sender.send(["a@x.test"], self.OCTETS, MID), "endpoint_failure", "pickup_folder")
            spool.mkdir()
            self.holds(sender.send(["a@x.test"], self.OCTETS, MID), "done", "ok")

    def test_a_file_that_cannot_be_written_whole_leaves_nothing(self):
        spool = self.folder / "spool"
        spool.mkdir()
        with Sender("pickup", {"directory": str(spool)}) as sender:
            resource.prlimit(sender.process.pid, resource.RLIMIT_FSIZE, (10, 10))
            self.holds(sender.send(["a@x.test"], self.OCTETS, MID), "endpoint_failure", "pickup_write")
            self.assertEqual(list(spool.glob("*.eml")) + list((spool / "tmp").iterdir()), [])


class Exec(Case):
    def script(self, text):
        path = self.folder / "script"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return str(path)

    def run_it(self, text, octets='{"a":"b"}', **more):
        with Sender("exec", {"command": [self.script(text)], **more}) as sender:
            return sender.send(["x"], octets, MID)

    def test_what_it_returns(self):
        for code, outcome, row in [(0, "done", "ok"), (1, "temporary", "exec_failed"), (75, "temporary", "exec_failed"),
                                   (64, "permanent", "exec_refused"), (65, "permanent", "exec_refused")]:
            answer = self.run_it(f"echo told; exit {code}")
            self.holds(answer, outcome, row)
            self.assertEqual(answer["targets"][0]["code"], code)
            self.assertIn("told", answer["targets"][0]["text"])
        self.holds(self.run_it("kill -9 $$"), "in_doubt", "exec_killed")

    def test_it_gets_the_octets_and_no_shell(self):
        octets = json.dumps({"symbol": "$(touch x); `id` سلام", "long": "y" * 300_000})
        with Sender("exec", {"command": [self.script(f'cat > {self.folder}/in; echo "$1" > {self.folder}/word'),
                                         "$(id); *"]}) as sender:
            self.holds(sender.send(["x"], octets, MID), "done", "ok")
        self.assertEqual((self.folder / "in").read_text(), octets)
        self.assertEqual((self.folder / "word").read_text(), "$(id); *\n")

    def test_it_need_not_read(self):
        self.holds(self.run_it("exec 0<&-; exit 0", octets="z" * 1_000_000), "done", "ok")

    def test_one_that_hangs_is_killed_with_its_children(self):
        answer = self.run_it(f"trap '' TERM; sleep 1000 & echo $! > {self.folder}/child; wait; wait", timeout_ms=500)
        self.holds(answer, "in_doubt", "exec_timeout")
        child = int((self.folder / "child").read_text())
        # A zombie may be left for the system's first process to reap.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if "Z" in pathlib.Path(f"/proc/{child}/stat").read_text().split()[2]:
                    return
            except FileNotFoundError:
                return
        self.fail(f"process {child} lives on")

    def test_one_that_talks_for_ever_is_cut(self):
        answer = self.run_it("while :; do echo canary; done", timeout_ms=500)
        self.holds(answer, "in_doubt", "exec_timeout")
        self.assertLess(len(json.dumps(answer)), 2000)
        answer = self.run_it("head -c 1000000 /dev/zero; exit 1")
        self.holds(answer, "temporary", "exec_failed")
        self.assertLess(len(json.dumps(answer)), 2000)

    def test_one_that_leaves_a_child_behind_does_not_keep_us(self):
        self.holds(self.run_it("sleep 30 & exit 0", timeout_ms=20_000), "done", "ok")

    def test_it_inherits_three_descriptors(self):
        probe = [sys.executable, "-c", f"import os; open('{self.folder}/fds','w').write(str(sorted("
                 "int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/'+n))))"]
        with Sender("exec", {"command": probe}) as sender:
            self.holds(sender.send(["x"], "{}", MID), "done", "ok")
        # 3 is the listing itself.
        self.assertIn((self.folder / "fds").read_text(), ("[0, 1, 2]", "[0, 1, 2, 3]"))

    def test_a_program_that_is_not_there(self):
        with Sender("exec", {"command": ["/nothing/here"]}) as sender:
            self.assertIn("/nothing/here", sender.start["refused"])
        with Sender("exec", {"command": ["fastrsi-no-such-program"]}) as sender:
            answer = sender.send(["x"], "{}", MID)
            self.holds(answer, "endpoint_failure", "exec_missing")
            self.assertTrue(answer["config_suspect"])

    def test_what_it_says_is_made_printable(self):
        answer = self.run_it("printf 'a\\033[31m\\nb\\377'; exit 1")
        self.assertEqual(answer["targets"][0]["text"], "exit code 1: a\\x1b[31m\\x0ab\\xff")


class Secrets(Case):
    """Each source, and what is refused of it."""

    def said_with(self, source, environment=None):
        with ScriptedHttp() as server:
            settings = {"service": "webhook", "url": server.base + "/", "headers": {"X-Key": source}}
            with Sender("push", settings, {"PATH": os.environ["PATH"], **(environment or {})}) as sender:
                if "refused" in sender.start:
                    return None, sender.start["refused"], sender
                answer = sender.send(["x"], "{}", MID)
                key = server.requests[0]["headers"]["x-key"] if server.requests else None
                return key, answer["targets"][0]["text"], sender

    def secret_file(self, text="canary one\n", mode=0o600):
        path = self.folder / "secret"
        path.write_text(text)
        path.chmod(mode)
        return path

    def test_a_file(self):
        for text, wanted in [("canary one\n", "canary one"), ("canary\n", "canary"), ("canary", "canary")]:
            self.assertEqual(self.said_with({"file": str(self.secret_file(text))})[0], wanted)
        self.assertEqual(self.said_with({"file": str(self.secret_file(mode=0o400))})[0], "canary one")

    def test_a_file_that_others_could_read_or_change(self):
        for mode in (0o640, 0o604, 0o620, 0o602, 0o601):
            _, words, _ = self.said_with({"file": str(self.secret_file(mode=mode))})
            self.assertIn("chmod 600", words)
        link = self.folder / "link"
        link.symlink_to(self.secret_file())
        self.assertIn("symbolic link", self.said_with({"file": str(link)})[1])
        self.assertIn("regular file", self.said_with({"file": str(self.folder)})[1])
        fifo = self.folder / "fifo"
        os.mkfifo(fifo, 0o600)
        self.assertIn("regular file", self.said_with({"file": str(fifo)})[1])
        self.assertIn("No such file", self.said_with({"file": str(self.folder / "none")})[1])
        for text, word in [("x" * 65537, "64 KiB"), ("", "empty"), ("\n", "empty"), ("a\nb\n", "control"),
                           ("a\r\n", "control"), ("a\0b", "control")]:
            self.assertIn(word, self.said_with({"file": str(self.secret_file(text))})[1])
        if os.geteuid() == 0:
            path = self.secret_file()
            os.chown(path, 65534, 65534)
            self.assertIn("another user", self.said_with({"file": str(path)})[1])

    def test_the_environment(self):
        key, _, _ = self.said_with({"env": "FASTRSI_TEST"}, {"FASTRSI_TEST": "canary two"})
        self.assertEqual(key, "canary two")
        self.assertIn("FASTRSI_TEST", self.said_with({"env": "FASTRSI_TEST"})[1])

    def test_the_environment_does_not_keep_it(self):
        with ScriptedHttp() as server:
            settings = {"service": "webhook", "url": server.base + "/", "headers": {"X-Key": {"env": "FASTRSI_TEST"}}}
            with Sender("push", settings, {"FASTRSI_TEST": "canary two"}) as sender:
                shown = pathlib.Path(f"/proc/{sender.process.pid}/environ").read_bytes()
                self.assertNotIn(b"canary", shown)

    def test_a_credential_of_systemd(self):
        environment = {"CREDENTIALS_DIRECTORY": str(self.folder)}
        self.secret_file(mode=0o400)
        self.assertEqual(self.said_with({"credential": "secret"}, environment)[0], "canary one")
        self.assertIn("CREDENTIALS_DIRECTORY", self.said_with({"credential": "secret"})[1])
        for name in ("../secret", ".secret", "a/b"):
            self.assertIn("no name", self.said_with({"credential": name}, environment)[1])

    def test_a_variable_that_two_name(self):
        source = {"env": "SECRET"}
        with ScriptedHttp() as server:
            settings = {"service": "webhook", "url": server.base + "/", "headers": {"X-Key": source, "X-Other": source}}
            with Sender("push", settings, {"PATH": os.environ["PATH"], "SECRET": "canary two"}) as sender:
                self.assertNotIn("refused", sender.start)
                self.holds(sender.send(["x"], "{}", MID), "done", "ok")
            headers = server.requests[0]["headers"]
            self.assertEqual((headers["x-key"], headers["x-other"]), ("canary two", "canary two"))

    def test_a_command(self):
        self.assertEqual(self.said_with({"command": ["printf", "canary three\\n"]})[0], "canary three")
        for command, words in [(["false"], "exit code 1"), (["/nothing"], "cannot be started"), (["true"], "empty"),
                               (["head", "-c", "70000", "/dev/zero"], "64 KiB")]:
            key, text, _ = self.said_with({"command": command})
            self.assertIsNone(key)
            self.assertIn(words, text)

    def test_what_a_command_says_wrong_is_not_repeated(self):
        for said in ("canary\\nsecond", "canary\\x01"):
            _, text, sender = self.said_with({"command": ["printf", said]})
            self.assertNotIn("canary", "".join(sender.said))


FORMAT = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)


def wave(*chunks):
    body = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


DATA = b"data" + struct.pack("<I", 4) + b"\x80\x81\x80\x7f"
# A notification service of ours, where Python's D-Bus is there: prints each call as a line.
SERVICE = """
import json, sys, time
import dbus, dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib
DBusGMainLoop(set_as_default=True)
NAME = 'org.freedesktop.Notifications'
class Notifications(dbus.service.Object):
    @dbus.service.method(NAME, in_signature='', out_signature='as')
    def GetCapabilities(self):
        return dbus.Array(sys.argv[1:], signature='s')
    @dbus.service.method(NAME, in_signature='susssasa{sv}i', out_signature='u')
    def Notify(self, app, replaces, icon, title, body, actions, hints, time):
        if title == 'refuse':
            raise dbus.exceptions.DBusException('no', name='org.test.Refused')
        print(json.dumps([app, title, body, {k: (int(v) if isinstance(v, dbus.Byte) else str(v)) for k, v in hints.items()}]),
              flush=True)
        return 7
bus = dbus.SessionBus()
name = dbus.service.BusName(NAME, bus)
service = Notifications(bus, '/org/freedesktop/Notifications')
print('ready', flush=True)
GLib.MainLoop().run()
"""


class Desktop(Case):
    def sound(self, data):
        path = self.folder / "alert.wav"
        path.write_bytes(data)
        return str(path)

    def test_sounds_are_looked_at_when_the_program_starts(self):
        good = [wave(FORMAT, DATA), wave(b"LIST" + struct.pack("<I", 3) + b"abc\0", FORMAT, DATA)]
        for data in good:
            with Sender("desktop", {"sound": self.sound(data)}) as sender:
                self.assertNotIn("refused", sender.start)
        whole = wave(FORMAT, DATA)
        bad = [b"", b"RIFF", b"ID3\3" + b"x" * 100, b"OggS" + b"x" * 100, wave(), wave(FORMAT), wave(DATA, FORMAT), wave(DATA),
               wave(FORMAT, b"data\0\0\0\0"), wave(b"fmt \4\0\0\0abcd", DATA), whole[:44], whole[:30],
               wave(b"junk\xff\xff\xff\xff", FORMAT, DATA)]
        for data in bad:
            with self.subTest(data=data), Sender("desktop", {"sound": self.sound(data)}) as sender:
                self.assertIn("alert.wav", sender.start.get("refused", "(taken)"))
        for path in (str(self.folder), str(self.folder / "none.wav"), "/dev/zero"):
            with Sender("desktop", {"sound": path}) as sender:
                self.assertIn(path, sender.start["refused"])

    def test_without_a_bus(self):
        with Sender("desktop", {}, {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/none"}) as sender:
            self.holds(sender.probe(), "endpoint_failure", "desktop_no_bus")
            self.holds(sender.send(["x"], '{"title":"t"}', MID), "endpoint_failure", "desktop_no_bus")
            self.holds(sender.send(["x"], '{"body":"b"}', MID), "permanent", "octets")

    def bus(self):
        """Environment of a bus of our own."""
        if not shutil.which("dbus-daemon"):
            self.skipTest("dbus-daemon is not installed (mend: apt install dbus-daemon)")
        config = self.folder / "bus.conf"
        config.write_text(f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type>
 <listen>unix:dir={self.folder}</listen><auth>EXTERNAL</auth><policy context="default">
 <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>""")
        daemon = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        self.addCleanup(daemon.stdout.close)
        return {**os.environ, "DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}

    def test_a_bus_without_a_desktop(self):
        with Sender("desktop", {}, self.bus()) as sender:
            self.holds(sender.send(["x"], '{"title":"t"}', MID), "endpoint_failure", "desktop_no_service")

    def test_a_notification_with_its_sound(self):
        probe = subprocess.run(["/usr/bin/python3", "-c", "import dbus, gi.repository.GLib"], capture_output=True)
        if probe.returncode:
            self.skipTest("python3-dbus and python3-gi are not installed (mend: apt install python3-dbus python3-gi)")
        environment = self.bus()
        for capabilities, body in [(["body"], "<b> & x"), (["body", "body-markup"], "&lt;b&gt; &amp; x")]:
            service = subprocess.Popen(["/usr/bin/python3", "-c", SERVICE, *capabilities], stdout=subprocess.PIPE, text=True,
                                       env=environment)
            try:
                self.assertEqual(service.stdout.readline(), "ready\n")
                sound = self.sound(wave(FORMAT, DATA))
                with Sender("desktop", {"sound": sound}, environment) as sender:
                    self.holds(sender.probe(), "done", "ok")
                    note = {"title": "خرید", "body": "<b> & x", "urgency": 2}
                    self.holds(sender.send(["x"], json.dumps(note), MID), "done", "ok")
                    shown = json.loads(service.stdout.readline())
                    self.assertEqual(shown, ["fastrsi", "خرید", body, {"urgency": 2, "sound-file": sound}])
                    self.holds(sender.send(["x"], '{"title":"refuse"}', MID), "permanent", "desktop_refused")
                    self.holds(sender.send(["x"], '{"title":"a\\u0000b"}', MID), "permanent", "octets")
                    self.holds(sender.send(["x"], '{"title":"after"}', MID), "done", "ok")
            finally:
                service.terminate()
                service.wait()
                service.stdout.close()


if __name__ == "__main__":
    harness.main(unittest.main)
