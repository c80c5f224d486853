"""A real server for mail, for the tests: python smtp.py MODE FOLDER

Prints its port, writes the certificate of its authority into FOLDER, and each mail as a document.
MODE: starttls, tls, none (it has no TLS at all) or busy (the first mail is refused for now).
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

MODE, FOLDER = sys.argv[1], Path(sys.argv[2])
LOGIN = LoginPassword(b"bot", b"mail-password-secret")


class Handler:
    n_asked = 0

    async def handle_DATA(self, server, session, envelope):
        Handler.n_asked += 1
        if MODE == "busy" and Handler.n_asked == 1:
            return "451 4.7.1 Greylisted, try again"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        document = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_tls": session.ssl is not None or MODE == "tls",
            "is_logged_in": session.authenticated,
            "headers": [[name.lower(), str(value)] for name, value in mail.items()],
            "plain": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }
        part = FOLDER / f"{Handler.n_asked}.part"
        part.write_text(json.dumps(document))
        part.rename(FOLDER / f"{Handler.n_asked}.json")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_right = isinstance(data, LoginPassword) and data == LOGIN
    return AuthResult(success=is_right, handled=is_right)


async def main():
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(FOLDER / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    is_starttls = MODE in ("starttls", "busy")

    def make():
        return SMTP(
            Handler(),
            authenticator=authenticate,
            auth_required=MODE != "none",
            auth_require_tls=is_starttls,
            require_starttls=is_starttls,
            tls_context=context if is_starttls else None,
        )

    loop = asyncio.get_running_loop()
    encryption = context if MODE == "tls" else None
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=encryption)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
