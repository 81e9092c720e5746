"""Asks of postfix whether a login is good, answered as dovecot does: its authentication protocol,
version 1, on a socket of the file system, for PLAIN and LOGIN. A user "busy" gets no answer: the
connection is closed."""

import base64
import os
import socket

from harness import PASSWORD, USER
from listening import Listening

GREETING = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t{}\nCOOKIE\t{}\nDONE\n"


class DovecotAuth(Listening):
    def __init__(self, path):
        self.logins = []  # mechanism and user of each that was good
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        os.chmod(path, 0o666)
        listener.listen()
        super().__init__(listener)

    def _talk(self, client, number):
        going = {}  # request -> mechanism and what it has told so far
        with client.makefile("r") as lines:
            client.sendall(GREETING.format(number, os.urandom(16).hex()).encode())
            for line in lines:
                command, *words = line.rstrip("\n").split("\t")
                if command not in ("AUTH", "CONT"):
                    continue
                answer = self._answer(command, words, going)
                if answer is None:
                    return
                client.sendall(answer.encode() + b"\n")

    def _answer(self, command, words, going):
        request = words[0]
        if command == "AUTH":
            going[request] = (words[1], [])
            told = next((word[5:] for word in words if word.startswith("resp=")), None)
        else:
            told = words[1]
        mechanism, parts = going[request]
        if told is not None:
            parts.append(base64.b64decode(told).decode())
        if mechanism == "PLAIN":
            user, password = parts[0].split("\0")[1:] if parts else (None, None)
            question = ""
        else:
            user, password = (parts + [None, None])[:2]
            question = ("Username:", "Password:")[min(len(parts), 1)]
        if password is None:
            return f"CONT\t{request}\t{base64.b64encode(question.encode()).decode()}"
        del going[request]
        if user == "busy":
            return None
        if (user, password) != (USER, PASSWORD):
            return f"FAIL\t{request}\tuser={user}"
        self.logins.append((mechanism, user))
        return f"OK\t{request}\tuser={user}"
