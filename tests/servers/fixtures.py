"""Fixtures of the real servers. Loaded by the root conftest: `pytest_plugins = ["tests.servers.fixtures"]`.

A test that uses one of them (or the mark `server`) may open sockets to this machine and nowhere else.
A missing program is an error that names the remedy, never a skip.
"""

import os
from collections.abc import Iterator

import pytest

from tests.servers.asterisk import UNAVAILABLE, Asterisk
from tests.servers.mail import MailServers
from tests.servers.postgres import SHARED, Postgres
from tests.servers.push import PushService
from tests.servers.raiffeisen import RaiffeisenServer
from tests.servers.redis import Redis
from tests.servers.sip import People
from tests.servers.smsc import Smsc
from tests.servers.smtp import ScriptedSmtp
from tests.servers.telegram import TelegramServer
from tests.servers.vk import VkServer
from tests.servers.yookassa import YooKassaServer

LOOPBACK = ["127.0.0.1", "127.0.0.2", "::1", "localhost"]
SERVER_FIXTURES = frozenset(
    {
        "postgres_dsn",
        "redis_server",
        "smsc",
        "mail_servers",
        "scripted_smtp",
        "vk_server",
        "asterisk",
        "telegram_server",
        "push_service",
        "yookassa_server",
        "raiffeisen_server",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & SERVER_FIXTURES:
            item.add_marker("server")
        if item.get_closest_marker("server") and not item.get_closest_marker("allow_hosts"):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """`postgres://…` of the run's cluster: a superuser, an empty database."""
    shared = os.environ.get(SHARED)
    if shared:
        yield shared
        return
    cluster = Postgres()
    os.environ[SHARED] = cluster.dsn
    yield cluster.dsn
    del os.environ[SHARED]
    cluster.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """Postfix and Dovecot, shared by the run: use subjects of your own."""
    servers = MailServers()
    yield servers
    servers.stop()


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    """A fresh SMSC on its own port."""
    server = Smsc()
    yield server
    server.stop()


@pytest.fixture
def scripted_smtp() -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp()
    yield server
    server.stop()


@pytest.fixture
def vk_server() -> Iterator[VkServer]:
    server = VkServer()
    yield server
    server.stop()


@pytest.fixture
def telegram_server() -> Iterator[TelegramServer]:
    server = TelegramServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """A PBX, shared by the run; the one program whose packages may be out of reach."""
    if UNAVAILABLE.exists():
        pytest.skip(UNAVAILABLE.read_text())
    server = Asterisk()
    yield server
    server.stop()


@pytest.fixture
def people(asterisk: Asterisk) -> Iterator[People]:
    """Whoever is rung through the PBX, and calls it."""
    everybody = People(asterisk.people, asterisk.sip)
    yield everybody
    everybody.stop()


@pytest.fixture
def push_service() -> Iterator[PushService]:
    """The push service of some browsers."""
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def yookassa_server() -> Iterator[YooKassaServer]:
    server = YooKassaServer()
    yield server
    server.stop()


@pytest.fixture
def raiffeisen_server() -> Iterator[RaiffeisenServer]:
    server = RaiffeisenServer()
    yield server
    server.stop()
