"""An SMTP server that does wrong what it is told to: the standard library alone, one thread a
connection.

A fault is (step, number): what is done in place of the reply. The number is that of the mail, for
MAIL, RCPT, DATA, DOT; that of the connection for CONNECT, EHLO, STARTTLS, AUTH; that of the QUIT
for QUIT. What is done: a reply ("451 4.7.1 Later"), "drop", "hang", or a reply and " + drop".
Recipients may have a reply of their own.
"""

import base64
import hmac
import threading

from listening import Listening, reset_when_closed, tls_context

USER, PASSWORD, TOKEN = "u@example.test", "canary pass/word+1", "canary.token"


class ScriptedSmtp(Listening):
    def __init__(self, faults=None, tls=None, implicit=False, mechanisms=("PLAIN", "LOGIN"), recipients=None,
                 auth_reply=None, token=TOKEN, password=PASSWORD):
        self.faults = dict(faults or {})
        self.implicit, self.mechanisms = implicit, mechanisms
        self.recipients = recipients or {}
        self.auth_reply, self.token, self.password = auth_reply, token, password
        self.context = tls_context(tls) if tls else None
        self.mails, self.commands = [], []
        self.quits = self.tried = 0
        self.release = threading.Event()  # ends every hang
        super().__init__()

    def __exit__(self, *_):
        self.release.set()
        self.stop_listening()

    def _talk(self, client, number):
        talk = Talk(self, client, number)
        try:
            if self.implicit:
                talk.client = self.context.wrap_socket(client, server_side=True)
            talk.run()
        finally:
            talk.client.close()


class Talk:
    def __init__(self, server, client, number):
        self.server, self.client, self.number = server, client, number
        self.buffer = b""
        self.rcpt, self.reset = [], True
        self.secure = server.implicit
        self.authenticated = None

    def run(self):
        if self.reply("CONNECT", self.number, "220 scripted.test ESMTP"):
            while self.command(self.line()):
                pass

    def line(self):
        while b"\n" not in self.buffer:
            got = self.client.recv(65536)
            if not got:
                raise EOFError
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode(errors="replace")

    def say(self, text):
        self.client.sendall(text.encode() + b"\r\n")

    def drop(self):
        reset_when_closed(self.client)
        raise EOFError

    def reply(self, step, number, usual):
        """Whether the talk goes on as usual."""
        fault = self.server.faults.get((step, number))
        if fault is None:
            self.say(usual)
            return True
        if fault == "drop":
            if step == "CONNECT":
                raise EOFError  # a reset might come before connect() has seen the connection
            self.drop()
        if fault == "hang":
            self.server.release.wait()
            self.say(usual)
            return True
        text, _, then = fault.partition(" + ")
        self.say(text)
        if then:
            self.client.close()
            raise EOFError
        return text[0] in "23"

    def command(self, line):
        server = self.server
        server.commands.append(line)
        word = line.upper()
        if word.startswith(("EHLO", "HELO")):
            offers = ["scripted.test", "SIZE 1000000", "ENHANCEDSTATUSCODES"]
            if server.context and not self.secure:
                offers.append("STARTTLS")
            if server.mechanisms and (self.secure or not server.context):
                offers.append("AUTH " + " ".join(server.mechanisms))
            self.reply("EHLO", self.number, "\r\n".join("250-" + o for o in offers[:-1]) + "\r\n250 " + offers[-1])
        elif word == "STARTTLS":
            if self.reply("STARTTLS", self.number, "220 go"):
                self.client = server.context.wrap_socket(self.client, server_side=True)
                self.secure = True
        elif word.startswith("AUTH"):
            self.login(line.split())
        elif word.startswith("MAIL FROM:"):
            server.tried += 1
            self.mail, self.rcpt, self.sender = server.tried, [], line[10:]
            self.reply("MAIL", self.mail, "250 2.1.0 ok")
        elif word.startswith("RCPT TO:"):
            address = line[8:].strip("<>")
            if ("RCPT", self.mail) in server.faults:
                self.reply("RCPT", self.mail, "")
            else:
                answer = server.recipients.get(address, "250 2.1.5 ok")
                self.say(answer)
                if answer[0] == "2":
                    self.rcpt.append(address)
        elif word == "DATA":
            if self.reply("DATA", self.mail, "354 go on"):
                self.data()
        elif word in ("RSET", "NOOP"):
            self.reply(word, self.number, "250 ok")
        elif word == "QUIT":
            server.quits += 1
            self.reply("QUIT", server.quits, "221 bye")
            return False
        else:
            self.say("500 what?")
        return True

    def data(self):
        lines = []
        while (line := self.line()) != ".":
            lines.append(line[1:] if line.startswith(".") else line)
        fault = self.server.faults.get(("DOT", self.mail), "")
        # A reply that gets lost is one to a mail that is stored.
        if fault in ("", "drop", "hang"):
            self.server.mails.append({"rcpt": self.rcpt, "text": "\n".join(lines), "connection": self.number,
                                      "auth": self.authenticated})
        self.reply("DOT", self.mail, "250 2.0.0 stored")

    def challenge(self, text):
        self.say("334 " + base64.b64encode(text).decode())
        return base64.b64decode(self.line())

    def login(self, words):
        server, mechanism = self.server, words[1].upper()
        initial = base64.b64decode(words[2]) if len(words) > 2 and words[2] != "=" else None
        if ("AUTH", self.number) in server.faults or server.auth_reply:
            if initial is None:
                self.challenge(b"Username:")
            if mechanism == "LOGIN":
                self.challenge(b"Password:")
            server.faults.setdefault(("AUTH", self.number), server.auth_reply)
            self.reply("AUTH", self.number, "")
            return
        if mechanism == "PLAIN":
            good = (initial or self.challenge(b"")) == f"\0{USER}\0{server.password}".encode()
        elif mechanism == "LOGIN":
            user = initial or self.challenge(b"Username:")
            good = (user, self.challenge(b"Password:")) == (USER.encode(), server.password.encode())
        elif mechanism == "CRAM-MD5":
            text = b"<1.2@scripted.test>"
            good = self.challenge(text).decode() == f"{USER} {hmac.new(server.password.encode(), text, 'md5').hexdigest()}"
        else:
            good = (initial or self.challenge(b"")) == f"user={USER}\1auth=Bearer {server.token}\1\1".encode()
            if not good:
                self.challenge(b'{"status":"400","schemes":"Bearer"}')
        self.authenticated = mechanism if good else None
        self.say("235 2.7.0 welcome" if good else "535 5.7.8 no")
