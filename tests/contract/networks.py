"""The networks of the channels as the contract sees them: send, look at the client's device, answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from email.message import EmailMessage
from email.utils import make_msgid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.integrations.local.transport import LocalTransport
from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport
from clientela.integrations.telegram.transport import TelegramTransport
from clientela.integrations.vk.transport import VkTransport
from clientela.integrations.vk.webhooks import CallbackSettings, Forged
from clientela.modules.contacts.ports import (
    IncomingMessage,
    OutgoingMessage,
    Receipt,
    ReceiptOutcome,
    SendResult,
    Transport,
)
from tests.servers import telegram, vk
from tests.servers.mail import MAILBOXES, PASSWORD, MailServers
from tests.servers.process import free_port
from tests.servers.smsc import Smsc

IDENTITY = MailIdentity("broker.test", "bounce@broker.test", "contract")


class StoringInbox:
    """Keeps what comes as a database would: an incoming message once by its external id."""

    def __init__(self) -> None:
        self.all_receipts: list[Receipt] = []
        self.messages: dict[str, IncomingMessage] = {}
        self.deliveries = 0
        self.fail_next = 0

    def receipts(self, receipts: list[Receipt]) -> None:
        self.all_receipts += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        if self.fail_next:
            self.fail_next -= 1
            raise RuntimeError("the database is away")
        self.deliveries += len(messages)
        for message in messages:
            self.messages.setdefault(message.external_id, message)

    def from_address(self, address: str, text: str) -> list[IncomingMessage]:
        return [
            message
            for message in list(self.messages.values())
            if message.from_address == address and message.text == text
        ]


def wait_until(condition: Callable[[], object], seconds: float = 40) -> None:
    """Raises `TimeoutError` when the condition does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)


class Network(Protocol):
    """One channel with its client. `address` takes messages, `bad_address` cannot.

    `receipt` is the good news this network gives about a message, None where it gives none.
    """

    address: str
    bad_address: str
    receipt: ReceiptOutcome | None
    transport: Transport

    def arrived(self) -> list[str]:
        """Texts on the client's device."""

    def read(self, result: SendResult) -> None:
        """The client looks at the message, where the network's receipt needs that."""

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        """The client answers; the network delivers the answer `times` times, each until it is stored."""

    def away(self) -> Transport:
        """A transport of the same kind whose server does not answer."""


class LocalNetwork:
    receipt: ReceiptOutcome = "delivered"

    def __init__(self, kind: type[LocalTransport], address: str, bad_address: str) -> None:
        self.address, self.bad_address = address, bad_address
        self.transport = kind()
        self._sent: list[str] = []
        send = self.transport.send

        # What the demo shows on the client's phone is our own record of accepted messages.
        def remember(batch: list[OutgoingMessage]) -> list[SendResult]:
            results = send(batch)
            self._sent += [
                message.text
                for message, result in zip(batch, results, strict=True)
                if result.outcome == "accepted" and message.to == address
            ]
            return results

        self.transport.send = remember  # type: ignore[method-assign, assignment]

    def arrived(self) -> list[str]:
        return self._sent

    def read(self, result: SendResult) -> None:
        pass

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        for _ in range(times):
            for _ in range(3):
                try:
                    self.transport.receive(self.address, "office", text, external_id=f"reply-{sent.id}")
                    break
                except RuntimeError:
                    continue

    def away(self) -> Transport:
        transport = type(self.transport)()
        transport.down = True
        return transport


class SmppNetwork:
    address, bad_address = "+79990000010", "+79990000099"
    receipt: ReceiptOutcome = "delivered"

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc
        self.transport = SmppTransport(self._settings(smsc.port))

    def _settings(self, port: int) -> SmppSettings:
        return SmppSettings(
            host="127.0.0.1",
            port=port,
            system_id="clientela",
            password="secret",
            sender="Prichal",
            backoff=(0.05, 0.2),
            connect_wait=2,
        )

    def arrived(self) -> list[str]:
        return self._smsc.texts(self.address.removeprefix("+"))

    def read(self, result: SendResult) -> None:
        pass

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        self._smsc.say(self.address.removeprefix("+"), "0999", text, times)

    def away(self) -> Transport:
        return SmppTransport(self._settings(free_port()))


class MailCursor:
    """A cursor that lives as long as the test."""

    def __init__(self, value: str | None = None) -> None:
        self.value = value

    def get(self) -> str | None:
        return self.value

    def move(self, before: str | None, to: str) -> bool:
        if self.value != before:
            return False
        self.value = to
        return True

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        pass


class MailNetwork:
    address, bad_address = "client@client.test", "nobody@client.test"
    receipt: ReceiptOutcome = "delivered"

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers
        self.transport = self._transport(servers.smtp_port, readers=True)

    def _transport(self, port: int, *, readers: bool) -> SmtpTransport:
        settings = SmtpSettings(host="127.0.0.1", port=port, sender="Причал <office@broker.test>")
        boxes = [
            MailboxReader(
                ImapSettings(
                    host="127.0.0.1",
                    port=self._servers.imap_port,
                    user=user,
                    password=PASSWORD,
                    security="",
                    history=True,
                    retry_pause=0.1,
                ),
                IDENTITY,
                MailCursor(),
            )
            for user in MAILBOXES[:2]
            if readers
        ]
        return SmtpTransport(settings, IDENTITY, boxes)

    def arrived(self) -> list[str]:
        return [mail.text.replace("\r\n", "\n").strip() for mail in self._servers.mails(self.address)]

    def read(self, result: SendResult) -> None:
        pass

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.address, "office@broker.test", "Re: вопрос"
        mail["Message-ID"] = make_msgid(domain="client.test")
        mail["In-Reply-To"] = IDENTITY.message_id(sent.id)
        mail.set_content(
            f"{text}\n\n22.11.2026 10:00, Причал <office@broker.test> пишет:\n> {sent.text[:60]}\n"
        )
        for _ in range(times):
            self._servers.post(mail)

    def away(self) -> Transport:
        return self._transport(free_port(), readers=False)


class VkNetwork:
    address, bad_address = "1001", "2000000000000"
    receipt: ReceiptOutcome = "read"

    def __init__(self, server: vk.VkServer) -> None:
        self._server = server
        self.transport = self._transport(server.base_url)

    def _transport(self, base_url: str) -> VkTransport:
        callback = CallbackSettings(vk.GROUP_ID, vk.SECRET, vk.CONFIRMATION)
        return VkTransport(vk.TOKEN, base_url=base_url, callback=callback)

    def arrived(self) -> list[str]:
        return self._server.texts(int(self.address))

    def read(self, result: SendResult) -> None:
        body = self._server.message_read(int(self.address), int(result.provider_ids[0]))
        assert self._server.push(body) == "ok"

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        ours = next(message for message in self._server.sent if message.text == sent.text)
        body = self._server.message_new(int(self.address), text, reply_to=ours)
        assert self._server.push(body, times=times) == "ok"

    def away(self) -> Transport:
        return self._transport(f"http://127.0.0.1:{free_port()}/method/")


class TelegramNetwork:
    address, bad_address = "1001", "1403"
    receipt = None

    def __init__(self, server: telegram.TelegramServer) -> None:
        self._server = server
        self.transport = self._transport(server.base_url)

    def _transport(self, base_url: str) -> TelegramTransport:
        return TelegramTransport(
            telegram.TOKEN,
            MailCursor(),
            base_url=base_url,
            calls_per_second=1000,
            retry_pause=0.1,
            poll_seconds=1,
        )

    def arrived(self) -> list[str]:
        return self._server.texts(int(self.address))

    def read(self, result: SendResult) -> None:
        pass

    def reply(self, sent: OutgoingMessage, text: str, times: int) -> None:
        body = self._server.message(int(self.address), text)
        self._server.put(self._server.update("message", body), times=times)

    def away(self) -> Transport:
        return self._transport(f"http://127.0.0.1:{free_port()}")


@contextmanager
def callback_server(transport: VkTransport) -> Iterator[str]:
    """The address of a web server that hands VK's events to `transport`, as our pages do."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, words = 200, transport.receive(body)
            except Forged:
                status, words = 403, "forged"
            except RuntimeError:
                status, words = 500, "later"
            self.send_response(status)
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/vk/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
