"""One POST against a real server, well and badly behaved."""

import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clientela.foundation.webhooks import posting, signing
from clientela.foundation.webhooks.posting import allowed, post
from clientela.foundation.webhooks.tests.conftest import LOOPBACK

pytestmark = pytest.mark.server


def send(url, timeout=5.0):
    return post(url, {"webhook-id": "msg_1"}, '{"имя":1}', open_networks=LOOPBACK, timeout=timeout)


def test_the_signature_is_that_of_the_specification():
    """The published example of the reference libraries."""
    headers = signing.headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body='{"test": 2432232314}',
        keys=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_message_arrives_whole(receiver):
    answer = send(receiver.url)

    assert (answer.fault, answer.status, answer.text) == ("", 200, '{"ok":true}')
    [taken] = receiver.taken
    assert (taken.path, taken.body) == ("/hooks?from=crm", '{"имя":1}')
    assert taken.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert taken.headers["content-type"] == "application/json"
    assert taken.headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_a_refusal_is_kept(receiver, status):
    receiver.does, receiver.answer = status, "нет".encode()

    answer = send(receiver.url)

    assert (answer.fault, answer.status, answer.text) == ("status", status, "нет")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.does = status

    assert send(receiver.url).fault == "redirect"
    assert [taken.path for taken in receiver.taken] == ["/hooks?from=crm"]


@pytest.mark.parametrize(
    ("does", "fault"),
    [("silence", "timeout"), ("drip", "timeout"), ("noise", "protocol"), ("hang up", "protocol")],
)
def test_misbehaviour_ends(receiver, does, fault):
    receiver.does = does

    assert send(receiver.url, timeout=0.5).fault == fault


def test_a_huge_answer_is_cut(receiver):
    receiver.does = "flood"

    answer = send(receiver.url)

    assert (answer.fault, answer.status, answer.text) == ("", 200, "x" * posting.LONGEST_ANSWER)


def test_the_status_counts_even_if_the_answer_never_ends(receiver):
    receiver.does = "slow end"

    answer = send(receiver.url, timeout=0.5)

    assert (answer.fault, answer.status, answer.text) == ("", 200, "begun")


def test_nobody_is_there(receiver):
    receiver.stop()

    assert send(receiver.url).fault == "connection"


def test_a_closed_network_hears_nothing(receiver):
    for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"):
        answer = post(f"http://{host}:{receiver.port}/", {}, "{}")
        assert (host, answer.fault) == (host, "forbidden")
    assert receiver.taken == []


@pytest.mark.parametrize("url", ["http://no-such-name.invalid/", "http://" + "a" * 300 + ".example/"])
def test_a_name_without_an_address(url):
    assert send(url).fault == "name"


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.5.5", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_closed_addresses(address):
    assert not allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a02:6b8::2:242", "::ffff:8.8.8.8"])
def test_public_addresses(address):
    assert allowed(address)


def test_a_closed_network_can_be_opened():
    assert allowed("10.20.0.7", ["10.20.0.0/16"])
    assert not allowed("10.21.0.7", ["10.20.0.0/16"])


@pytest.fixture
def secure(tmp_path):
    """A server with a certificate that this machine does not know; ``secure.certificate`` is its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    day, today = dt.timedelta(days=1), dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - day).not_valid_after(today + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    both = tmp_path / "server.pem"
    both.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(204)
            self.end_headers()

        def log_message(self, format, *args):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)

    class Server(HTTPServer):
        def handle_error(self, request, client_address):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.certificate = both
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_is_checked(secure):
    assert send(f"https://localhost:{secure.server_port}/").fault == "certificate"


def test_a_known_certificate_is_good_for_its_name_only(secure, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
    posting._context.cache_clear()
    try:
        assert send(f"https://localhost:{secure.server_port}/").status == 204
        assert send(f"https://127.0.0.1:{secure.server_port}/").fault == "certificate"
    finally:
        posting._context.cache_clear()
