"""python3-aiosmtpd as a server for the tests: prints its port, stores each mail as NUMBER.eml.

    aiosmtpd_server.py FOLDER [CERTIFICATE KEY [--implicit]] [--auth]
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

words = [word for word in sys.argv[1:] if not word.startswith("--")]
folder = pathlib.Path(words[0])
context = None
if len(words) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(words[1], words[2])
implicit = "--implicit" in sys.argv
count = 0


class Store:
    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("no@"):
            return "550 5.1.1 No such user"
        if address.startswith("later@"):
            return "451 4.7.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server, session, envelope):
        global count
        count += 1
        login = f"X-Login: {session.auth_data if session.authenticated else '-'}\r\n"
        (folder / f"{count:03}.eml").write_bytes(login.encode() + envelope.content)
        return "250 2.0.0 stored"


def judge(_server, _session, _envelope, _mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"u@example.test", b"canary pass")
    return AuthResult(success=good, handled=False, auth_data=data.login.decode())


def make():
    more = {"authenticator": judge, "auth_required": True, "auth_require_tls": not implicit} if "--auth" in sys.argv else {}
    if context and not implicit:
        more["tls_context"] = context
    return SMTP(Store(), hostname="aiosmtpd.test", loop=asyncio.get_running_loop(), **more)


async def main():
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=context if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
