"""A small WebSocket client (RFC 6455) of the standard library, blocking, for whole-program tests.

Written apart from the program's own, so that one's error is not the other's.
"""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server did not open a WebSocket."""


class Closed(Exception):
    """The connection has ended; `code` is None when there was no close frame."""

    def __init__(self, code, reason=""):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    def __init__(self, host, port, target="/ws", ca_file=None, timeout=20):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        if ca_file:
            context = ssl.create_default_context(cafile=ca_file)
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.received = b""
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(
            b"GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n"
            % (target.encode(), host.encode(), port, key))
        try:
            while b"\r\n\r\n" not in self.received:
                self.read_more()
        except BaseException:
            self.socket.close()
            raise
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        if not head.startswith(b"HTTP/1.1 101 ") or accept not in head:
            self.socket.close()
            raise Refused(head.split(b"\r\n")[0].decode())

    def read_more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLError) as error:
            self.socket.close()
            raise Closed(None, str(error)) from None
        if not data:
            self.socket.close()
            raise Closed(None, "end")
        self.received += data

    def take(self, count):
        while len(self.received) < count:
            self.read_more()
        data, self.received = self.received[:count], self.received[count:]
        return data

    def frame(self):
        first, second = self.take(2)
        assert first & 0x70 == 0 and second & 0x80 == 0, "reserved bits, or a server that masks"
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.take(8))[0]
        return first & 0x0F, self.take(length)

    def message(self):
        """The next message's bytes. Answers pings; raises Closed at the end."""
        return self.typed_message()[1]

    def typed_message(self):
        while True:
            opcode, payload = self.frame()
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else None
                self.send_frame(CLOSE, payload[:2])
                self.socket.close()
                raise Closed(code, payload[2:].decode())
            elif opcode != PONG:
                return opcode, payload

    def messages(self):
        """All up to the end, and how it came."""
        got = []
        try:
            while True:
                got.append(self.message())
        except Closed as end:
            return got, end

    def send_frame(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        else:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def send(self, text):
        self.send_frame(TEXT, text.encode())

    def ask(self, what):
        """Sends an object and returns the next message, which is its answer on a quiet connection."""
        self.send(json.dumps(what))
        return json.loads(self.message())

    def close(self):
        self.socket.close()
