"""A proxy in front of a real SMTP server that cuts one talk at a chosen place: the reply to the
final dot is lost after the server has given it, or the dot never reaches the server. TLS ends here
when a certificate is given; behind it the talk is plain."""

import socket
import threading

from listening import Listening, reset_when_closed, tls_context

REPLY_LOST, DOT_LOST = "the reply to the dot is lost", "the dot is lost"


class CutProxy(Listening):
    def __init__(self, upstream_port, mode, times=1, tls=None):
        self.upstream_port, self.mode, self.left = upstream_port, mode, times
        self.cut = 0
        self.context = tls_context(tls) if tls else None
        super().__init__()

    def _talk(self, client, _):
        if self.context:
            client = self.context.wrap_socket(client, server_side=True)
        with client, socket.create_connection(("127.0.0.1", self.upstream_port)) as server:
            Cut(self, client, server).run()


class Cut:
    """One talk: what the server says is handed on by a second thread."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.in_data = self.armed = False
        self.lock = threading.Lock()

    def reset(self):
        reset_when_closed(self.client)
        self.proxy.cut += 1
        # Both threads let go of it.
        try:
            self.client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def run(self):
        back = threading.Thread(target=self.hand_back, daemon=True)
        back.start()
        tail = b""
        try:
            while (got := self.client.recv(65536)):
                tail = (tail + got)[-5:]
                with self.lock:
                    if self.in_data and self.proxy.left > 0 and tail == b"\r\n.\r\n":
                        self.proxy.left -= 1
                        if self.proxy.mode == DOT_LOST:
                            # All but the dot has arrived; then the line is dead.
                            self.server.sendall(got[:-3] if len(got) > 3 else b"")
                            self.reset()
                            return
                        self.armed = True
                self.server.sendall(got)
            self.server.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        back.join(20)

    def hand_back(self):
        try:
            while (got := self.server.recv(65536)):
                with self.lock:
                    if self.armed:
                        self.reset()
                        return
                    if got.startswith(b"354"):
                        self.in_data = True
                    elif self.in_data:
                        self.in_data = False
                self.client.sendall(got)
        except OSError:
            pass
