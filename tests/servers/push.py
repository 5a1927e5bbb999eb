"""A push service of a browser on this machine: it takes what is posted, opens it with the browser's keys, checks the token."""

import base64
import json
import os
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class BrowserKeys:
    """The keys a browser makes when it subscribes."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)
        point = self._private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.p256dh, self.auth = _text(point), _text(self._secret)

    def open(self, sealed: bytes) -> Any:
        """What was encrypted for this browser (RFC 8291), read as JSON."""
        plain = http_ece.decrypt(
            sealed, private_key=self._private, auth_secret=self._secret, version="aes128gcm"
        )
        return json.loads(plain)


@dataclass
class Taken:
    """One request: what it said to the browser, and who signed it."""

    path: str
    headers: dict[str, str]
    said: Any
    claims: dict[str, Any]
    key: str


@dataclass
class PushService:
    """``does`` is the status it answers with; 201 opens the message and keeps it in ``taken``."""

    does: int = 201
    retry_after: str = ""
    browsers: dict[str, BrowserKeys] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)

    def __post_init__(self) -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(service._take(self.path, headers, body))
                if service.retry_after:
                    self.send_header("Retry-After", service.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def subscribe(self, name: str) -> dict[str, str]:
        """A new browser: what it tells the product."""
        keys = self.browsers[f"/{name}"] = BrowserKeys()
        return {"endpoint": f"{self.origin}/{name}", "p256dh": keys.p256dh, "auth": keys.auth}

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        if self.does != 201:
            return self.does
        try:
            claims, key = verified(headers["authorization"])
            said = self.browsers[path].open(body)
        except Exception:
            return 400
        self.taken.append(Taken(path, headers, said, claims, key))
        return 201

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def verified(authorization: str) -> tuple[dict[str, Any], str]:
    """Claims of a VAPID header (RFC 8292) and its key; raises if the signature or the time is not good."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    signed, _, signature = parts["t"].rpartition(".")
    raw = _raw(signature)
    numbers = [int.from_bytes(raw[:32]), int.from_bytes(raw[32:])]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(parts["k"]))
    key.verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))
    head, claims = (json.loads(_raw(part)) for part in signed.split("."))
    assert head["alg"] == "ES256"
    assert time.time() < claims["exp"] <= time.time() + 24 * 60 * 60
    return claims, parts["k"]
