"""An HTTP server that answers what it is told to: the standard library alone, a thread a connection.

`answers` are taken in turn, one a request; the last one stays. One is (status, headers, body), where
a body that is no text becomes JSON, or "drop" (the request is read, then the connection dies) or
"hang".
"""

import json
import threading

from listening import Listening, reset_when_closed, tls_context


class ScriptedHttp(Listening):
    def __init__(self, *answers, tls=None):
        self.answers = list(answers) or [(200, {}, "ok")]
        self.requests = []
        self.came = threading.Condition()  # a request
        self.context = tls_context(tls) if tls else None
        self.release = threading.Event()
        super().__init__()
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __exit__(self, *_):
        self.release.set()
        self.stop_listening()

    def _talk(self, client, number):
        if self.context:
            client = self.context.wrap_socket(client, server_side=True)
        with client, client.makefile("rb") as stream:
            while self._request(client, stream, number):
                pass

    def _request(self, client, stream, number):
        first = stream.readline().decode()
        if not first:
            return False
        method, path, _ = first.split()
        headers = {}
        while (line := stream.readline().decode().strip()):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        with self.came:
            self.requests.append({"method": method, "path": path, "headers": headers,
                                  "body": body.decode(errors="replace"), "connection": number})
            self.came.notify_all()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "drop":
            reset_when_closed(client)
            return False
        if answer == "hang":
            self.release.wait()
            return False
        status, more, text = answer
        data = text.encode() if isinstance(text, str) else json.dumps(text).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        client.sendall(f"HTTP/1.1 {status} Word\r\nContent-Length: {len(data)}\r\n{head}\r\n".encode() + data)
        return True
