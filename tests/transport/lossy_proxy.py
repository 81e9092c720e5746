"""A proxy in front of a real HTTP server that loses one answer: the server has done what it was asked,
and the line dies before a byte of that comes back."""

import socket

from listening import Listening, reset_when_closed


class LossyProxy(Listening):
    """Loses the answer after `answers` that it hands on, and no other."""

    def __init__(self, upstream_port, answers):
        self.upstream_port, self.left = upstream_port, answers
        super().__init__()

    def _talk(self, client, _):
        with socket.create_connection(("127.0.0.1", self.upstream_port)) as server, \
                client.makefile("rb") as asked, server.makefile("rb") as answered:
            while self._exchange(client, server, asked, answered):
                pass

    def _exchange(self, client, server, asked, answered):
        question = message(asked)
        if not question:
            return False
        server.sendall(question)
        answer = message(answered)
        self.left -= 1
        if self.left == -1:
            reset_when_closed(client)
            return False
        client.sendall(answer)
        return bool(answer)


def message(stream):
    """A question or an answer with its body, whose length its head tells."""
    head, length = b"", 0
    while (line := stream.readline()):
        head += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if line == b"\r\n":
            return head + stream.read(length)
    return b""
