"""A mail server on loopback that asks for a password, for the tests: prints its port, then each mail as a line of JSON.

usage: smtp_server.py smtps|starttls CERTIFICATE KEY < PASSWORD
       smtp_server.py bare                                     (offers no TLS and asks for nothing)

The subject of a mail decides nothing; a recipient whose name begins with "refused" is refused, one that begins with
"slow" is taken only after a minute.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# It cannot see that TLS was there from the first byte.
warnings.filterwarnings("ignore", module="aiosmtpd")

mode, *files = sys.argv[1:]
password = sys.stdin.readline().strip().encode()


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return f"550 5.1.1 <{address}>: nobody of that name here"
        if address.startswith("slow"):
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        say({
            "envelope": {"from": envelope.mail_from, "to": envelope.rcpt_tos},
            "tls": session.ssl is not None or mode == "smtps",
            "user": session.auth_data,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
            "type": message.get_content_type(),
            "parts": parts,
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"tokenry" and data.password == password
    # What is not handled is answered with 535.
    return AuthResult(success=right, handled=right, auth_data=data.login.decode() if right else None)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if mode != "bare":
        context.load_cert_chain(*files)
    asks = {} if mode == "bare" else {"authenticator": authenticate, "auth_required": True}
    asks["auth_require_tls"] = mode == "starttls"
    if mode == "starttls":
        asks |= {"tls_context": context, "require_starttls": True}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), hostname="localhost", **asks),
        "127.0.0.1",
        0,
        ssl=context if mode == "smtps" else None,
    )
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(main())
