"""One POST to an address that a person typed: no closed networks, no redirects, no end without a deadline.

The name is resolved at each send, and the connection goes to the very address that was looked at, so a name that
changes its address in between gains nothing.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore
import httpx

from clientela.foundation.webhooks.models import Delivery

TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 4096
# Addresses that carry an IPv4 address inside (RFC 6052): it is the inner one that counts.
_NAT64 = ip_network("64:ff9b::/96")
_REDIRECTS = range(300, 400)
Fault = Delivery.Fault


@dataclass(frozen=True)
class Answer:
    """What became of one attempt; ``fault`` is empty when the receiver took the message.

    ``retry_after`` is the receiver's header of that name as it came.
    """

    fault: str = ""
    status: int | None = None
    text: str = ""
    took_ms: int = 0
    retry_after: str = ""


class _Forbidden(Exception):
    """Every address of the name lies in a closed network."""


class _UnknownName(Exception):
    """The name has no address."""


def post(
    url: str,
    headers: dict[str, str],
    body: str | bytes,
    *,
    open_networks: Iterable[str] = (),
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """Send ``body``; never raises. ``open_networks`` are closed networks that may be written to all the same."""
    started = time.monotonic()
    backend = _Backend(started + timeout, list(open_networks))
    status, text, retry_after = None, b"", ""
    content = body.encode() if isinstance(body, str) else body
    try:
        target = httpx.URL(url)
        with (
            httpcore.ConnectionPool(ssl_context=_context(), network_backend=backend) as pool,
            pool.stream("POST", _plain(target), headers=_headers(target, headers), content=content) as answer,
        ):
            status, retry_after = answer.status, _retry_after(answer.headers)
            for piece in answer.iter_stream():
                text += piece
                if len(text) >= LONGEST_ANSWER:
                    break
            fault = _fault_of(status)
    except Exception as error:
        # The receiver's word is its status: an answer that breaks off after it changes nothing.
        fault = _fault_of(status) if status is not None else _explain(error)
    took = round((time.monotonic() - started) * 1000)
    shown = text[:LONGEST_ANSWER].decode(errors="replace").replace("\x00", "")
    return Answer(fault, status, shown, took, retry_after)


def allowed(address: str, open_networks: Iterable[str] = ()) -> bool:
    """Whether an address may be written to: on the public internet, or in one of ``open_networks``."""
    found = _inner(ip_address(address.partition("%")[0]))
    if any(found in ip_network(network) for network in open_networks):
        return True
    return found.is_global and not found.is_multicast


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address


def _plain(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(url: httpx.URL, headers: dict[str, str]) -> list[tuple[str, str]]:
    fixed = {
        "Host": url.netloc.decode(),
        "Content-Type": "application/json",
        "User-Agent": "Clientela",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    return list((fixed | headers).items())


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"retry-after"), "")


def _fault_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return Fault.REDIRECT if status in _REDIRECTS else Fault.STATUS


def _explain(error: Exception) -> str:
    if isinstance(error, _Forbidden):
        return Fault.FORBIDDEN
    if isinstance(error, _UnknownName | httpx.InvalidURL | UnicodeError):
        return Fault.NAME
    if isinstance(error, httpcore.TimeoutException):
        return Fault.TIMEOUT
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error.__context__, ssl.SSLError):
        return Fault.CERTIFICATE
    if isinstance(error, httpcore.ProtocolError):
        return Fault.PROTOCOL
    return Fault.CONNECTION


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _Stream(httpcore.NetworkStream):
    """A connection on which every step gets what is left of the whole time."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Resolves by itself and connects only where it may."""

    def __init__(self, deadline: float, open_networks: list[str]) -> None:
        super().__init__()
        self._deadline, self._open = deadline, open_networks

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _UnknownName(host) from error
        addresses = [str(row[4][0]) for row in found if allowed(str(row[4][0]), self._open)]
        if not addresses:
            raise _Forbidden(host)
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                inner = super().connect_tcp(address, port, _left(self._deadline), None, socket_options)
                return _Stream(inner, self._deadline)
            except httpcore.ConnectError:
                if not last:
                    raise
        raise AssertionError("the loop returns or raises")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
