"""The servers of our own: each listens, and has a thread a connection."""

import contextlib
import socket
import ssl
import struct
import threading


def tls_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def reset_when_closed(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Listening:
    """One that derives from it has `_talk(client, number)`, with connections numbered from 1; the connection
    is closed behind it, and one that breaks is its end. Begins to listen last, when the rest is there."""

    def __init__(self, listener=None):
        self.connections = 0
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        if self.listener.family == socket.AF_INET:
            self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_listening()

    def stop_listening(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client, self.connections), daemon=True).start()

    def _serve(self, client, number):
        with client, contextlib.suppress(OSError, EOFError):
            self._talk(client, number)
