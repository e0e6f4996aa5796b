"""The other side of each provider, made of libraries that know nothing of Postroom.

`python3 peers.py KIND FOLDER` listens on a free port of the loopback and writes lines of JSON: first
where it is reached, then what it received. FOLDER takes the certificate of the authority that
vouches for it.
"""

import base64
import json
import os
import socket
import ssl
import sys
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


TURN = threading.Lock()


def say(**fields):
    # Requests are answered side by side, and `print` writes a line in pieces.
    with TURN:
        print(json.dumps(fields), flush=True)


def smtp(_):
    """Takes mail; refuses `later…` once with 451, and `nobody…` with 550."""
    take_mail()


def guarded(folder):
    """The same, for whoever has made the connection secret and knows the password."""
    from aiosmtpd.smtp import AuthResult

    def knows(server, session, envelope, mechanism, login):
        # That nothing is "handled" means that the library is to answer.
        known = (login.login, login.password) == (b"shop", b"open sesame")
        say(login=login.login.decode(), known=known, secret=session.ssl is not None)
        return AuthResult(success=known, handled=False)

    take_mail(
        tls_context=certified(folder),
        require_starttls=True,
        auth_required=True,
        authenticator=knows,
    )


def take_mail(**settings):
    from aiosmtpd.controller import Controller

    class Handler:
        later = set()

        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("nobody"):
                say(refused=address, code=550)
                return "550 nobody of this name"
            if address.startswith("later") and address not in self.later:
                self.later.add(address)
                say(refused=address, code=451)
                return "451 come again"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            say(
                sender=envelope.mail_from,
                recipients=envelope.rcpt_tos,
                id=mail["Message-ID"],
                subject=mail["Subject"],
                submitted=mail["Auto-Submitted"],
                text=mail.get_content().strip().replace("\r\n", "\n"),
            )
            return "250 taken"

    controller = Controller(Handler(), hostname="127.0.0.1", port=free_port(), **settings)
    controller.start()
    say(port=controller.port)
    threading.Event().wait()


def silent(_):
    """Greets as a mail server does, and says nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        say(port=listener.getsockname()[1])
        held = []
        while True:
            connection, _ = listener.accept()
            connection.sendall(b"220 silent ESMTP\r\n")
            held.append(connection)
            say(greeted=len(held))


def sms(_):
    """Twilio's shape: by the last digit of the number it takes (0), asks for patience once (1),
    refuses (2), or takes it and never answers (3)."""
    asked = set()

    def answer(handler, body):
        expected = "Basic " + base64.b64encode(b"AC17:open sesame").decode()
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        known = handler.headers["Authorization"] == expected
        say(path=handler.path, known=known, form=form)
        to = form["To"]
        if to.endswith("3"):
            threading.Event().wait()
        if to.endswith("2"):
            return 400, {}, {"code": 21211, "message": "no such number", "status": 400}
        if to.endswith("1") and to not in asked:
            asked.add(to)
            return 429, {"Retry-After": "1"}, {"code": 20429, "message": "slow", "status": 429}
        return 201, {}, {"sid": "SM17", "status": "queued", "to": to}

    serve(answer, None)


def webhook(folder):
    """Checks every request with the library `standardwebhooks`; answers 410 below `/gone`."""
    from standardwebhooks import Webhook

    receiver = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    def answer(handler, body):
        try:
            payload, problem = receiver.verify(body, dict(handler.headers)), None
        except Exception as error:
            payload, problem = None, repr(error)
        say(path=handler.path, payload=payload, problem=problem, id=handler.headers["webhook-id"])
        return (410 if handler.path.startswith("/gone") else 204), {}, None

    serve(answer, folder)


def push(folder):
    """A browser and its push service: decrypts with `http_ece`, checks the token with `py_vapid`."""
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from py_vapid import Vapid02

    private, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    sender = Vapid02()
    sender.generate_keys()
    senders = sender.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    number = sender.private_key.private_numbers().private_value

    def answer(handler, body):
        said = dict(handler.headers)
        token = handler.headers["authorization"].split("t=")[1].split(",")[0]
        claims = token.split(".")[1]
        try:
            text = http_ece.decrypt(body, private_key=private, auth_secret=auth, version="aes128gcm")
            payload, problem = json.loads(text), None
        except Exception as error:
            payload, problem = None, repr(error)
        say(
            path=handler.path,
            payload=payload,
            problem=problem,
            vouched=bool(Vapid02.verify(handler.headers["authorization"])),
            claims=json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))),
            headers={name.lower(): value for name, value in said.items()},
        )
        return (410 if handler.path.startswith("/gone") else 201), {}, None

    serve(
        answer,
        folder,
        fragment=f"p256dh={text64(public)}&auth={text64(auth)}",
        public_key=text64(senders),
        private_key=text64(number.to_bytes(32, "big")),
    )


def text64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def serve(answer, folder, **about):
    """HTTP on a free port; encrypted, if there is a folder for the authority's certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, document = answer(self, body)
            text = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            # A client may break off: what that means to it, the test asks on its side.
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(*_)

    server = Server(("127.0.0.1", 0), Handler)
    if folder is not None:
        context = certified(folder)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    say(port=server.server_address[1], **about)
    server.serve_forever()


def certified(folder):
    """A certificate for this machine, and in the folder the authority that vouches for it."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(os.path.join(folder, "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


KINDS = [smtp, guarded, silent, sms, webhook, push]

if __name__ == "__main__":
    {kind.__name__: kind for kind in KINDS}[sys.argv[1]](sys.argv[2])
